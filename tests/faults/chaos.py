"""Chaos over a three-member cluster: members are killed, stopped and ended in order under load.

At any moment at most one member is away, so that a majority is there, and every call has to succeed
or to say truly what became of it. ``bench/registry_chaos.py`` does the same for longer.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from roforlmao.registry.base import Registry
from roforlmao.registry.etcd import EtcdRegistry
from tests.contract.etcdcluster import Cluster, Server, config, wait_for
from tests.faults.chaosload import (
    COUNTER,
    LEASED,
    ROOT,
    BareWriter,
    GuardedWriter,
    Lease,
    Watcher,
    Writer,
    count_of,
    value_of,
)

SLOWEST_S: Final = 5.5
"""A call's deadline of 5 s, and what a busy machine may add."""
RESUMED_S: Final = 20.0
_AWAY_S: Final = (0.3, 3.0)
_CALM_S: Final = (0.2, 1.0)
_FAULTS: Final[Mapping[str, Callable[[Server], None]]] = {
    "kill -9": Server.kill,
    "SIGSTOP": Server.pause,
    "SIGTERM": Server.end,
}


@dataclass
class Outcome:
    """What the run did and what was found wrong; times in seconds."""

    seconds: float
    faults: Counter[str] = field(default_factory=Counter)
    leaders: int = 0
    acknowledged: int = 0
    unknown: int = 0
    refused: int = 0
    told: int = 0
    slowest_s: float = 0.0
    longest_silence_s: float = 0.0
    said: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    lease: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        """The demands that were not kept, in words; empty where all were."""
        late = [f"a call took {self.slowest_s:.2f} s"] if self.slowest_s >= SLOWEST_S else []
        silent = self.longest_silence_s >= RESUMED_S
        late += [f"a watch was silent for {self.longest_silence_s:.1f} s"] if silent else []
        return [*self.lost, *self.twice, *self.untrue, *self.gaps, *self.lease, *late]


def run(cluster: Cluster, seconds: float, seed: int, pace_s: float = 0.03) -> Outcome:
    """``seconds`` of faults under the load of two bare and two guarded writers, each of which rests
    ``pace_s`` between two writes; then every account is held against what two watches told and what is there.
    """
    outcome, dice = Outcome(seconds), random.Random(seed)
    with ExitStack() as stack:

        def client() -> Registry:
            endpoints = dice.sample(cluster.endpoints, len(cluster.endpoints))
            registry = EtcdRegistry(config(*endpoints))
            stack.callback(registry.close)
            return registry

        watchers = [Watcher(client(), f"watcher{number}") for number in range(2)]
        lease = Lease(client())
        writers: list[Writer] = [BareWriter(client(), f"bare{number}", pace_s) for number in range(2)]
        writers += [GuardedWriter(client(), f"guarded{number}", pace_s) for number in range(2)]
        workers = [*watchers, *writers]
        for worker in workers:
            worker.start()
        _break(cluster, dice, outcome)
        for writer in writers:
            writer.stop()
        last = client().put(f"{ROOT}last", b"last 0")
        for watcher in watchers:
            wait_for(lambda watcher=watcher: watcher.reached(last), RESUMED_S)  # type: ignore[misc]
            watcher.stop()
            watcher.close()
        judge(outcome, writers, watchers, client())
        _judge_lease(outcome, lease, client())
    return outcome


def _break(cluster: Cluster, dice: random.Random, outcome: Outcome) -> None:
    """One fault after the other; each ends with all three members well."""
    end = time.monotonic() + outcome.seconds
    while time.monotonic() < end:
        fault, server = dice.choice(sorted(_FAULTS)), dice.choice(cluster.servers)
        outcome.leaders += server is cluster.leader()
        _FAULTS[fault](server)
        outcome.faults[fault] += 1
        time.sleep(dice.uniform(*_AWAY_S))
        cluster.heal()
        time.sleep(dice.uniform(*_CALM_S))


def judge(
    outcome: Outcome, writers: Sequence[Writer], watchers: Sequence[Watcher], witness: Registry
) -> None:
    """Holds what the writers were told against what the watches were told and what ``witness`` finds."""
    acknowledged = {value: at for writer in writers for value, at in writer.account.acknowledged.items()}
    unknown = {value for writer in writers for value in writer.account.unknown}
    outcome.acknowledged, outcome.unknown = len(acknowledged), len(unknown)
    outcome.refused = sum(len(writer.account.refused) for writer in writers)
    outcome.slowest_s = max(writer.account.slowest_s for writer in writers)
    outcome.said = Counter(text for writer in writers for text in writer.account.said)
    for watcher in watchers:
        _judge_watch(outcome, watcher, acknowledged, unknown)
    if watchers[0].events != watchers[1].events:
        outcome.gaps.append("the watches were told different things")
    _judge_records(outcome, witness, watchers[0], acknowledged)


def _judge_watch(
    outcome: Outcome, watcher: Watcher, acknowledged: Mapping[str, tuple[str, int]], unknown: set[str]
) -> None:
    """Every write was told once, at its revision, in order, and nothing that was said to be refused."""
    revisions = [revision for _, revision, _ in watcher.events]
    if watcher.others or revisions != sorted(set(revisions)):
        outcome.gaps.append(f"{watcher.name} was told out of order, twice or to list again")
    writes = [(value, (key, revision)) for key, revision, value in watcher.events if ":" in value]
    told = dict(writes)
    outcome.told = len(writes)
    outcome.longest_silence_s = max(outcome.longest_silence_s, watcher.longest_silence_s)
    outcome.lost += [
        f"{value} was acknowledged at {at} and told at {told.get(value)}"
        for value, at in acknowledged.items()
        if told.get(value) != at
    ]
    times = Counter(value for value, _ in writes)
    outcome.twice += [f"{value} was done {count} times" for value, count in times.items() if count > 1]
    outcome.untrue += [f"{value} was refused and done" for value in times.keys() - acknowledged - unknown]
    if watcher.counts != list(range(1, len(watcher.counts) + 1)):
        outcome.twice.append(f"the counter did not count by ones: {watcher.name}")


def _judge_records(
    outcome: Outcome, witness: Registry, watcher: Watcher, acknowledged: Mapping[str, tuple[str, int]]
) -> None:
    """The same from what is there, which does not rest on a watch: each key's version counts its writes."""
    done = Counter(key for key, _, _ in watcher.events)
    sure = Counter(key for key, _ in acknowledged.values())
    for record in witness.list(ROOT).records:
        if not sure[record.key] <= record.version == done[record.key]:
            outcome.lost.append(
                f"{record.key} was changed {record.version} times, told {done[record.key]} times, "
                f"acknowledged {sure[record.key]} times"
            )
        newest = max((at for at in acknowledged.values() if at[0] == record.key), default=None, key=_revision)
        if newest and record.revision == newest[1] and acknowledged.get(value_of(record)) != newest:
            outcome.lost.append(f"{record.key} holds {value_of(record)}")
    counter = witness.get(COUNTER)
    if count_of(counter) != (counter.version if counter else 0):
        outcome.twice.append(f"the counter says {count_of(counter)}")


def _revision(at: tuple[str, int]) -> int:
    return at[1]


def _judge_lease(outcome: Outcome, lease: Lease, witness: Registry) -> None:
    found = witness.get(LEASED)
    if lease.lost.is_set() or not lease.session.alive:
        outcome.lease.append("the session was lost")
    if found is None or found.version != 1:
        outcome.lease.append(f"the key under the lease is gone or was made anew: {found}")
