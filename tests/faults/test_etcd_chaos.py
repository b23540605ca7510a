"""A minute of chaos: members are killed, stopped and ended while writers, watches and a lease go on."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from roforlmao.registry.sqlite import SqliteRegistry
from tests.contract.etcdcluster import running, wait_for
from tests.faults import chaos
from tests.faults.chaosload import Account, BareWriter, GuardedWriter, Watcher

SECONDS = 60

Doctor = Callable[[Account, Watcher], None]


@pytest.mark.timeout(180)
def test_nothing_is_lost_doubled_or_late_in_a_minute_of_chaos(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    with running(tmp_path) as cluster:
        outcome = chaos.run(cluster, SECONDS, seed)
    assert outcome.broken == [], f"seed {seed}: {outcome}"
    assert outcome.acknowledged > 1_000
    assert outcome.told >= outcome.acknowledged
    assert sum(outcome.faults.values()) >= 8


def lose(account: Account, watcher: Watcher) -> None:
    key, _ = account.acknowledged.popitem()[1]
    account.acknowledged["bare:99:never-told"] = key, 99


def repeat(account: Account, watcher: Watcher) -> None:
    watcher.events.append(watcher.events[-1])


def deny(account: Account, watcher: Watcher) -> None:
    account.refused.add(account.acknowledged.popitem()[0])


def move(account: Account, watcher: Watcher) -> None:
    value, (key, revision) = account.acknowledged.popitem()
    account.acknowledged[value] = key, revision + 1


def resync(account: Account, watcher: Watcher) -> None:
    watcher.others.append("resync")


def skip(account: Account, watcher: Watcher) -> None:
    watcher.counts[-1] += 1


@pytest.mark.parametrize(
    ("doctor", "list_"),
    [
        (lose, "lost"),
        (move, "lost"),
        (repeat, "twice"),
        (skip, "twice"),
        (deny, "untrue"),
        (resync, "gaps"),
        (None, ""),
    ],
)
def test_what_the_account_of_a_run_does_not_bear_out_is_found(
    tmp_path: Path, doctor: Doctor | None, list_: str
) -> None:
    with closing(SqliteRegistry(tmp_path / "registry.sqlite")) as registry:
        watchers = [Watcher(registry, f"watcher{number}") for number in range(2)]
        writers = [BareWriter(registry, "bare", 0), GuardedWriter(registry, "guarded", 0)]
        for watcher in watchers:
            watcher.start()
        for number in range(30):
            for writer in writers:
                writer.write(f"{writer.name}:{number}:{number}")
        last = max(revision for _, revision in writers[1].account.acknowledged.values())
        for watcher in watchers:
            assert wait_for(lambda watcher=watcher: watcher.reached(last), 10)  # type: ignore[misc]
            watcher.stop()
            watcher.close()
        if doctor:
            doctor(writers[0].account, watchers[1])
        outcome = chaos.Outcome(1)
        chaos.judge(outcome, writers, watchers, registry)
    assert bool(outcome.broken) == bool(list_)
    assert not list_ or getattr(outcome, list_)
