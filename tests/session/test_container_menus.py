"""A container tool through the menus at 80x24, and its log by the verb, on a real engine and registry."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.contract.etcdcluster import wait_for
from tests.faults.engines import Daemon, ImageRegistry, registry
from tests.faults.launchers import launcher, running_in, tell, until
from tests.screens.terminal import Terminal
from tests.session.test_menus import agree, answer, choose, leave
from tests.session.world import PROJECT, Operator, World, clean_environment

SCRIPT = """set -eu
cd /usr/src/app/data
printf '\\033[2Jasked for %s, %s\\n' "$*" "${MODE:-no mode}"
for page in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do echo "fetching page $page"; done
while [ ! -e /tmp/go ]; do sleep 0.1; done
printf 'id,stars\\na,1\\nb,2\\n' > "autocontents-$1.csv"
echo 2 > "control-$1.csv"
echo collected "$1"
"""
LABELS = (
    "LABEL org.opencontainers.image.authors=Ada"
    ' org.opencontainers.image.description="Counts stars"'
    " org.opencontainers.image.source=https://example.org/ada/spike.git"
)


@pytest.fixture
def hub(world: World) -> Iterator[ImageRegistry]:
    with registry(world.root / "hub") as found:
        yield found


@pytest.fixture
def alice(world: World, daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.setenv("DOCKER_HOST", daemon.host)
    monkeypatch.setenv("DOCKER_CONFIG", str(world.root))
    daemon.clear()
    operator = world.operator("alice")
    with (operator.home / "config.yaml").open("a") as config:
        config.write("containers: {network: none, memory: 64m}\n")
    return operator


def menus(operator: Operator, cols: int = 80) -> Terminal:
    return Terminal(operator.command(), cols=cols, rows=24, env=clean_environment(), cwd=PROJECT)


def installed(operator: Operator, world: World, daemon: Daemon) -> None:
    daemon.import_image("spike:1", SCRIPT)
    operator.done("--yes", "tool", "add", "spike", "me", "spike:1", world.bare("data"), "", "")
    operator.done("tool", "install", "spike", "--trust")


@pytest.mark.parametrize("cols", [80, 60])
def test_from_the_form_to_the_history(
    alice: Operator, world: World, daemon: Daemon, hub: ImageRegistry, cols: int
) -> None:
    image = f"{hub.host}/group/spike:1"
    daemon.import_image(image, SCRIPT, changes=[LABELS])
    daemon.push(image)
    data = world.bare("data")
    with menus(alice, cols) as terminal:
        choose(terminal, "Tools", "Register a tool")
        answer(terminal, "name of the tool", "spike")
        answer(terminal, "container image", "-rf")
        terminal.wait_for("begins with '-'")
        answer(terminal, "container image", f"\x15{image}")
        answer(terminal, "> Ada")  # from the label, as the next ones
        answer(terminal, "URL of its data repository", data)
        answer(terminal, "> https://example.org/ada/spike.git", "\x15")
        answer(terminal, "what it watches", "dockerhub")
        answer(terminal, "> Counts stars")
        agree(terminal, "Install spike now?")
        terminal.wait_for("It gets: network: none")
        agree(terminal, "Trust this and go on?")
        agree(terminal, "Run spike now?")
        answer(terminal, "As it is", "With arguments")
        answer(terminal, "its arguments", "2026-11-01 'two words'")
        answer(terminal, "a variable for the tool", "=x")
        terminal.wait_for("is not a variable")
        answer(terminal, "a variable for the tool", "\x15MODE=fast")
        watched(terminal)
        tell(daemon, running_in(daemon)[0], "go")
        terminal.wait_for("Publish what it left?")
        assert "MODE=fast" in re.sub(r"\s", "", terminal.screen()), "the verb that repeats it"
        agree(terminal, "Publish what it left?")
        answer(terminal, "the hub", "dockerhub")
        terminal.wait_for("Published: 3 rows")
        terminal.press("escape")
        choose(terminal, "Runs", "The log of a run")
        answer(terminal, "succeeded")
        terminal.wait_for("collected 2026-11-01")
        assert "asked for 2026-11-01 two words, fast" in terminal.screen()
        terminal.press("escape")
        choose(terminal, "One run with its report")
        answer(terminal, "succeeded")
        terminal.wait_for("Number of data snapshots: 1")
        leave(terminal)
    assert daemon.containers() == []


def watched(terminal: Terminal) -> None:
    """The live run: what runs, since when, how to stop it, its memory, and the end of its log."""
    terminal.wait_until(lambda: "memory" in terminal.screen() and "page 15" in terminal.screen())
    lines = terminal.screen().splitlines()
    top = next(number for number, line in enumerate(lines) if "Running spike run" in line)
    assert re.fullmatch(r". Running spike run  0:\d\d  \(Ctrl-C stops\)", lines[top])
    assert re.fullmatch(r"    memory       [━─]{24} +\d+%  \d+ of 64 MB", lines[top + 1])
    assert lines[top + 2 : top + 14] == [f"  fetching page {number}" for number in range(4, 16)]


def test_ctrl_c_in_the_menus_stops_the_container_and_goes_back_to_them(
    alice: Operator, world: World, daemon: Daemon
) -> None:
    installed(alice, world, daemon)
    with menus(alice) as terminal:
        choose(terminal, "Run a tool")
        answer(terminal, "spike")
        answer(terminal, "As it is", "With arguments")
        answer(terminal, "its arguments", "2026-11-01")
        answer(terminal, "a variable for the tool")
        terminal.wait_for("page 15")
        began = time.monotonic()
        terminal.press("ctrl-c")
        terminal.wait_for("spike run cancelled")
        assert time.monotonic() - began < 15
        assert daemon.containers() == []
        terminal.wait_for("Compare two snapshots")
        terminal.send("\x03")
        agree(terminal, "Quit?")
        assert terminal.wait_end() == 0


def test_the_log_of_a_container_is_followed_by_the_verb_to_its_end(
    alice: Operator, world: World, daemon: Daemon
) -> None:
    installed(alice, world, daemon)
    with launcher(alice, "tool", "run", "spike", "run", "2026-11-01", "--no-sync") as process:
        until(lambda: bool(running_in(daemon)), process)
        run = alice.done("run", "list")[0]
        assert run["state"] == "running"
        follow = alice.command("run", "log", run["id"], "--follow")
        with subprocess.Popen(follow, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as follower:
            assert follower.stdout
            assert follower.stdout.readline() == "asked for 2026-11-01, no mode\n", "no escape sequences"
            tell(daemon, running_in(daemon)[0], "go")
            said = follower.stdout.read().splitlines()
            assert follower.wait(30) == 0
        assert wait_for(lambda: process.poll() is not None, 20)
    assert (said[0], said[-1]) == ("fetching page 1", "collected 2026-11-01")
    lines = alice.verb("run", "log", run["id"], "--follow").out.splitlines()
    assert len(lines) == 17
    assert lines[-1] == f'{{"id": "{run["id"]}", "text": "collected 2026-11-01"}}'


def test_a_failed_run_shows_the_end_of_its_log(alice: Operator, world: World, daemon: Daemon) -> None:
    installed(alice, world, daemon)
    daemon.import_image("broken:1", "echo one; echo the hub is down; exit 7")
    alice.done("--yes", "tool", "add", "broken", "me", "broken:1", "", "", "")
    alice.done("tool", "install", "broken", "--trust")
    command = alice.command("tool", "run", "broken", "--no-sync")
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "failed with exit code 7" in done.stdout
    assert "The end of its log:\n  one\n  the hub is down\n" in done.stdout
    assert "(skipped: the run failed: It ended with exit code 7)." in done.stdout
