"""Jobs that new data of peers calls for: once a commit, with the changed rows as input, never in a loop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.session.peers import MONDAY, TUESDAY, Peer, collector, polls
from tests.session.running import scheduler
from tests.session.world import Operator, World


@pytest.fixture
def alice(world: World) -> Operator:
    return collector(world, world.operator("alice"), "reader")


def inputs(operator: Operator, tool: str = "reader") -> list[Path]:
    return sorted((operator.home / "imports" / "tools" / tool).glob("seen-*"))


def told(place: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((place / "input.json").read_text())
    return found


def test_a_commit_to_a_dataset_gives_the_tool_its_changed_rows_once(alice: Operator, world: World) -> None:
    bob = Peer(world)
    first = bob.publish({"days/2026-11-01.csv": MONDAY, "old.csv": "k\n1\n"})
    bob.operator.done("dataset", "add", "days", bob.url)
    job = alice.done("tool", "schedule", "reader", "--when-dataset", "days", "--gap", "1s")
    assert (job["rule"], job["next_run"]) == ("on commits to the dataset days", None)
    second = bob.publish({"days/2026-11-02.csv": TUESDAY, "old.csv": "k\n1\n2\n"})
    with scheduler(alice) as running:
        assert running.wait_for("heard", 20)["triggers"] == [{"source": "days", "commit": second}]
        assert running.wait_for("finished", 20)["state"] == "succeeded"
    noted = {one["name"]: one for one in alice.done("scheduler", "status")["routines"]}
    assert noted["event triggers"]["outcome"] == "1 source of job j1 looked at"
    assert noted["event triggers"]["next_run"] >= noted["event triggers"]["last_run"]
    [given] = inputs(alice)
    [source] = told(given)
    assert (source["dataset"], source["before"], source["commit"]) == ("days", first, second)
    assert [(one["path"], one["compared_with"], one["added"], one["changed"]) for one in source["files"]] == [
        ("days/2026-11-02.csv", "days/2026-11-01.csv", 1, 1),
        ("old.csv", "old.csv", 1, 0),
    ]
    assert (given / "days/added/days/2026-11-02.csv").read_text() == "name,stars\nd,4\n"
    assert (given / "days/changed/days/2026-11-02.csv").read_text() == "name,stars\nb,5\n"
    assert (given / "days/snapshot/days/2026-11-02.csv").read_text() == TUESDAY
    assert (given / "days/added/old.csv").read_text() == "k\n2\n"
    assert (given / "days/snapshot/old.csv").stat().st_mode & 0o222 == 0
    assert list((alice.home / "state" / "inputs").iterdir()) == []
    with scheduler(alice) as again:  # a restart does not hear it once more, but what came meanwhile
        third = bob.publish({"days/2026-11-03.csv": TUESDAY})
        assert again.wait_for("heard", 20)["triggers"] == [{"source": "days", "commit": third}]
        again.wait_for("finished", 20)
    assert len(inputs(alice)) == 2
    assert [run["state"] for run in alice.done("run", "list")] == ["succeeded"] * 2


def test_an_announcement_of_a_peer_calls_within_seconds_and_one_s_own_does_not(
    alice: Operator, world: World
) -> None:
    polls(alice, "1h")  # so that it is the registry's watch that tells
    bob = Peer(world)
    bob.announce({"2026-11-01.csv": MONDAY})
    alice.done("tool", "schedule", "reader", "--when-hub", "h", "--gap", "1s")
    with scheduler(alice) as running:
        running.wait_for("firing", 20)
        mine = Peer(world, "own")
        mine.operator = alice
        mine.announce({"own.csv": MONDAY})
        commit = bob.announce({"2026-11-02.csv": TUESDAY})
        heard = running.wait_for("heard", 20)
        assert heard["triggers"] == [{"source": "bob", "commit": commit}]
        assert running.wait_for("finished", 20)["state"] == "succeeded"
    [given] = inputs(alice)
    assert [(source["hub"], source["directory"]) for source in told(given)] == [("h", "bob")]
    assert (given / "bob/added/2026-11-02.csv").read_text() == "name,stars\nd,4\n"


def test_what_comes_too_soon_joins_the_slot_that_waits(alice: Operator, world: World) -> None:
    bob = Peer(world)
    first = bob.publish({"a.csv": MONDAY})
    bob.operator.done("dataset", "add", "days", bob.url)
    alice.done("tool", "schedule", "reader", "--when-dataset", "days", "--gap", "8s")
    with scheduler(alice) as running:
        running.wait_for("firing", 20)
        bob.publish({"a.csv": TUESDAY})
        running.wait_for("finished", 20)
        second = bob.publish({"b.csv": MONDAY})
        assert running.wait_for("heard", 20)["coalesced"] is False
        third = bob.publish({"c.csv": MONDAY})
        assert running.wait_for("heard", 20)["coalesced"] is True
        running.wait_for("finished", 30)
    one, two = inputs(alice)
    assert told(one)[0]["before"] == first
    assert [one["path"] for one in told(two)[0]["files"]] == ["b.csv", "c.csv"]
    assert told(two)[0]["commit"] == third != second


def test_two_operators_whose_jobs_call_for_each_other_stop_at_the_loop(world: World) -> None:
    alice, bob = (collector(world, world.operator(name), f"{name}-tool") for name in ("alice", "bob"))
    seed = Peer(world, "carol")
    for operator, source, target in ((alice, "h", "g"), (bob, "g", "h")):
        name = f"{operator.name}-tool"
        operator.done(
            "tool", "schedule", name, "--when-hub", source, "--gap", "1s", "--hub", target, "--sync"
        )
    with scheduler(alice) as one, scheduler(bob) as two:
        one.wait_for("firing", 20)
        two.wait_for("firing", 20)
        seed.announce({"2026-11-01.csv": MONDAY})
        assert one.wait_for("finished", 30)["state"] == "succeeded"
        assert two.wait_for("finished", 30)["state"] == "succeeded"
        looped = one.wait_for("finished", 30)
        assert looped["state"] == "skipped"
        assert looped["reason"] == "a loop: alice/alice-tool <- bob/bob-tool <- alice/alice-tool"
    [ran] = alice.done("run", "list")
    assert ran["triggered_by"] == []
    [ran] = bob.done("run", "list")
    assert ran["triggered_by"] == ["alice/alice-tool"]


def test_a_source_that_is_not_there_is_said_when_the_job_is_made(alice: Operator, world: World) -> None:
    answer = alice.verb("tool", "schedule", "reader", "--when-dataset", "nothing")
    assert (answer.status, answer.data["error"]["code"]) == (2, "not-found")
    for words in (("daily", "--when-hub", "h"), ("--when-hub", "h", "--when-dataset", "d"), ("--gap", "5s")):
        assert alice.verb("tool", "schedule", "reader", *words).status == 2, words
    assert alice.done("tool", "list-scheduled") == []


def test_a_source_that_goes_away_is_told_once_and_what_came_is_not_lost(
    alice: Operator, world: World
) -> None:
    bob = Peer(world)
    bob.publish({"a.csv": MONDAY})
    bob.operator.done("dataset", "add", "days", bob.url)
    alice.done("tool", "schedule", "reader", "--when-dataset", "days", "--gap", "1s")
    remote, away = Path(bob.url.removeprefix("file://")), world.root / "away"
    remote.rename(away)
    with scheduler(alice) as running:
        assert "cannot listen to its source" in running.wait_for("trouble", 20)["text"]
        away.rename(remote)
        bob.publish({"a.csv": TUESDAY})
        running.wait_for("finished", 20)
        assert [event["event"] for event in running.told].count("trouble") == 1
    assert told(inputs(alice)[0])[0]["files"][0]["added"] == 1
