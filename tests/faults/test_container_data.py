"""What a container does to its data directory, and what the operator's git makes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from roforlmao.errors import LossRefused, Refused
from roforlmao.git.sync import commit, prepare, publish
from roforlmao.tools.records import Installed
from tests.faults.containertools import Bench, bench, limits, mounted_small
from tests.faults.engines import Daemon
from tests.faults.gitrepos import git

PROJECT = Path(__file__).resolve().parents[2]
DATA = "/usr/src/app/data"


@pytest.fixture
def place(daemon: Daemon, tmp_path: Path, home: Path) -> Bench:
    return bench(daemon, tmp_path)


@pytest.fixture
def tool(place: Bench) -> Installed:
    place.daemon.import_image("plain:1")
    return place.install("plain", "plain:1")


def data_of(tool: Installed) -> Path:
    assert tool.data_path is not None
    return tool.data_path


def published(place: Bench, tool: Installed) -> list[str]:
    """What the remote has after a sync."""
    commit(prepare(data_of(tool)), "sync 2026-11-22\n", operator="me")
    publish(data_of(tool), "me")
    return git(Path(place.remote), "ls-tree", "-r", "--name-only", "main").splitlines()


def test_what_it_writes_can_be_published(place: Bench, tool: Installed) -> None:
    script = f"umask 077; cd {DATA}; mkdir sub; echo 3 > sub/day2.csv; echo '*' > .gitignore"
    assert place.shell(tool, script).state == "succeeded"
    assert published(place, tool) == [".gitignore", "day1.csv", "sub/day2.csv"]


@pytest.mark.parametrize(
    "script",
    [
        "rm -rf .git",
        "mv .git elsewhere",
        "echo 'ref: refs/heads/evil' > .git/HEAD",
        "echo '#!/bin/sh' > .git/hooks/pre-commit",
        "printf '[core]\\n\\tfsmonitor = touch /tmp/pwned\\n' >> .git/config",
    ],
    ids=["removed", "replaced", "head", "a hook", "a program in the configuration"],
)
def test_it_can_neither_see_nor_touch_gits_own_files(place: Bench, tool: Installed, script: str) -> None:
    before = {p: p.read_bytes() for p in (data_of(tool) / ".git").rglob("*") if p.is_file()}
    done = place.shell(tool, f"cd {DATA}; ls -A .git; {script}")
    assert done.state == "failed"
    assert "config" not in done.tail.splitlines()
    after = {p: p.read_bytes() for p in (data_of(tool) / ".git").rglob("*") if p.is_file()}
    assert after == before


def test_a_repository_inside_the_data_is_refused_before_git_works_there(
    place: Bench, tool: Installed, tmp_path: Path
) -> None:
    proof = tmp_path / "ran"
    config = f"[core]\\n\\trepositoryformatversion = 0\\n\\tfsmonitor = touch {proof}\\n"
    script = f"cd {DATA}; mkdir -p sub/.git/objects sub/.git/refs; cd sub/.git; printf '{config}' > config"
    assert place.shell(tool, f"{script}; echo ref: refs/heads/main > HEAD").state == "succeeded"
    with pytest.raises(Refused, match="a git repository of its own"):
        prepare(data_of(tool))
    assert not proof.exists()


def test_a_link_out_of_the_directory_is_refused(place: Bench, tool: Installed) -> None:
    assert place.shell(tool, f"ln -s /etc/passwd {DATA}/day2.csv").state == "succeeded"
    with pytest.raises(Refused, match="symbolic link"):
        prepare(data_of(tool))


def test_data_that_it_deletes_is_not_published_as_deleted(place: Bench, tool: Installed) -> None:
    assert place.shell(tool, f"rm {DATA}/day1.csv; echo 3 > {DATA}/day2.csv").state == "succeeded"
    losses = prepare(data_of(tool)).losses
    assert [(loss.path, loss.kind) for loss in losses] == [("day1.csv", "deleted")]
    assert LossRefused.exit_status == 5


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 60 MB."""
    place = mounted_small(tmp_path / "small")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.mark.parametrize("ending", ["", "; exit 0"], ids=["it says so", "it hides it"])
