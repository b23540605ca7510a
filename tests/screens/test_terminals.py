"""Whole screens on real pseudo-terminals: sizes, a resize, tmux, signals, the way it is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import termios
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.terminal import Terminal

ROOT = Path(__file__).parents[2]
SAMPLE = str(Path(__file__).with_name("sample.py"))


def sample(part: str, *, cols: int = 80, rows: int = 24, term: str = "xterm-256color") -> Terminal:
    environ = {"PYTHONPATH": str(ROOT), "TERM": term}
    return Terminal([sys.executable, SAMPLE, part], cols=cols, rows=rows, env=environ)


@pytest.mark.parametrize("term", ["xterm-256color", "screen-256color", "tmux-256color", "vt100"])
@pytest.mark.parametrize("cols", [60, 80])
def test_a_session_of_questions(cols: int, term: str) -> None:
    with sample("menu", cols=cols, term=term) as seen:
        screen = seen.wait_for("ada · registry embedded")
        lines = screen.splitlines()
        assert lines[0] == " Registered tools"
        assert lines[1].endswith("1 of 40")
        assert lines[2].startswith(" » tool-01  collects")
        assert len(lines) == 24
        seen.send("tool-3")
        seen.wait_for("1 of 10 (in 40)")
        seen.press("down", "enter")
        seen.wait_for("chose 31")
        seen.wait_for("Name of the tool:")
        seen.send("a/b\r")
        seen.wait_for("'a/b' cannot be a name.")
        seen.press("backspace", "backspace")
        seen.wait_gone("cannot be")
        seen.press("enter")
        seen.wait_for("lines 1 to 17 of 40")
        seen.send("y")
        assert seen.wait_end() == 0
        assert "said True" in seen.screen()
        assert not seen.cursor_hidden


@pytest.mark.parametrize(("cols", "rows"), [(60, 24), (100, 30), (40, 12)])
def test_a_resize_redraws_the_question_whole(cols: int, rows: int) -> None:
    with sample("menu") as seen:
        seen.wait_for("ada · registry embedded")
        seen.press("pagedown")
        seen.wait_for("20 of 40")
        seen.resize(cols, rows)
        seen.press("down")

        def whole() -> bool:
            screen = seen.screen()
            return (
                screen.startswith(" Registered tools\n /")
                and screen.count("Registered tools") == 1
                and " » tool-21" in screen
                and "21 of 40" in screen
                and screen.endswith("\nada · registry embedded")
            )

        seen.wait_until(whole, what="the whole question")


def test_no_terminal_is_asked_where_its_cursor_stands() -> None:
    with sample("menu") as seen:
        seen.wait_for("ada · registry embedded")
        assert b"\x1b[6n" not in seen.raw


def sane(seen: Terminal) -> bool:
    local = termios.tcgetattr(seen.descriptor)[3]
    return all(local & flag for flag in (termios.ECHO, termios.ICANON, termios.ISIG))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(("part", "text"), [("menu", "ada · registry"), ("work", "40 of 100")])
def test_a_signal_leaves_the_terminal_as_it_was(part: str, text: str, number: signal.Signals) -> None:
    with sample(part) as seen:
        seen.wait_for(text)
        assert not sane(seen), "keys are not echoed while it runs"
        os.kill(seen.pid, number)
        seen.wait_gone(text)
        seen.wait_until(lambda: not seen.cursor_hidden)
        assert b"\x1b[?25h" in seen.raw
        assert seen.wait_end() == 128 + number
        assert "Traceback" not in seen.screen()
        assert sane(seen)


def test_a_terminal_that_goes_away_ends_it_quietly() -> None:
    with sample("menu") as seen:
        seen.wait_for("ada · registry embedded")
        assert seen.hang_up() == 41, "the question says that it is closed"


def test_control_c_ends_the_work_and_the_bar_vanishes() -> None:
    with sample("work", cols=60) as seen:
        screen = seen.wait_for("40 of 100 objects")
        assert "Ctrl-C stops" in screen
        assert all(len(line) < 60 for line in screen.splitlines())
        seen.send("typed while nobody asks\r")
        seen.press("ctrl-c")
        assert seen.wait_end() == 0
        assert seen.screen() == "above\nended: Stopped."
        assert not seen.cursor_hidden


@pytest.mark.parametrize(("cols", "rows"), [(60, 24), (50, 10), (120, 40)])
def test_a_resize_does_not_break_the_bar(cols: int, rows: int) -> None:
    scrolled_away = rows < 12  # the log took half of 24 rows
    with sample("work") as seen:
        seen.wait_for("40 of 100 objects")
        seen.resize(cols, rows)
        seen.wait_for("0:01")
        screen = seen.screen()
        assert screen.count("Ctrl-C stops") == 1
        assert ("above" not in screen) if scrolled_away else screen.startswith("above\n")
        seen.press("ctrl-c")
        assert seen.wait_end() == 0


@pytest.fixture
def tmux() -> Iterator[list[str]]:
    """A tmux server of the test's own."""
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    command = ["tmux", "-L", f"roforlmao-{uuid.uuid4().hex[:8]}", "-f", "/dev/null"]
    yield command
    subprocess.run([*command, "kill-server"], check=False, capture_output=True)


def test_in_tmux_a_narrower_window_is_redrawn_whole(tmux: list[str]) -> None:
    def shown() -> str:
        done = subprocess.run([*tmux, "capture-pane", "-p"], check=True, capture_output=True, text=True)
        return done.stdout.rstrip()

    def wait_for(*texts: str) -> str:
        deadline = time.monotonic() + 15
        while not all(text in (screen := shown()) for text in texts):
            assert time.monotonic() < deadline, f"waited in vain for {texts!r}; the screen:\n{screen}"
        return screen

    run = f"PYTHONPATH={ROOT} {sys.executable} {SAMPLE} menu; echo left with $?; sleep 60"
    subprocess.run([*tmux, "new-session", "-d", "-x", "80", "-y", "24", run], check=True)
    wait_for("ada · registry embedded")
    subprocess.run([*tmux, "resize-window", "-x", "60", "-y", "24"], check=True)
    subprocess.run([*tmux, "send-keys", "Down"], check=True)
    screen = wait_for("2 of 40", " » tool-02", "\n   tool-20", "\nada · registry embedded")
    assert screen.count("Registered tools") == 1
    assert screen.count("ada") == 1
    subprocess.run([*tmux, "send-keys", "Escape"], check=True)
    assert "ada · registry embedded" not in wait_for("left with 40")
