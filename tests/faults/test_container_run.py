"""Running containers on a real engine: how they end is told apart, and nothing is left behind."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from roforlmao.errors import BadInput, Busy, EngineAbsent, NotFound, StorageFailed
from roforlmao.limits import Secret
from roforlmao.tools.records import Installed
from tests.faults.containertools import Bench, bench, limits
from tests.faults.engines import Daemon
from tests.faults.watching import Watching

STOPPED_WITHIN = 15.0  # seconds, promised


@pytest.fixture
def place(daemon: Daemon, tmp_path: Path, home: Path) -> Bench:
    return bench(daemon, tmp_path)


@pytest.fixture
def tool(place: Bench) -> Installed:
    place.daemon.import_image("plain:1")
    return place.install("plain", "plain:1")


def test_a_snapshot_is_left_in_the_data_clone_and_belongs_to_the_operator(
    place: Bench, tool: Installed
) -> None:
    done = place.shell(
        tool, "echo hello; echo world >&2; cd /usr/src/app/data; echo 3 > day2.csv; cat day1.csv"
    )
    assert (done.state, done.exit_code, done.reason) == ("succeeded", 0, "")
    assert sorted(done.tail.split()) == ["1", "2", "hello", "world"]
    assert tool.data_path is not None
    assert (tool.data_path / "day2.csv").read_text() == "3\n"
    assert (tool.data_path / "day2.csv").stat().st_uid == os.getuid()
    assert done.finished >= done.started
    assert place.left_over() == []


@pytest.mark.parametrize(
    ("script", "code", "reason"),
    [
        ("exit 1", 1, "It ended with exit code 1."),
        ("kill -9 $$", 137, "It was killed by SIGKILL (exit code 137), not by the launcher."),
        ("kill -TERM $$", 143, "It was killed by SIGTERM (exit code 143), not by the launcher."),
        ("head -c 200m /dev/zero | tail > /dev/null; exit 0", 0, "One of its processes ran out of memory"),
        ("exec tail /dev/zero", 137, "It ran out of memory: its limit of 64 MB was reached (exit code 137)."),
    ],
    ids=["exit code 1", "killed", "terminated", "out of memory in a child", "out of memory"],
)
def test_ends_are_told_apart(place: Bench, tool: Installed, script: str, code: int, reason: str) -> None:
    done = place.shell(tool, script)
    assert (done.state, done.exit_code) == ("failed", code)
    assert done.reason.startswith(reason)
    assert place.left_over() == []


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [(["no-such-program"], 127, "'no-such-program'"), (["/etc"], 126, "'/etc'")],
)
def test_what_cannot_be_started_is_told(
    place: Bench, tool: Installed, words: list[str], code: int, named: str
) -> None:
    done = place.run(tool, *words)
    assert (done.state, done.exit_code) == ("failed", code)
    assert done.reason.startswith(f"It never started: {named} cannot be run in the image")
    assert place.left_over() == []


def test_a_network_that_is_not_there_is_told(place: Bench, tool: Installed) -> None:
    done = place.run(tool, "true", limits=limits(network="elsewhere"))
    assert (done.state, done.exit_code) == ("failed", 125)
    assert "elsewhere" in done.reason
    assert place.left_over() == []


def test_an_image_that_is_gone_is_told_before_anything_runs(place: Bench, tool: Installed) -> None:
    place.daemon.clear()
    with pytest.raises(Exception, match="is not there any more"):
        place.run(tool, "true")
    assert place.left_over() == []


@pytest.mark.parametrize("script", ["trap '' TERM; echo up; while :; do sleep 1; done", "echo up; sleep 300"])
def test_cancel_ends_it_within_the_promised_time(place: Bench, tool: Installed, script: str) -> None:
    progress = Watching(cancel_at="up")
    done = place.shell(tool, script, progress=progress)
    assert done.state == "cancelled"
    assert done.reason == "It was stopped by the operator."
    assert time.monotonic() - progress.cancelled_at < STOPPED_WITHIN
    assert place.left_over() == []


def test_one_that_never_ends_is_stopped_by_its_time_limit(place: Bench, tool: Installed) -> None:
    done = place.shell(tool, "echo partial > /usr/src/app/data/day2.csv; sleep 300", timeout=1.0)
    assert (done.state, done.exit_code) == ("timed-out", 143)
    assert done.reason == "It was stopped after its timeout of 1 s."
    assert place.left_over() == []


def test_a_fork_bomb_meets_its_limit_and_the_machine_lives(place: Bench, tool: Installed) -> None:
    bomb = "bomb() { bomb | bomb & }; bomb; sleep 300"
    done = place.shell(tool, bomb, limits=limits(pids=20), timeout=2.0)
    assert done.state in ("timed-out", "failed")
    assert place.left_over() == []


def test_words_reach_the_image_as_they_are(place: Bench, tool: Installed) -> None:
    words = ["sh", "-c", 'printf "%s|" "$@"', "x", "; echo hacked", "$(id)", "a b", ""]
    assert place.run(tool, *words).tail == "; echo hacked|$(id)|a b||"


def test_it_runs_with_the_least_privilege(place: Bench, tool: Installed) -> None:
    script = """
        grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status
        touch /file 2>/dev/null || echo root is read-only
        touch /tmp/file && echo /tmp is writable
        echo home $HOME
        ls /var/run/docker.sock /run/docker.sock 2>/dev/null || echo no socket
        ls /sys/class/net
        cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null
    """
    lines = place.shell(tool, script).tail.replace("\t", " ").splitlines()
    expected = ["CapBnd: 0000000000000000", "CapEff: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2"]
    assert sorted(lines[:4]) == expected
    assert lines[4:] == ["root is read-only", "/tmp is writable", "home /tmp", "no socket", "lo", "64"]


@pytest.mark.parametrize(("network", "expected"), [("bridge", {"eth0", "lo"}), ("none", {"lo"})])
def test_the_network_is_the_configured_one(
    place: Bench, tool: Installed, network: str, expected: set[str]
) -> None:
    done = place.run(tool, "ls", "/sys/class/net", limits=limits(network=network))
    assert set(done.tail.split()) & {"eth0", "lo"} == expected


def test_the_network_of_the_host_is_there_for_who_configured_it(place: Bench, tool: Installed) -> None:
    done = place.run(tool, "ls", "/sys/class/net", limits=limits(network="host"))
    assert place.daemon.bridge in done.tail.split()


def test_results_of_a_tool_without_data_repository_stay_in_its_own_directory(place: Bench) -> None:
    place.daemon.import_image("plain:1")
    alone = place.install("alone", "plain:1", data=False)
    assert place.shell(alone, "echo 1 > /usr/src/app/data/day.csv").state == "succeeded"
    assert (alone.results / "day.csv").read_text() == "1\n"


def test_an_input_is_there_and_read_only(place: Bench, tool: Installed, tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "a.csv").write_text("old\n")
    script = 'cat $ROFORLMAO_INPUT/a.csv; echo new > /usr/src/app/input/a.csv || echo "not writable"'
    done = place.shell(tool, script, directory=tmp_path / "given")
    assert {"old", "not writable"} < set(done.tail.splitlines())
    with pytest.raises(NotFound, match="no input dataset"):
        place.shell(tool, script, directory=tmp_path / "missing")


def test_a_name_that_is_taken_is_told_and_left_alone(place: Bench, tool: Installed) -> None:
    from roforlmao.tools.container import container_name

    with place.daemon.engine() as engine:
        engine.api.create_container("plain:1", ["true"], name=container_name("plain", place.places))
    with pytest.raises(Busy, match="is there already"):
        place.run(tool, "true")
    assert len(place.daemon.containers()) == 1
    assert place.left_over() == []


def test_no_engine_is_told_before_anything_runs(place: Bench, tool: Installed, tmp_path: Path) -> None:
    with pytest.raises(EngineAbsent):
        place.run(tool, "true", environ={"DOCKER_HOST": f"unix://{tmp_path}/none.sock"})
    assert place.left_over() == []


def test_a_full_disk_is_told_before_anything_runs(place: Bench, tool: Installed, small_disk: Path) -> None:
    from dataclasses import replace

    from roforlmao.git.clone import clone

    clone(place.remote, small_disk / "data", local=True)
    with pytest.raises(StorageFailed, match=r"is nearly full: [0-9]+ MB are free"):
        place.run(replace(tool, data_path=small_disk / "data"), "true")


SECRETS = {"TOKEN": Secret(env="MY_TOKEN"), "KEY": Secret(env="MY_KEY", as_file=True)}
VALUES = {"MY_TOKEN": "s3cr3t-token", "MY_KEY": "top-secret-key"}


def test_secrets_reach_the_tool_and_nothing_else(place: Bench, tool: Installed) -> None:
    script = """
        echo "token $TOKEN key $(cat $KEY_FILE) $(stat -c %a $KEY_FILE) ${#TOKEN}"
        printf s3cr3t-; sleep 0.2; printf 'token\\n'
        cat /proc/self/environ | tr '\\0' '\\n' | grep -c top-secret
    """
    done = place.shell(tool, script, limits=limits(secrets=SECRETS), environ=VALUES)
    assert done.tail.splitlines() == ["token [secret] key [secret] 400 12", "[secret]", "0"]
    assert "s3cr3t" not in place.log()
    assert "top-secret" not in place.log()
    kept = [path for path in place.places.state.rglob("*") if path.is_file()]
    assert not [path for path in kept if b"s3cr3t-token" in path.read_bytes()]
    assert not list(Path("/dev/shm").glob(f"roforlmao-plain-{os.getpid()}-*"))


def test_a_secret_file_does_not_show_in_inspect_nor_any_secret_in_arguments(
    place: Bench, tool: Installed
) -> None:
    seen: list[str] = []

    class Looking(Watching):
        def log(self, line: str) -> None:
            super().log(line)
            with place.daemon.engine() as engine:
                seen.append(str(engine.api.inspect_container(place.daemon.containers()[0]["Id"])))
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.append(path.read_bytes().decode(errors="replace"))
                except OSError:
                    continue  # it has ended
            self.cancel()

    place.shell(tool, "echo up; sleep 60", limits=limits(secrets=SECRETS), environ=VALUES, progress=Looking())
    assert "/run/secrets/KEY" in seen[0]
    assert "top-secret-key" not in "".join(seen)
    assert "s3cr3t-token" not in "".join(seen[1:])


def test_a_secret_that_is_not_there_is_told_by_name(place: Bench, tool: Installed) -> None:
    with pytest.raises(BadInput, match=r"The secret TOKEN is empty: \$MY_TOKEN"):
        place.run(tool, "true", limits=limits(secrets=SECRETS))