def test_a_disk_that_it_fills_makes_the_run_a_failed_one(
    place: Bench, tool: Installed, small: Path, ending: str
) -> None:
    from roforlmao.git.clone import clone

    clone(place.remote, small / "data", local=True)
    filling = replace(tool, data_path=small / "data")
    done = place.shell(filling, f"dd if=/dev/zero of={DATA}/big.bin bs=1M{ending}")
    assert done.state == "failed"
    assert "exit code 1" in done.reason or "is full, so what it left may be partial" in done.reason
    assert place.left_over() == []


AS_OPERATOR = """
import json, sys
from pathlib import Path
sys.path.insert(0, {project!r})
from roforlmao.git.clone import clone
from roforlmao.git.sync import prepare
from tests.faults.containertools import Bench, limits
from tests.faults.engines import Daemon
from roforlmao.paths import Places
top = Path(sys.argv[1])
places = Places(top / "state", top / "imports", top / "work")
bench = Bench(Daemon(Path(sys.argv[2]), ""), places, sys.argv[3])
tool = bench.install("rooted", "rooted:1")
done = bench.shell(tool, sys.argv[5], limits=limits(as_root=sys.argv[4] == "root"))
files = {{p.name: p.stat().st_uid for p in tool.data_path.rglob("*.csv")}}
changes = [change.path for change in prepare(tool.data_path).changes]
print(json.dumps([done.state, done.reason, done.tail, files, changes]))
"""
OPERATOR_ID = 54321


@pytest.fixture
def theirs() -> Iterator[Path]:
    """A home of another user; not below pytest's own directory, which no other user may enter."""
    with tempfile.TemporaryDirectory(prefix="rfl-", dir="/tmp") as name:
        os.chown(name, OPERATOR_ID, OPERATOR_ID)
        yield Path(name)


@pytest.mark.parametrize("user", ["operator", "root"])
def test_an_operator_who_is_not_root_owns_what_it_wrote(place: Bench, theirs: Path, user: str) -> None:
    """The image says USER root, and writes files that only their owner reads."""
    place.daemon.import_image("rooted:1", changes=["USER root"])
    remote = theirs / "data.git"
    shutil.copytree(place.remote, remote)
    subprocess.run(["chown", "-R", str(OPERATOR_ID), remote], check=True)
    socket = Path(place.daemon.host.removeprefix("unix://"))
    socket.parent.chmod(0o755)
    os.chown(socket, 0, OPERATOR_ID)
    script = f"umask 077; id -u; cd {DATA}; mkdir -p a/b; echo 1 > a/b/deep.csv; echo 2 > top.csv"
    if user == "root":
        script += "; chown 0:0 . a; chmod 700 ."
    words = ["setpriv", f"--reuid={OPERATOR_ID}", f"--regid={OPERATOR_ID}", "--clear-groups", sys.executable]
    words += [
        "-c",
        AS_OPERATOR.format(project=str(PROJECT)),
        str(theirs),
        str(socket.parent),
        str(remote),
        user,
    ]
    environment = {**os.environ, "HOME": str(theirs), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([*words, script], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    state, reason, tail, files, changes = json.loads(done.stdout)
    assert (state, reason) == ("succeeded", "")
    assert tail.split()[0] == ("0" if user == "root" else str(OPERATOR_ID))
    assert files == dict.fromkeys(("day1.csv", "deep.csv", "top.csv"), OPERATOR_ID)
    assert changes == ["a/b/deep.csv", "top.csv"]


def test_many_files_of_root_are_taken_over_at_once(place: Bench, tool: Installed) -> None:
    """They belong to a user that is neither the operator nor root, as an exception lets the image do."""
    script = (
        f"cd {DATA}; for i in $(seq 60); do echo $i > f$i.csv; done; chown -R 7:7 f*.csv; chmod 000 f1.csv"
    )
    done = place.shell(tool, script, limits=limits(as_root=True))
    assert (done.state, done.tail) == ("succeeded", "")
    assert {p.stat().st_uid for p in data_of(tool).glob("*.csv")} == {os.getuid()}
    assert (data_of(tool) / "f60.csv").read_text() == "60\n"
    assert git(data_of(tool), "status", "--short", "--branch").splitlines()[0].startswith("## main")
