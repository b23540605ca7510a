"""Ctrl-C and kill -9 at every step: an install leaves nothing, an update the old version."""

from __future__ import annotations

import dataclasses
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from roforlmao.errors import Cancelled
from roforlmao.progress import Progress
from roforlmao.tools import environment, journal, trust
from roforlmao.tools.install import get_installed, installed, sweep, uninstall
from roforlmao.tools.journal import Work
from roforlmao.tools.update import update
from tests.faults.gitrepos import Counting, git, isolate, python
from tests.faults.toolrepos import World, files, world

ONCE = Path(__file__).with_name("install_once.py")
WHOLE = {
    "imports/tools/sample",
    "imports/data/sample",
    "state/tools/sample.json",
    "state/definitions/sample.json",
    "state/environments/sample",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    isolate(monkeypatch, tmp_path / "home")
    return world(tmp_path, files(installer="mkdir -p out; echo one\n"))


def forget(here: World) -> None:
    for directory in (here.places.imports, here.places.state):
        shutil.rmtree(directory, ignore_errors=True)


def test_ctrl_c_at_every_step_of_an_install_leaves_nothing(here: World) -> None:
    counting = Counting()
    here.install(counting)
    forget(here)
    assert counting.checkpoints >= 8
    for step in range(1, counting.checkpoints + 1):
        with pytest.raises(Cancelled):
            here.install(Counting(stop=step))
        assert here.left() == set(), step
    here.install()
    assert here.left() == WHOLE


def test_kill_9_at_every_step_of_an_install_leaves_nothing_after_the_next_start(here: World) -> None:
    counting = Counting()
    here.install(counting)
    forget(here)
    for step in range(1, counting.checkpoints + 1):
        killed = python(ONCE, str(here.top), "install", str(step))
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert installed(here.places) == []
        assert sweep(here.places) == ["sample"], step
        assert here.left() == set(), step
    here.install()
    assert here.left() == WHOLE


def test_the_next_install_clears_up_by_itself(here: World) -> None:
    counting = Counting()
    here.install(counting)
    forget(here)
    assert python(ONCE, str(here.top), "install", str(counting.checkpoints)).returncode == -signal.SIGKILL
    assert (here.places.tools / "sample").exists()
    here.install()
    assert here.left() == WHOLE


def test_kill_9_at_every_step_of_an_update_leaves_one_version_whole(here: World) -> None:
    before = here.install()
    newest = here.commit({"run.py": "print('two')\n"})
    counting = Counting()
    update(here.tool, here.places, counting, local=True, trust=True)
    keep = here.top / "keep"
    for step in range(1, counting.checkpoints + 1):
        forget(here)
        if not keep.exists():
            git(here.top / "code.git-seed", "push", "--quiet", "--force", "origin", f"{before.commit}:main")
            here.install()
            git(here.top / "code.git-seed", "push", "--quiet", "--force", "origin", f"{newest}:main")
            shutil.copytree(here.places.imports, keep / "imports", symlinks=True)
            shutil.copytree(here.places.state, keep / "state", symlinks=True)
        else:
            shutil.copytree(keep / "imports", here.places.imports, symlinks=True)
            shutil.copytree(keep / "state", here.places.state, symlinks=True)
        killed = python(ONCE, str(here.top), "update", str(step))
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert sweep(here.places) == ["sample"], step
        tool = get_installed("sample", here.places)
        assert git(tool.path, "rev-parse", "HEAD") == tool.commit == before.commit, step
        assert git(tool.path, "status", "--porcelain", "--untracked-files=no") == "", step
        assert trust.check_trust(tool, here.tool, here.places, trust=False) == tool
        assert environment.ready("sample", here.places), step
        assert here.left() == WHOLE, step
    assert update(here.tool, here.places, Progress(), local=True, trust=True).commit == newest


def test_an_update_that_was_killed_after_its_record_stands(here: World) -> None:
    before = here.install()
    here.commit({"run.py": "print('two')\n"})
    after = update(here.tool, here.places, Progress(), local=True, trust=True)
    journal.begin(Work("sample", "update", before=before.commit), here.places)
    environment.directory("sample", here.places).with_name(".sample.before").mkdir()
    assert sweep(here.places) == ["sample"]
    assert get_installed("sample", here.places).commit == after.commit
    assert git(after.path, "rev-parse", "HEAD") == after.commit
    assert here.left() == WHOLE


def test_kill_9_of_the_launcher_ends_the_installer_and_all_it_started(here: World) -> None:
    here.commit({"install.sh": "setsid sleep 300 & echo $$ $! > ids; echo up; sleep 300\n"})
    code = (
        "import sys; from pathlib import Path; from tests.faults.toolrepos import again\n"
        "from roforlmao.progress import Progress\n"
        "class P(Progress):\n    def log(self, line): print(line, flush=True)\n"
        "again(Path(sys.argv[1])).install(P())"
    )
    paths = str(Path(__file__).parents[2])
    words = ["env", f"PYTHONPATH={paths}", sys.executable, "-c", code, str(here.top)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout
        assert any(line == "up\n" for line in launcher.stdout)
        ids = [int(word) for word in (here.places.tools / "sample" / "ids").read_text().split()]
        processes = [psutil.Process(number) for number in ids]
        launcher.kill()
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert alive == []
    assert sweep(here.places) == ["sample"]
    assert here.left() == set()


def test_a_sweep_leaves_alone_what_another_launcher_is_doing(here: World) -> None:
    swept: list[list[str]] = []

    class Meanwhile(Progress):
        def log(self, line: str) -> None:
            if line == "one":
                words = "import sys; from pathlib import Path; from tests.faults.toolrepos import again;"
                words += (
                    "from roforlmao.tools.install import sweep; print(sweep(again(Path(sys.argv[1])).places))"
                )
                paths = str(Path(__file__).parents[2])
                done = subprocess.run(
                    ["env", f"PYTHONPATH={paths}", sys.executable, "-c", words, str(here.top)],
                    capture_output=True,
                    text=True,
                    check=True,
                )
                swept.append([done.stdout.strip()])

    tool = here.install(Meanwhile())
    assert swept == [["[]"]]
    assert here.left() == WHOLE
    assert get_installed("sample", here.places) == dataclasses.replace(tool, notes=())


def test_a_killed_uninstall_is_finished_or_never_happened(here: World) -> None:
    tool = here.install()
    work = Work("sample", "uninstall", new_data=True)
    journal.begin(work, here.places)  # killed before the record went: the tool is still installed
    assert sweep(here.places) == ["sample"]
    assert here.left() == WHOLE
    journal.begin(work, here.places)
    (here.places.state / "tools" / "sample.json").unlink()  # killed after it
    tool.path.rename(tool.path.with_name(".sample.removing"))
    assert sweep(here.places) == ["sample"]
    assert here.left() == {"state/definitions/sample.json"}
    here.install()
    uninstall("sample", here.places)
    assert here.left() == {"state/definitions/sample.json"}
