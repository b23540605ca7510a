"""Whole sessions in a real terminal: what an operator sees and types, from the wizard to the peer."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.screens.terminal import Terminal
from tests.session.world import DATA, PROJECT, Operator, World, clean_environment, days

DAY = "2019-07-23"
MENU = "Try it with a sample"


@contextmanager
def launcher(world: World, home: Path, *options: str, cols: int = 80, rows: int = 24) -> Iterator[Terminal]:
    env = {**clean_environment(), "HOME": str(world.root.parent / "login")}
    env["ROFORLMAO_REGISTRY__SQLITE__PATH"] = str(world.registry)
    env["ROFORLMAO_ALLOW_LOCAL_REPOSITORIES"] = "true"
    command = [sys.executable, str(PROJECT / "launcher.py"), "--home", str(home), *options]
    with Terminal(command, cols=cols, rows=rows, env=env, cwd=PROJECT) as terminal:
        yield terminal


def choose(terminal: Terminal, *titles: str) -> None:
    """Searches for each entry and enters it."""
    for title in titles:
        terminal.wait_for(title)
        terminal.send(title)
        terminal.wait_for(f"/ {title}")
        terminal.press("enter")


def answer(terminal: Terminal, question: str, text: str = "") -> None:
    terminal.wait_for(question)
    terminal.send(text)
    terminal.press("enter")


def agree(terminal: Terminal, question: str) -> None:
    terminal.wait_for(question)
    terminal.send("y")  # one key; an Enter would answer the next question


def leave(terminal: Terminal) -> None:
    terminal.press("escape")
    choose(terminal, "Quit")
    assert terminal.wait_end() == 0


@pytest.mark.skipif(not days(), reason=f"the recorded days are not at {DATA}")
@pytest.mark.parametrize("cols", [80, 60])
def test_from_the_wizard_to_the_peer(world: World, cols: int) -> None:
    code, data = world.releaser(), world.bare("data")
    with launcher(world, world.root / "alice", cols=cols) as terminal:
        terminal.wait_for("Welcome")
        answer(terminal, "your name in the federation", "\x15alice")
        answer(terminal, "where to keep your files")
        answer(terminal, "Embedded")
        terminal.wait_for("You are alice")
        choose(terminal, "Tools", "Register a tool")
        answer(terminal, "name of the tool", "a/b")
        terminal.wait_for("cannot be a tool name")
        terminal.send("\x15")
        answer(terminal, "name of the tool", "releaser")
        answer(terminal, "container image")
        answer(terminal, "who wrote it")
        answer(terminal, "URL of its data repository", data)
        answer(terminal, "URL of its code repository", code)
        answer(terminal, "what it watches", "aws-sar")
        answer(terminal, "description", "one day per run")
        terminal.wait_for("Registered releaser")
        agree(terminal, "Install releaser now?")
        terminal.wait_for("Trust this and go on?")
        assert "Source: file:///" in terminal.screen()
        assert "Ctrl-C stops" not in terminal.screen()  # the bar is gone with the work
        terminal.send("y")
        agree(terminal, "Run releaser now?")
        answer(terminal, "its arguments: directory", str(DATA))
        answer(terminal, "its arguments: day", DAY)
        terminal.wait_for("succeeded")
        agree(terminal, "Publish what it left?")
        answer(terminal, "the hub that the data is about", "aws-sar")
        terminal.wait_for("Published: 708 rows")
        terminal.wait_for("Unregister a tool")
        terminal.wait_until(lambda: terminal.screen().splitlines()[-1].startswith("alice"))
        assert "--hub aws-sar" in terminal.screen().replace("\n", "")  # the verb that repeats it
        leave(terminal)
    with launcher(world, world.root / "bob", cols=cols) as terminal:
        answer(terminal, "your name in the federation", "\x15bob")
        answer(terminal, "where to keep your files")
        answer(terminal, "Embedded")
        choose(terminal, "Retrieve a peer's data", "aws-sar", "20", "alice")
        terminal.wait_for("Cloned aws-sar/alice")
        leave(terminal)
    name = f"autocontents-{DAY}.csv"
    retrieved = world.root / "bob" / "imports" / "peers" / "aws-sar" / "alice" / name
    assert retrieved.read_bytes() == (DATA / name).read_bytes()


def test_the_sample_observatory_can_be_tried_from_the_menu_within_20_seconds(world: World) -> None:
    alice = world.operator("alice")
    with launcher(world, alice.home) as terminal:
        terminal.wait_for(MENU)
        began = time.monotonic()
        choose(terminal, MENU)
        terminal.wait_for("Look around as bob", timeout=30)
        assert time.monotonic() - began < 20
        leave(terminal)


def test_the_sample_as_a_verb_says_where_its_snapshot_is(world: World) -> None:
    data = world.operator("alice").done("demo")
    snapshot = Path(data["snapshot"])
    assert snapshot.is_file()
    assert "bob" in snapshot.parts
    assert data["rows"] == snapshot.read_bytes().count(b"\n") - 1 > 5
    assert world.operator("bob").done("demo", "--directory", data["directory"])["rows"] == data["rows"]
    (world.root / "mine").mkdir()
    (world.root / "mine" / "thesis.tex").write_text("years of work")
    refused = world.root.joinpath("mine")
    assert Operator("alice", world.root / "alice").verb("demo", "--directory", refused).status == 5
    assert (refused / "thesis.tex").exists()


SLOW = {
    "mao.yml": "Name: slow\nData: {Local: data}\nCommands: [{Name: go, Command: sh, Script: go.sh}]\n",
    "go.sh": "echo begun; (setsid sleep 300 &) ; sleep 300\n",
}


def test_ctrl_c_ends_a_tool_with_its_children_within_5_seconds_and_the_menu_stays(world: World) -> None:
    alice = world.operator("alice")
    alice.done("tool", "add", "slow", "--code-repo", world.tool("slow", SLOW))
    alice.done("tool", "install", "slow", "--trust")
    with launcher(world, alice.home) as terminal:
        choose(terminal, "Run a tool", "slow")
        terminal.wait_for("begun")
        children = psutil.Process(terminal.pid).children(recursive=True)
        assert len(children) >= 3
        began = time.monotonic()
        terminal.press("ctrl-c")
        terminal.wait_for("cancelled")
        assert time.monotonic() - began < 5
        _, alive = psutil.wait_procs(children, timeout=5)
        assert not alive, alive
        terminal.wait_for(MENU)
        leave(terminal)
    [run] = alice.done("run", "list")
    assert run["state"] == "cancelled"


LOUD = {
    "mao.yml": "Name: loud\nData: {Local: data}\nCommands: [{Name: go, Command: sh, Script: go.sh}]\n",
    "go.sh": "mkdir -p data; yes 'a line as long as the lines of tools are' | head -c 1000000000\n",
}


def test_a_tool_that_prints_a_gigabyte_neither_grows_nor_slows_the_launcher(world: World) -> None:
    alice = world.operator("alice")
    alice.done("tool", "add", "loud", "--code-repo", world.tool("loud", LOUD))
    alice.done("tool", "install", "loud", "--trust")
    with launcher(world, alice.home) as terminal:
        choose(terminal, "Run a tool", "loud")
        peak, process = 0, psutil.Process(terminal.pid)

        def ended() -> bool:
            nonlocal peak
            peak = max(peak, process.memory_info().rss)
            return "succeeded" in terminal.screen()

        terminal.wait_until(ended, timeout=60)
    parts = list((alice.home / "state" / "logs").glob("*.log*"))
    assert sum(part.stat().st_size for part in parts) == 1_000_000_000
    for part in parts:
        part.unlink()
    assert peak < 150e6, f"{peak / 1e6:.0f} MB"


def test_no_color_means_no_colour_codes(world: World) -> None:
    alice = world.operator("alice")
    with launcher(world, alice.home, "--no-color") as terminal:
        choose(terminal, "Settings", "Check this machine")
        terminal.wait_for("Again:")
        leave(terminal)
        assert set(re.findall(rb"\x1b\[([0-9;]*)m", terminal.raw)) <= {b"", b"0"}


def test_escape_goes_back_and_ctrl_c_asks_to_quit(world: World) -> None:
    with launcher(world, world.operator("alice").home) as terminal:
        choose(terminal, "Tools")
        terminal.wait_for("roforlmao > Tools")
        terminal.press("escape")
        terminal.wait_for(MENU)
        terminal.press("escape")  # at the top it does nothing
        terminal.press("ctrl-c")
        terminal.wait_for("Quit?")
        terminal.send("n")
        terminal.wait_for(MENU)
        terminal.press("ctrl-c")
        agree(terminal, "Quit?")
        assert terminal.wait_end() == 0


def test_the_last_choice_is_where_the_menu_begins_next_time(world: World) -> None:
    alice = world.operator("alice")
    for _ in range(2):
        with launcher(world, alice.home) as terminal:
            choose(terminal, "Notifications")
            terminal.wait_for("roforlmao > Notifications")
            terminal.press("escape")
            terminal.wait_for("» Notifications")
            leave(terminal)
    with launcher(world, alice.home) as terminal:
        assert "» Notifications" in terminal.wait_for(MENU)


def test_an_error_is_shown_with_its_hint_and_the_menu_goes_on(world: World) -> None:
    alice = world.operator("alice")
    with launcher(world, alice.home) as terminal:
        choose(terminal, "Tools", "Register from a marketplace file")
        answer(terminal, "a JSON list of entries", "/nowhere.json")
        shown = terminal.wait_for("Cannot read /nowhere.json")
        assert "Traceback" not in shown
        terminal.wait_for("roforlmao > Tools")
        leave(terminal)


def test_what_a_killed_launcher_left_is_said_above_the_open_menu(world: World) -> None:
    alice = world.operator("alice")
    alice.done("tool", "add", "slow", "--code-repo", world.tool("slow", SLOW))
    alice.done("tool", "install", "slow", "--trust")
    env = {**clean_environment(), "HOME": str(world.root.parent / "login")}
    with subprocess.Popen(
        alice.command("tool", "run", "slow", "--no-sync"),
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        log = wait_for_log(alice)
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        assert not psutil.wait_procs(children, timeout=5)[1]
    assert log.read_text() == "begun\n"
    with launcher(world, alice.home) as terminal:
        assert "lost" in terminal.wait_for("1 unread notice")
    assert alice.done("run", "list")[0]["state"] == "lost"


def wait_for_log(operator: Operator) -> Path:
    """The log of the only run, once the tool has written to it."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        for log in (operator.home / "state" / "logs").glob("*.log"):
            if log.read_text() == "begun\n":
                return log
        time.sleep(0.02)
    raise AssertionError("the tool did not begin")


