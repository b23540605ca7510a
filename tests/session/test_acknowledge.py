"""An operator says what an anomaly is: by verb or menu, seen by peers, the registry away, taken back."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.session.counters import COUNTER, counting, day
from tests.session.test_menus import answer, choose, launcher, leave
from tests.session.world import Operator, World, clean_environment


@pytest.fixture
def alice(world: World) -> Operator:
    return counting(world)


def run(operator: Operator, number: int, value: int, *words: object) -> Any:
    return operator.done("tool", "run", "counter", "go", day(number), value, *(words or ("--no-sync",)))


def test_a_known_change_is_followed_at_once_seen_by_peers_and_taken_back(
    world: World, alice: Operator
) -> None:
    odd = run(alice, 7, 900, "--sync", "--hub", "helm")
    assert (odd["verdict"]["state"], odd["judged"]) == ("anomaly", "control-2026-03-07.csv")
    words = ("--as", "known-change", "--note", "crawler v2 counts forks")
    done = alice.done("spike", "ack", odd["id"], *words)
    assert (done["run"], done["as"], done["told"]) == ("control-2026-03-07.csv", "known-change", True)
    assert done["verdict"]["state"] == "normal"
    assert "Marked as known change: crawler v2 counts forks." in done["verdict"]["reason"]
    assert alice.done("notification", "list") == []  # who says what it is has read the notice
    after = run(alice, 8, 905)["verdict"]
    assert (after["state"], after["expected"]) == ("normal", 900)
    found = {one["run"]: one["state"] for one in alice.done("spike", "backtest", odd["data_path"])}
    assert list(found.values())[-2:] == ["normal", "normal"]

    bob = world.operator("bob")
    [seen] = bob.done("spike", "marks")
    assert (seen["operator"], seen["hub"], seen["as"]) == ("alice", "helm", "known-change")
    assert (seen["run"], seen["note"]) == ("control-2026-03-07.csv", "crawler v2 counts forks")
    retrieved = bob.done("hub", "retrieve", "helm", alice.done("hub", "dates", "helm")[0], "alice")["path"]
    judged = bob.verb("spike", "check", retrieved)
    assert (judged.status, judged.data["state"]) == (1, "anomaly")  # peers' words are shown, not followed
    assert bob.done("spike", "marks", retrieved) == [seen]
    shown = subprocess.run(
        bob.command("spike", "check", retrieved),
        env=clean_environment(), capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    assert "alice marked it as known change: crawler v2 counts forks" in shown

    back = alice.done("spike", "ack", odd["id"], "--as", "none")
    assert back["as"] is None
    assert alice.done("spike", "marks") == bob.done("spike", "marks") == []
    replayed = {one["run"]: one["state"] for one in alice.done("spike", "backtest", odd["data_path"])}
    assert replayed["control-2026-03-07.csv"] == "anomaly"


def test_a_bad_run_is_left_out_and_no_reference_for_what_changed(alice: Operator) -> None:
    good = run(alice, 7, 635)
    believed = run(alice, 8, 640)  # the detector cannot know it
    alice.done("spike", "ack", believed["id"], "--as", "bad-run", "--note", "wrong branch")
    odd = run(alice, 9, 300)
    assert odd["verdict"]["state"] == "anomaly"
    assert f"Changed from apps-{day(7)}.csv, the last good snapshot" in odd["report"]
    assert good["verdict"]["state"] == "normal"


def test_what_repeats_a_real_value_neither_alarms_nor_notifies(alice: Operator) -> None:
    odd = run(alice, 7, 400)
    [notice] = alice.done("notification", "list")
    assert (notice["kind"], odd["id"] in notice["text"]) == ("anomaly", True)
    alice.done("spike", "ack", odd["id"], "--as", "real", "--note", "holiday")
    again = run(alice, 8, 401)["verdict"]
    assert (again["state"], again["expected"]) == ("normal", 635)
    assert "as a value that was marked as real" in again["reason"]
    assert alice.done("notification", "list") == []


def test_a_day_that_is_collected_again_is_judged_afresh(alice: Operator) -> None:
    odd = run(alice, 7, 400)
    alice.done("spike", "ack", odd["id"], "--as", "bad-run")
    assert run(alice, 7, 635)["verdict"]["state"] == "normal"
    assert run(alice, 7, 100)["verdict"]["state"] == "anomaly"


def test_a_directory_that_is_no_clone_and_a_day_of_it(world: World) -> None:
    alice, series = world.operator("alice"), world.root / "series"
    World.write(series, {f"control-{day(n)}.csv": f"{400 if n == 9 else 634}\n" for n in range(1, 11)})
    done = alice.verb("spike", "ack", series, "--as", "real", "--date", day(9))
    assert (done.status, done.data["told"], done.data["run"]) == (0, False, "control-2026-03-09.csv")
    assert alice.done("spike", "marks", series)[0]["hub"] is None
    assert world.operator("bob").done("spike", "marks") == []
    states = [one["state"] for one in alice.done("spike", "backtest", series)]
    assert "anomaly" not in states


def test_a_tool_without_a_data_repository_is_marked_where_its_results_are(world: World) -> None:
    alice = world.operator("alice")
    alice.done("tool", "add", "counter", "--code-repo", world.tool("counter", COUNTER))
    alice.done("tool", "install", "counter", "--trust")
    for number in range(1, 6):
        run(alice, number, 634)
    odd = run(alice, 6, 300)
    assert alice.done("spike", "ack", odd["id"], "--as", "real")["run"] == odd["judged"]
    assert run(alice, 7, 301)["verdict"]["state"] == "normal"


WRONG = [
    (("nothing", "--as", "real"), "There is no"),
    ((".", "--as", "fine"), "'fine' is not what a run can be"),
    ((".", "--as", "none"), "is not marked"),
    ((".", "--as", "real", "--date", "2026-01-01"), "holds no run 2026-01-01"),
    ((".", "--as", "real", "--date", day(2)), "no number that could be real"),
    ((".", "--as", "known-change"), "0 can be no level"),
    (("empty", "--as", "real"), "nothing to judge"),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_what_cannot_be_marked_is_a_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    World.write(
        world.root / "d", {f"control-{day(2)}.csv": "", f"control-{day(3)}.csv": "0\n", "empty/x": ""}
    )
    monkeypatch.chdir(world.root / "d")
    refused = world.operator("alice").verb("spike", "ack", *words)
    assert refused.status == 2, refused.out
    assert said in refused.data["error"]["message"]


def test_with_the_registry_away_a_mark_counts_here_and_is_told_later(world: World, alice: Operator) -> None:
    odd = run(alice, 7, 400)
    away = world.registry.rename(world.root / "away.sqlite")
    world.registry.mkdir()
    kept = alice.done("spike", "ack", odd["id"], "--as", "real")
    assert kept["told"] is False
    assert alice.done("spike", "check", odd["data_path"])["state"] == "normal"
    assert [one["as"] for one in alice.done("spike", "marks")] == ["real"]
    world.registry.rmdir()
    away.rename(world.registry)
    assert world.operator("bob").done("spike", "marks") == []
    other = run(alice, 8, 900)
    alice.done("spike", "ack", other["id"], "--as", "bad-run")
    told = Operator("bob", world.root / "bob").done("spike", "marks")
    assert {one["as"] for one in told} == {"real", "bad-run"}


@pytest.mark.parametrize("cols", [80, 60])
def test_the_menu_offers_what_was_judged_an_anomaly(world: World, alice: Operator, cols: int) -> None:
    run(alice, 7, 635)
    odd = run(alice, 8, 900)
    with launcher(world, alice.home, cols=cols) as terminal:
        choose(terminal, "Spikes", "Say what an anomaly is")
        terminal.wait_for("counter")
        terminal.press("enter")
        choose(terminal, "known-change")
        answer(terminal, "why, in one line", "crawler v2")
        repeats = f"spikeack{odd['id']}--asknown-change--note'crawlerv2'"
        terminal.wait_until(lambda: repeats in "".join(terminal.screen().split()))
        leave(terminal)
    with launcher(world, alice.home, cols=cols) as terminal:
        choose(terminal, "Spikes", "Say what an anomaly is")
        terminal.wait_for("marked as known")
        terminal.press("enter")
        choose(terminal, "none")
        terminal.wait_for("no longer marked")
        leave(terminal)
    assert alice.done("spike", "marks") == []
    with closing(sqlite3.connect(Path(alice.home) / "state" / "launcher.sqlite")) as state:
        assert state.execute("SELECT told FROM marks").fetchall() == [(1,)]
