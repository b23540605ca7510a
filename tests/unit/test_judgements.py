"""Retractions, audits and votes in the registry: what strangers may write there, and what survives."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roforlmao.errors import BadInput, NotFound
from roforlmao.models import Announcement, Audit, Retraction, Standing, Vote
from roforlmao.registry.base import Registry
from roforlmao.registry.catalog import Catalog
from roforlmao.registry.sqlite import SqliteRegistry

URL = "https://example.org/them/data.git"
COMMIT = "0123abcd" * 5
OTHER = "4567abcd" * 5
DAY = "2019-03-25"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = SqliteRegistry(tmp_path / "registry.sqlite")
    yield registry
    registry.close()


@pytest.fixture
def catalog(registry: Registry) -> Catalog:
    return Catalog(registry, "/mao/", "me", allow_local=False)


def put(registry: Registry, key: str, value: Any) -> None:
    registry.put(f"/mao/{key}", value if isinstance(value, bytes) else json.dumps(value).encode())


def test_a_retraction_marks_the_announced_commit_and_is_taken_back(
    registry: Registry, catalog: Catalog
) -> None:
    put(registry, f"hubs/helm/{DAY}/me", {"url": URL, "commit": COMMIT, "rows": 7, "note": "theirs"})
    done = catalog.retract("helm", DAY, "me", Retraction("half a crawl", "2019-03-26T08:00:00+01:00"))
    assert done.is_retracted
    read = catalog.announcement("helm", DAY, "me")
    assert (read.is_retracted, read.rows, read.extra) == (True, 7, {"note": "theirs"})
    assert read.retracted == Retraction("half a crawl", "2019-03-26T08:00:00+01:00", COMMIT)
    assert not catalog.retract("helm", DAY, "me", None).is_retracted
    assert catalog.announcement("helm", DAY, "me").retracted is None


@pytest.mark.parametrize(("commit", "still"), [(COMMIT, True), (OTHER, False)])
def test_the_same_commit_announced_again_stays_retracted_another_is_not(
    catalog: Catalog, commit: str, still: bool
) -> None:
    catalog.announce(Announcement("helm", DAY, "me", URL, COMMIT))
    catalog.retract("helm", DAY, "me", Retraction("wrong"))
    catalog.announce(Announcement("helm", DAY, "me", URL, commit))
    assert catalog.announcement("helm", DAY, "me").is_retracted is still


def test_an_announcement_under_an_unpadded_key_is_retracted_too(registry: Registry, catalog: Catalog) -> None:
    put(registry, "hubs/helm/2019-3-25/me", URL.encode())
    assert catalog.retract("helm", DAY, "me", Retraction("wrong")).is_retracted
    assert catalog.announcement("helm", DAY, "me").is_retracted


def test_what_was_never_announced_cannot_be_retracted(catalog: Catalog) -> None:
    with pytest.raises(NotFound, match="announced nothing"):
        catalog.retract("helm", DAY, "me", Retraction("wrong"))


@pytest.mark.parametrize(
    ("value", "retracted"),
    [("wrong", True), ({"reason": "wrong"}, True), ({"reason": "x", "commit": OTHER}, False), (False, False)],
)
def test_other_launchers_may_write_a_retraction_shortly(
    registry: Registry, catalog: Catalog, value: Any, retracted: bool
) -> None:
    put(registry, f"hubs/helm/{DAY}/you", {"url": URL, "commit": COMMIT, "retracted": value})
    assert catalog.announcement("helm", DAY, "you").is_retracted is retracted


@pytest.mark.parametrize(
    "fields",
    [
        {"retracted": [1]},
        {"retracted": {"reason": 5}},
        {"retracted": {"commit": "--upload-pack=x"}},
        {"origin": "../up"},
    ],
)
def test_a_retraction_or_origin_of_the_wrong_kind_is_refused_alone(
    registry: Registry, catalog: Catalog, fields: dict[str, Any]
) -> None:
    put(registry, f"hubs/helm/{DAY}/good", {"url": URL})
    put(registry, f"hubs/helm/{DAY}/bad", {"url": URL, **fields})
    found = catalog.announcements("helm", DAY)
    assert [one.operator for one in found.good] == ["good"]
    assert [one.key for one in found.refused] == [f"/mao/hubs/helm/{DAY}/bad"]


STANDINGS = (Standing("a", "same", 3, 0), Standing("b", "drifted", 3, 1, differing=1, columns={"n": 1}))
AUDIT = Audit("helm", DAY, STANDINGS, ("a",), True, "because", "a")


def audit(**changes: Any) -> Audit:
    return dataclasses.replace(AUDIT, **changes)


def test_an_audit_is_read_back_and_the_next_takes_its_place(registry: Registry, catalog: Catalog) -> None:
    key = catalog.publish_audit(audit())
    assert key == f"/mao/audits/helm/{DAY}/me"
    assert catalog.audits("helm").good == (audit(auditor="me"),)
    record = registry.get(key)
    assert record is not None
    put(registry, key.removeprefix("/mao/"), {**json.loads(record.value), "later": 1})
    catalog.publish_audit(audit(reason="anew"))
    assert [(one.reason, one.extra) for one in catalog.audits("helm").good] == [("anew", {"later": 1})]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (f"{DAY}/x", b"not json"),
        (f"{DAY}/x", {"operators": {}}),
        (f"{DAY}/x", {"operators": [1]}),
        (f"{DAY}/x", {"operators": [{"operator": "a", "state": "best"}]}),
        (f"{DAY}/x", {"operators": [{"operator": "[red]a[/red]", "state": "same"}]}),
        (f"{DAY}/x", {"operators": [{"operator": "a", "state": "same", "rows": -1}]}),
        (f"{DAY}/x", {"operators": [{"operator": "a", "state": "odd", "columns": [1]}]}),
        (f"{DAY}/x", {"operators": [], "winner": "a"}),
        (f"{DAY}/x", {"operators": [], "winner": ["a b"]}),
        ("2019-02-30/x", {"operators": []}),
        (f"{DAY}/x y", {"operators": []}),
        (f"{DAY}", {"operators": []}),
    ],
)
def test_a_hostile_audit_is_refused_alone(registry: Registry, catalog: Catalog, key: str, value: Any) -> None:
    catalog.publish_audit(audit())
    put(registry, f"audits/helm/{key}", value)
    found = catalog.audits("helm")
    assert [one.auditor for one in found.good] == ["me"]
    assert [one.key for one in found.refused] == [f"/mao/audits/helm/{key}"]


def test_foreign_words_in_an_audit_come_back_harmless(registry: Registry, catalog: Catalog) -> None:
    standing = {"operator": "a", "state": "odd", "notes": ["\x1b[2Jx\ny"]}
    put(registry, f"audits/helm/{DAY}/x", {"operators": [standing], "reason": "\x1b]0;owned\x07red"})
    (found,) = catalog.audits("helm").good
    assert (found.reason, found.operators[0].notes) == ("red", ("x y",))


def test_a_vote_can_be_changed_and_not_doubled(catalog: Catalog) -> None:
    catalog.vote("helm", DAY, Vote("a", "b"))
    catalog.vote("helm", "2019-3-25", Vote("c", "b"))
    ballot = catalog.vote("helm", DAY, Vote("a", "c"))
    assert (dict(ballot.tally), ballot.elected) == ({"b": 1, "c": 1}, "")
    ballot = catalog.vote("helm", DAY, Vote("c", "c"))
    assert (dict(ballot.tally), ballot.elected) == ({"c": 2}, "c")
    assert catalog.ballot("helm", DAY) == ballot
    assert catalog.ballot("helm", "2019-03-26").elected == ""


def test_hostile_votes_do_not_count_and_the_others_stay(registry: Registry, catalog: Catalog) -> None:
    votes = {"a": {"operator": "b"}, "[red]x": {"operator": "b"}, "d": "b", "e": {"operator": "ext::sh"}}
    put(registry, f"votes/helm/{DAY}", {"votes": votes, "later": 1})
    assert [vote.voter for vote in catalog.ballot("helm", DAY).votes] == ["a"]
    ballot = catalog.vote("helm", DAY, Vote("me", "b"))
    assert (dict(ballot.tally), ballot.extra) == ({"b": 2}, {"later": 1})
    put(registry, f"votes/helm/{DAY}", b"[1, 2")
    assert catalog.ballot("helm", DAY).votes == ()
    assert dict(catalog.vote("helm", DAY, Vote("me", "a")).tally) == {"a": 1}


@pytest.mark.parametrize("vote", [Vote("", "a"), Vote("a", "../b"), Vote("a b", "c")])
def test_a_vote_that_breaks_a_rule_is_not_written(registry: Registry, catalog: Catalog, vote: Vote) -> None:
    with pytest.raises(BadInput):
        catalog.vote("helm", DAY, vote)
    assert registry.list("").records == ()