def test_no_terminal_is_exit_2_that_names_the_verbs(world: World) -> None:
    done = subprocess.run(
        world.operator("alice").command(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "tool get" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_plain_menus_write_no_escape_sequence(world: World) -> None:
    with launcher(world, world.operator("alice").home, "--plain") as terminal:
        terminal.wait_for("Your choice")
        terminal.send("Tools\r")
        terminal.wait_for("Register a tool")
        terminal.send("b\r")
        terminal.wait_for("Your choice [Tools]")
        terminal.send("Quit\r")
        assert terminal.wait_end() == 0
        assert b"\x1b" not in terminal.raw


def test_sigterm_leaves_the_terminal_as_it_was(world: World) -> None:
    with launcher(world, world.operator("alice").home) as terminal:
        terminal.wait_for(MENU)
        psutil.Process(terminal.pid).terminate()
        assert terminal.wait_end() == 128 + 15
        assert not terminal.cursor_hidden


def test_a_registry_that_is_away_is_said_in_the_status_line_and_in_words(world: World) -> None:
    alice = world.operator("alice")
    alice.done("tool", "get")
    world.registry.write_bytes(b"this was a registry once" * 100)
    with launcher(world, alice.home) as terminal:
        terminal.wait_for("registry away")
        choose(terminal, "Tools", "Registered tools")
        terminal.wait_for("Error:")
        leave(terminal)
