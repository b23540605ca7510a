"""A script's run: its end is the end of all its children, whatever ended it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from roforlmao.errors import StorageFailed, ToolFailed
from roforlmao.models import Execution
from roforlmao.progress import Progress
from roforlmao.tools.script import run
from roforlmao.tools.variables import minimal
from tests.faults.watching import Watching

BROOD = str(Path(__file__).with_name("brood.py"))
CANCEL_WITHIN = 5.0  # seconds, promised
LAUNCHER = """
import sys
from pathlib import Path
from roforlmao.progress import Progress
from roforlmao.tools import script, variables
class Printing(Progress):
    def log(self, line):
        print(line, flush=True)
top = Path(sys.argv[1])
script.run(sys.argv[2:], cwd=top, env=variables.minimal(), log=top / "log", progress=Printing())
"""


def start(top: Path, *argv: str, progress: Progress | None = None, timeout: float | None = None) -> Execution:
    return run(
        argv,
        cwd=top,
        env=minimal(),
        log=top / "log",
        progress=progress or Progress(),
        timeout=timeout,
    )


def shell(top: Path, text: str, progress: Progress | None = None, timeout: float | None = None) -> Execution:
    return start(top, "sh", "-c", text, progress=progress, timeout=timeout)


def brood_of(line: str) -> list[int]:
    word, *ids = line.split()
    assert word == "brood", line
    return [int(number) for number in ids]


def alive(ids: list[int]) -> list[int]:
    """Those that still run; a zombie whose parent is slow does not."""
    return [i for i in ids if psutil.pid_exists(i) and psutil.Process(i).status() != psutil.STATUS_ZOMBIE]


def assert_gone(ids: list[int], within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while alive(ids) and time.monotonic() < deadline:
        time.sleep(0.02)  # they are nobody's children here, so there is no event to wait for
    left = alive(ids)
    for number in left:
        os.kill(number, signal.SIGKILL)
    assert left == []


def sleepers(seconds: str) -> list[int]:
    """Those that the stubborn child breeds are not in the brood's list."""
    return [p.pid for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", seconds]]


@pytest.fixture
def seconds() -> str:
    """How long the sleepers of this test sleep, as no other test's do."""
    return f"300.{os.getpid()}{time.monotonic_ns()}"


@pytest.mark.parametrize(
    ("text", "state", "code", "reason"),
    [
        ("exit 0", "succeeded", 0, ""),
        ("exit 3", "failed", 3, "It ended with exit code 3."),
        ("kill -TERM $$", "failed", 143, "It was killed by SIGTERM (exit code 143)."),
        ("kill -KILL $$", "failed", 137, "It was killed by SIGKILL (exit code 137)."),
    ],
)
def test_the_exit_is_told_as_it_was(tmp_path: Path, text: str, state: str, code: int, reason: str) -> None:
    done = shell(tmp_path, text)
    assert (done.state, done.exit_code, done.reason) == (state, code, reason)
    assert done.started.tzinfo
    assert done.started <= done.finished


def test_output_goes_to_log_screen_and_tail_in_order(tmp_path: Path) -> None:
    progress = Watching()
    done = shell(tmp_path, "echo one; echo two >&2; printf 'caf\\303\\251'; printf '\\n\\377end'", progress)
    assert progress.lines == ["one", "two", "café", "\ufffdend"]
    assert (tmp_path / "log").read_bytes() == b"one\ntwo\ncaf\xc3\xa9\n\xffend"
    assert done.tail == "one\ntwo\ncafé\n\ufffdend"


def test_a_log_is_continued_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("before\n")
    shell(tmp_path, "echo after")
    assert (tmp_path / "log").read_text() == "before\nafter\n"


def test_arguments_are_words_and_the_directory_and_variables_are_the_tools(tmp_path: Path) -> None:
    code = "import os, sys; print(sys.argv[1:], os.getcwd(), os.environ.get('SSH_AUTH_SOCK'))"
    done = start(tmp_path, sys.executable, "-c", code, "; echo hacked", "a b", "")
    assert done.tail == f"['; echo hacked', 'a b', ''] {tmp_path} None\n"


def test_it_has_no_input_no_terminal_and_the_usual_signals(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; print(sys.stdin.read() == '', os.isatty(1),"
        " open('/proc/self/status').read().split('SigIgn:')[1].split()[0],"
        " len(os.listdir('/proc/self/fd')))"
    )
    done = start(tmp_path, "/usr/bin/env", "python3", "-S", "-c", code)
    words = done.tail.split()
    assert words[:2] == ["True", "False"]
    # Python itself ignores SIGPIPE and SIGXFSZ, glibc its own 32 and 33, and a shell has what it starts in
    # the background ignore SIGINT and SIGQUIT: no more may be.
    usual = [one for one in signal.Signals if signal.getsignal(one) == signal.SIG_IGN]
    assert int(words[2], 16) & ~sum(1 << one - 1 for one in usual) & 0x7FFFFFFF == 0
    assert int(words[3]) == 4  # 0, 1, 2 and the listing itself: nothing of the launcher's leaks
    assert shell(tmp_path, "yes | head -n 1; trap - PIPE; kill -PIPE $$").exit_code == 141


@pytest.mark.parametrize("mode", ["end", "stay"])
def test_all_children_end_with_it_also_those_that_left_its_session(
    tmp_path: Path, mode: str, seconds: str
) -> None:
    progress = Watching()
    done = start(
        tmp_path,
        sys.executable,
        BROOD,
        mode,
        seconds,
        progress=progress,
        timeout=None if mode == "end" else 1.0,
    )
    assert done.state == ("succeeded" if mode == "end" else "timed-out")
    assert alive(brood_of(progress.lines[0])) == []
    assert sleepers(seconds) == []


def test_cancel_ends_the_most_stubborn_within_five_seconds(tmp_path: Path, seconds: str) -> None:
    progress = Watching(cancel_at="brood")
    done = start(tmp_path, sys.executable, BROOD, "stay", seconds, progress=progress)
    assert done.state == "cancelled"
    assert time.monotonic() - progress.cancelled_at < CANCEL_WITHIN
    assert alive(brood_of(progress.lines[0])) == []


def test_cancel_lets_a_tool_that_listens_clean_up(tmp_path: Path) -> None:
    progress = Watching(cancel_at="ready")
    done = shell(tmp_path, "trap 'echo cleaned; exit 0' TERM; echo ready; sleep 300 & wait", progress)
    assert done.state == "cancelled"
    assert progress.lines == ["ready", "cleaned"]
    assert time.monotonic() - progress.cancelled_at < 1.5


def test_a_timeout_ends_it_and_says_so(tmp_path: Path) -> None:
    began = time.monotonic()
    done = shell(tmp_path, "sleep 300", timeout=0.3)
    assert (done.state, done.exit_code) == ("timed-out", 143)
    assert done.reason == "It was stopped after its timeout of 0.3 s."
    assert time.monotonic() - began < 2


def test_kill_9_of_the_launcher_ends_the_tool_and_all_its_children(tmp_path: Path, seconds: str) -> None:
    words = [sys.executable, "-c", LAUNCHER, str(tmp_path), sys.executable, BROOD, "stay", seconds]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as launcher:
        assert launcher.stdout
        ids = brood_of(launcher.stdout.readline())
        supervisors = [child.pid for child in psutil.Process(launcher.pid).children()]
        assert alive(ids) == ids
        launcher.kill()
    assert_gone([*ids, *supervisors])
    assert_gone(sleepers(seconds))


def test_an_interrupt_in_the_launcher_ends_it_too(tmp_path: Path, seconds: str) -> None:
    class Interrupted(Watching):
        @property
        def cancelled(self) -> bool:
            if self.lines:
                raise KeyboardInterrupt
            return False

    progress = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        start(tmp_path, sys.executable, BROOD, "stay", seconds, progress=progress)
    assert alive(brood_of(progress.lines[0])) == []


def test_a_killed_supervisor_is_a_failure_and_the_tool_does_not_live_on(tmp_path: Path) -> None:
    done = shell(tmp_path, "echo $$ > pid; kill -KILL $PPID; sleep 300")
    assert done.state == "failed"
    assert "with its supervisor" in done.reason
    assert_gone([int((tmp_path / "pid").read_text())])


def test_what_cannot_be_ended_is_not_waited_for(tmp_path: Path, seconds: str) -> None:
    """A child that left the group of a killed supervisor's tool keeps the pipe open, and writes."""
    began = time.monotonic()
    escapes = f"setsid sh -c 'while sleep 0.1; do echo x; done; : {seconds}' &"
    done = shell(tmp_path, f"echo last words; {escapes} sleep 0.5; kill -9 $PPID; sleep 300")
    escaped = [p for p in psutil.process_iter(["cmdline"]) if seconds in str(p.info["cmdline"])]
    for process in escaped:
        process.kill()
    assert escaped
    assert done.state == "failed"
    assert done.tail.startswith("last words\n")
    assert time.monotonic() - began < 8


def test_a_screen_that_breaks_is_an_error_not_a_silence(tmp_path: Path) -> None:
    class Broken(Progress):
        def log(self, line: str) -> None:
            raise BrokenPipeError(line)

    with pytest.raises(BrokenPipeError, match="hello"):
        shell(tmp_path, "echo hello", Broken())
    assert (tmp_path / "log").read_text() == "hello\n"


def test_what_cannot_be_started_has_a_sentence(tmp_path: Path) -> None:
    binary = tmp_path / "garbage"
    binary.write_bytes(b"\x7fELF garbage")
    binary.chmod(0o755)
    for words, said in (
        (["no-such-program"], "'no-such-program' is not installed here"),
        ([str(binary)], "cannot be started: Exec format error"),
        (["sh", "x" * 3_000_000], "cannot be started: Argument list too long"),
    ):
        with pytest.raises(ToolFailed, match=said):
            start(tmp_path, *words)
    with pytest.raises(ToolFailed, match="cannot be started: No such file"):
        run(["true"], cwd=tmp_path / "gone", env=minimal(), log=tmp_path / "log", progress=Progress())


def test_a_log_that_cannot_be_opened_stops_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    with pytest.raises(StorageFailed):
        shell(tmp_path, "touch ran")
    assert not (tmp_path / "ran").exists()


def test_two_runs_at_once_do_not_hold_each_other(tmp_path: Path) -> None:
    """A control socket or pipe that leaked into the other run would keep it waiting."""
    progress = Watching(cancel_at="never")
    slow = threading.Thread(target=shell, args=(tmp_path, "echo up; sleep 300", progress))
    slow.start()
    while not progress.lines:
        time.sleep(0.01)
    began = time.monotonic()
    assert (
        run(["true"], cwd=tmp_path, env=minimal(), log=tmp_path / "two", progress=Progress()).exit_code == 0
    )
    assert time.monotonic() - began < 2
    progress.cancel()
    slow.join(CANCEL_WITHIN)
    assert not slow.is_alive()
