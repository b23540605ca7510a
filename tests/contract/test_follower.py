"""Peers' news over both backends: each told once, whatever is closed, flooded, compacted or replaced."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from roforlmao.registry.base import Delete, Event, Put, Registry, Watch
from tests.contract.hearing import ROOT, Listener, announce, put, register
from tests.contract.stores import Store

SLOW_S = 3.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_the_first_start_tells_nothing_of_the_past_and_then_what_comes(
    registry: Registry, other: Registry, home: Path
) -> None:
    announce(other, "bob", "2026-11-01")
    with Listener(registry, home) as alice:
        assert alice.hear() == []
        announce(other, "bob", "2026-11-02")
        register(other, "bob", "sar")
        assert alice.hear() == [
            "bob announced helm of 2026-11-02: 7 rows.",
            "bob registered the tool 'sar'.",
        ]


def test_nothing_is_told_again_after_a_restart_and_what_came_meanwhile_is_folded(
    registry: Registry, other: Registry, home: Path
) -> None:
    with Listener(registry, home) as alice:
        alice.hear()
        announce(other, "bob", "2026-11-01")
        before = alice.hear()
    for day in ("02", "03"):
        announce(other, "bob", f"2026-11-{day}")
        announce(other, "carol", f"2026-11-{day}")
    register(other, "carol", "sar")
    with Listener(registry, home) as alice:
        told = alice.hear()
    assert told == [
        *before,
        "Meanwhile: 4 new announcements on helm by bob and carol.",
        "Meanwhile: carol registered the tool 'sar'.",
    ]
    with Listener(registry, home) as alice:
        assert alice.hear() == told


def test_ones_own_changes_and_what_is_no_entry_are_not_told(
    registry: Registry, other: Registry, home: Path
) -> None:
    with Listener(registry, home) as alice:
        alice.hear()
        announce(other, "alice", "2026-11-01")
        register(other, "alice", "mine")
        put(other, "locks/x", a=1)
        other.put(f"{ROOT}hubs/helm/2026-11-01/bob", b"\xff\x00 no entry")
        other.put(f"{ROOT}tools/x", b'{"code_repo": "ext::sh -c true"}')
        other.put(f"{ROOT}tools/-rf", b'{"code_repo": "https://x.org/t.git"}')
        assert alice.hear() == []
        assert alice.judged == []


def test_a_flood_is_one_notice_and_costs_one_transaction(
    registry: Registry, other: Registry, home: Path
) -> None:
    with Listener(registry, home) as alice:
        alice.hear()
        for number in range(12):
            place = f"{ROOT}hubs/dockerhub"
            value = b'{"url": "https://x.org/d.git"}'
            other.transaction(
                [], [Put(f"{place}/2026-{number + 1:02}-{day:02}/op{day % 5}", value) for day in range(1, 26)]
            )
        assert alice.hear() == ["300 new announcements on dockerhub by 5 operators."]


def test_judgements_of_a_hub_are_looked_at_when_they_change(
    registry: Registry, other: Registry, home: Path
) -> None:
    with Listener(registry, home) as alice:
        alice.hear()
        retracted = {"reason": "wrong", "commit": "abcdef"}
        put(other, "hubs/a/2026-11-01/bob", url="https://x.org/d.git", commit="abcdef", retracted=retracted)
        put(other, "audits/b/2026-11-01/bob", operators=[])
        put(other, "notes/series/bob", hub="c", marks={})
        put(other, "audits/d/2026-11-01/alice", operators=[])
        assert alice.hear() == []
        assert set().union(*alice.judged) == {"a", "b", "c"}


def test_after_a_compaction_what_stands_there_now_is_told_once(
    registry_factory: Store, registry: Registry, other: Registry, home: Path
) -> None:
    with Listener(registry, home) as alice:
        alice.hear()
        announce(other, "bob", "2026-11-01")
        before = alice.hear()
    announce(other, "bob", "2026-11-02")
    announce(other, "bob", "2026-11-03")
    other.delete(f"{ROOT}hubs/helm/2026-11-03/bob")
    registry_factory.compact(announce(other, "carol", "2026-11-04"))
    with Listener(registry, home) as alice:
        told = alice.hear()
        assert told[len(before) :] == [
            "The registry forgot changes before they were read. New of peers: 2 entries.",
            "Meanwhile: 2 new announcements on helm by bob and carol.",
        ]
        register(other, "bob", "sar")
        assert alice.hear()[-1] == "bob registered the tool 'sar'."
        assert len(alice.notices) == len(told) + 1


class Scripted(Watch):
    """A watch that has only these events."""

    def __init__(self, *events: Event) -> None:
        self.events = list(events)

    def next_event(self, timeout: float) -> Event | None:
        return self.events.pop(0) if self.events else None

    def __next__(self) -> Event:
        return self.events.pop(0)

    def close(self) -> None:
        self.events.clear()


def test_what_was_read_after_a_gap_is_not_told_again_by_the_watch(
    registry: Registry, other: Registry, home: Path
) -> None:
    """The list is newer than the gap: what came between the two comes by the watch as well."""
    with Listener(registry, home) as alice:
        alice.hear()
        revision = announce(other, "bob", "2026-11-01")
        key = f"{ROOT}hubs/helm/2026-11-01/bob"
        alice.follower.pause()
        alice.follower._watch = script = Scripted(
            Event("resync", revision - 1), Event("put", revision, key, other.get(key))
        )
        while script.events:
            alice.follower.listen(0.05)
        assert alice.hear() == [
            "The registry forgot changes before they were read. New of peers: 1 entry.",
            "Meanwhile: bob announced helm of 2026-11-01: 7 rows.",
        ]


def test_an_older_state_of_the_registry_is_told_as_one_and_nothing_in_it(
    registry: Registry, other: Registry, home: Path
) -> None:
    for day in range(1, 10):
        announce(other, "bob", f"2026-11-{day:02}")
    with Listener(registry, home) as alice:
        alice.hear()
        heard = alice.follower._heard
        alice.follower._ear.book.keep(type(heard)(heard.source, heard.store, heard.revision + 1000), ())
    with Listener(registry, home) as alice:
        (told,) = alice.hear()
        assert told.startswith("The registry is another one than before, or an older state of it: 0 tools")
        assert "9 announcements" in told
        announce(other, "bob", "2026-11-10")
        assert alice.hear()[1:] == ["bob announced helm of 2026-11-10: 7 rows."]


def test_another_registry_in_the_configuration_is_a_first_start(
    registry: Registry, other: Registry, home: Path
) -> None:
    with Listener(registry, home, "elsewhere") as alice:
        alice.hear()
        alice.follower._ear.book.keep(type(alice.follower._heard)("elsewhere", "abc/mao/", 10**9), ())
    announce(other, "bob", "2026-11-01")
    with Listener(registry, home, "here") as alice:
        assert alice.hear() == []


def test_notices_and_how_far_was_read_are_written_both_or_neither(
    registry: Registry, other: Registry, home: Path
) -> None:
    with Listener(registry, home) as alice:
        alice.hear()
        with alice.state.write() as connection:
            connection.execute(
                "CREATE TRIGGER full BEFORE INSERT ON answers BEGIN SELECT RAISE(ABORT, 'no room'); END"
            )
        announce(other, "bob", "2026-11-01")
        with pytest.raises(Exception, match="no room"):
            alice.hear()
        assert alice.notices == []
        with sqlite3.connect(home / "launcher.sqlite") as database:
            database.execute("DROP TRIGGER full")
    with Listener(registry, home) as alice:
        assert alice.hear() == ["Meanwhile: bob announced helm of 2026-11-01: 7 rows."]


def test_of_very_many_the_newest_stay_unread(registry: Registry, home: Path) -> None:
    with Listener(registry, home) as alice:
        alice.hear()
        for first in range(0, 400, 10):
            texts = [f"{first + number}" for number in range(10)]
            alice.follower._ear.book.keep(alice.follower._heard, texts)
        assert alice.notices == [f"{number}" for number in range(100, 400)]


def test_what_goes_on_and_on_is_told_more_and_more_seldom(
    registry: Registry, other: Registry, home: Path
) -> None:
    with Listener(registry, home) as alice:
        alice.hear()
        end, number = time.monotonic() + SLOW_S, 0
        while time.monotonic() < end:
            number += 1
            announce(other, "bob", f"{2000 + number}-01-01")
            alice.follower.listen(0.3)
        told = alice.hear()
        assert 1 <= len(told) <= 3 + 5 * 2
        assert sum(text.startswith("bob announced") or " new " in text for text in told) == len(told)
        singles = sum(text.startswith("bob announced") for text in told)
        folded = sum(int(text.split()[0]) for text in told if " new " in text)
        assert singles + folded == number, told


def test_many_kinds_and_hubs_at_once_are_a_line_for_each_kind(
    registry: Registry, other: Registry, home: Path
) -> None:
    with Listener(registry, home) as alice:
        alice.hear()
        value = b'{"url": "https://x.org/d.git"}'
        other.transaction([], [Put(f"{ROOT}hubs/hub{n}/2026-11-01/bob", value) for n in range(30)])
        other.transaction([], [Delete(f"{ROOT}hubs/hub0/2026-11-01/bob")])
        register(other, "bob", "sar")
        assert alice.hear() == [
            "30 new announcements on 30 hubs by bob.",
            "bob registered the tool 'sar'.",
        ]
