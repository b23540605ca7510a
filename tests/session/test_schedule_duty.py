"""A job that three launchers share: each slot is announced at most once, whoever is paused or killed."""

from __future__ import annotations

import json
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from roforlmao.registry.base import Event
from tests.session.backends import BACKENDS, Shared, shared
from tests.session.running import Running, scheduler
from tests.session.world import ONE_COMMAND, World

LEASE_S = 2
TURNS = {
    "mao.yml": ONE_COMMAND.format(name="turns"),
    "go.sh": 'mkdir -p data; sleep 2; date +%s%N > "data/$(date +%s%N).csv"\n',
}


class Federation:
    """Operators who share the duty ``turns``, and what the registry saw of it."""

    def __init__(self, world: World, shared: Shared) -> None:
        self.registry = shared.registry
        lease = f"schedule: {{duty_lease: {LEASE_S}s}}"
        self.operators = [shared.operator(world, name, lease) for name in ("alice", "bob", "carol")]
        code, data = world.tool("turns", TURNS), world.bare("data")
        self.operators[0].done("tool", "add", "turns", "--code-repo", code, "--data-repo", data)
        for operator in self.operators:
            operator.done("tool", "install", "turns", "--trust")

    def share(self, *words: str) -> None:
        for operator in self.operators:
            operator.done("tool", "schedule", "turns", *words, "--duty", "watch", "--hub", "h")

    def fired(self) -> dict[str, dict[str, Any]]:
        records = self.registry.list("/mao/fired/watch/").records
        return {record.key.rpartition("/")[2]: json.loads(record.value) for record in records}

    def wait_for(self, seen: Callable[[dict[str, dict[str, Any]]], bool], seconds: float = 40) -> None:
        deadline = time.monotonic() + seconds
        while not seen(self.fired()):
            assert time.monotonic() < deadline, self.fired()
            time.sleep(0.05)

    def check(self) -> set[str]:
        """Every announcement settled a slot of its own, in the same transaction; who announced."""
        by_revision: dict[int, list[Event]] = defaultdict(list)
        with self.registry.watch("/mao/", from_revision=1) as watch:
            while (event := watch.next_event(0.5)) is not None:
                by_revision[event.revision].append(event)
        settled: list[str] = []
        operators = set()
        for events in by_revision.values():
            announced = [one for one in events if one.kind == "put" and one.key.startswith("/mao/hubs/")]
            done = [one for one in events if is_done(one)]
            assert len(announced) == len(done) <= 1, events
            settled += [one.key for one in done]
            operators |= {one.key.rpartition("/")[2] for one in announced}
        assert len(settled) == len(set(settled)) > 0, "a slot was announced twice"
        return operators


def is_done(event: Event) -> bool:
    return (
        event.kind == "put"
        and event.key.startswith("/mao/fired/")
        and event.record is not None
        and json.loads(event.record.value)["state"] == "done"
    )


@pytest.fixture(params=BACKENDS)
def federation(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Iterator[Federation]:
    with shared(request.param, tmp_path) as found:
        yield Federation(world, found)


def pause_a_holder(federation: Federation, launchers: dict[str, Running]) -> tuple[str, dict[str, Any]]:
    """Stops a launcher in mid-run, with the claim, and says which slot it holds."""
    while True:
        federation.wait_for(lambda fired: any(one["state"] == "running" for one in fired.values()))
        for slot, held in federation.fired().items():
            if held["state"] != "running":
                continue
            process = launchers[held["operator"]].process
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.3)  # what it had sent before may still arrive
            if federation.fired().get(slot) == held:
                return slot, held
            process.send_signal(signal.SIGCONT)  # it was done before it stood still


def test_of_three_launchers_one_is_paused_and_one_is_killed_and_each_slot_is_announced_at_most_once(
    federation: Federation,
) -> None:
    federation.share("--every", "10s")  # a successor has time enough before the next slot supersedes this one
    with ExitStack() as stack:
        launchers: dict[str, Running] = {
            operator.name: stack.enter_context(scheduler(operator)) for operator in federation.operators
        }
        slot, held = pause_a_holder(federation, launchers)
        paused = launchers.pop(held["operator"])
        federation.wait_for(lambda fired: fired.get(slot, held)["operator"] != held["operator"])
        federation.wait_for(lambda fired: fired[slot]["state"] == "done")  # its successor did it
        others = sorted(launchers)
        federation.wait_for(lambda fired: sum(one["state"] == "done" for one in fired.values()) >= 2)
        launchers.pop(others[0]).process.kill()
        paused.process.send_signal(signal.SIGCONT)
        last = others[1]
        settled = set(federation.fired())
        federation.wait_for(
            lambda fired: any(one["state"] == "done" for key, one in fired.items() if key not in settled)
        )
        told = [event for event in launchers[last].told if event["event"] == "trouble"]
        assert told == []
    assert federation.check() <= {"alice", "bob", "carol"}


def test_those_who_share_a_duty_agree_on_its_rule(federation: Federation) -> None:
    alice, bob, _ = federation.operators
    words = ("tool", "schedule", "--duty", "watch", "--hub", "h", "turns")
    assert alice.done(*words, "daily", "--at", "07:30", "--timezone", "UTC")["sync"] is True
    for rule in (
        ("daily", "--at", "07:31", "--timezone", "UTC"),
        ("daily", "--at", "07:30", "--timezone", "Asia/Tokyo"),
    ):
        answer = bob.verb(*words, *rule)
        assert answer.status == 2
        assert "The duty 'watch' of alice has another rule" in answer.data["error"]["message"]
    assert bob.done(*words, "daily", "--at", "07:30", "--timezone", "UTC")["duty"] == "watch"
    for wrong in (("--when-hub", "h"), ("daily", "--busy", "skip")):
        assert bob.verb(*words, *wrong).status == 2
