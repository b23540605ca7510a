"""Announcements in the catalogue: hubs, days in either spelling, operators."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from roforlmao.errors import BadInput, NotFound
from roforlmao.models import Announcement, Retraction
from roforlmao.registry.base import Registry
from roforlmao.registry.catalog import Catalog
from roforlmao.registry.sqlite import SqliteRegistry

URL = "https://example.org/them/data.git"
OTHER_URL = "https://example.org/them/other.git"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = SqliteRegistry(tmp_path / "registry.sqlite")
    yield registry
    registry.close()


@pytest.fixture
def catalog(registry: Registry) -> Catalog:
    return Catalog(registry, "/mao/", "me", allow_local=False)


def write(registry: Registry, place: str, value: Any = URL) -> None:
    registry.put(
        f"/mao/hubs/{place}", value.encode() if isinstance(value, str) else json.dumps(value).encode()
    )


def test_an_announcement_is_read_back(registry: Registry, catalog: Catalog) -> None:
    said = Announcement("dockerhub", "2019-03-25", "me", URL, "0123abcd" * 5, 1234, "normal")
    assert catalog.announce(said) == "/mao/hubs/dockerhub/2019-03-25/me"
    assert catalog.announcement("dockerhub", "2019-03-25", "me") == said
    assert catalog.announcements("dockerhub").good == (said,)
    assert catalog.hubs() == ["dockerhub"]
    assert catalog.dates("dockerhub") == ["2019-03-25"]


def test_an_announcement_says_its_four_fields_also_when_unknown(registry: Registry, catalog: Catalog) -> None:
    key = catalog.announce(Announcement("helm", "2019-3-5", "me", URL))
    assert key == "/mao/hubs/helm/2019-03-05/me"
    record = registry.get(key)
    assert record is not None
    assert json.loads(record.value) == {"url": URL, "commit": "", "rows": None, "verdict": ""}


def test_the_same_announced_again_writes_nothing(registry: Registry, catalog: Catalog) -> None:
    said = Announcement("helm", "2019-3-5", "me", URL, "0123abcd" * 5, 7)
    before = registry.get(catalog.announce(said))
    assert before is not None
    assert registry.get(catalog.announce(said)) == before
    catalog.retract("helm", "2019-03-05", "me", Retraction("wrong", "2026-11-22T12:00:00+01:00"))
    retracted = registry.get(before.key)
    catalog.announce(said)
    assert registry.get(before.key) == retracted
    catalog.announce(replace(said, rows=8))
    assert catalog.announcement("helm", "2019-03-05", "me").rows == 8


def test_what_a_foreign_hand_left_there_is_not_taken_for_the_same(
    registry: Registry, catalog: Catalog
) -> None:
    for value in (URL, "no url", {"url": URL}, {"url": URL, "commit": "", "rows": None, "verdict": "x"}):
        write(registry, "helm/2019-03-25/me", value)
        key = catalog.announce(Announcement("helm", "2019-03-25", "me", URL))
        record = registry.get(key)
        assert record is not None
        assert json.loads(record.value) == {"url": URL, "commit": "", "rows": None, "verdict": ""}


def test_announcing_again_keeps_the_fields_of_others(registry: Registry, catalog: Catalog) -> None:
    write(registry, "helm/2019-03-25/me", {"url": OTHER_URL, "rows": 1, "note": "theirs"})
    catalog.announce(Announcement("helm", "2019-03-25", "me", URL, extra={"own": 1}))
    assert catalog.announcement("helm", "2019-03-25", "me") == Announcement(
        "helm", "2019-03-25", "me", URL, extra={"note": "theirs", "own": 1}
    )


def test_announcing_again_keeps_the_fields_of_an_unpadded_key(registry: Registry, catalog: Catalog) -> None:
    write(registry, "helm/2019-3-5/me", {"url": OTHER_URL, "note": "theirs"})
    write(registry, "helm/2019-3-5/you", {"url": OTHER_URL, "note": "not mine"})
    catalog.announce(Announcement("helm", "2019-3-5", "me", URL))
    found = catalog.announcement("helm", "2019-03-05", "me")
    assert (found.url, found.extra) == (URL, {"note": "theirs"})


def test_hubs_and_days_are_sorted_newest_day_first(registry: Registry, catalog: Catalog) -> None:
    for place in (
        "helm/2019-3-25/a",
        "helm/2019-12-01/b",
        "helm/2019-03-25/b",
        "helm/2020-1-2/a",
        "aws/2019-1-1/a",
    ):
        write(registry, place)
    assert catalog.hubs() == ["aws", "helm"]
    assert catalog.dates("helm") == ["2020-01-02", "2019-12-01", "2019-03-25"]
    found = [(each.date, each.operator) for each in catalog.announcements("helm").good]
    assert found == [("2020-01-02", "a"), ("2019-12-01", "b"), ("2019-03-25", "a"), ("2019-03-25", "b")]


@pytest.mark.parametrize("asked", ["2019-03-05", "2019-3-5"])
def test_a_day_is_found_in_either_spelling(registry: Registry, catalog: Catalog, asked: str) -> None:
    for place in (
        "helm/2019-3-5/a",
        "helm/2019-03-05/b",
        "helm/2019-03-5/c",
        "helm/2019-3-05/d",
        "helm/2019-3-6/e",
    ):
        write(registry, place)
    assert [each.operator for each in catalog.announcements("helm", asked).good] == ["a", "b", "c", "d"]
    assert catalog.announcement("helm", asked, "c").date == "2019-03-05"


@pytest.mark.parametrize("padded_first", [False, True])
def test_of_two_spellings_the_padded_one_counts(
    registry: Registry, catalog: Catalog, padded_first: bool
) -> None:
    places = [("helm/2019-03-05/a", URL), ("helm/2019-3-5/a", OTHER_URL)]
    for place, url in places if padded_first else reversed(places):
        write(registry, place, url)
    assert catalog.dates("helm") == ["2019-03-05"]
    assert [each.url for each in catalog.announcements("helm").good] == [URL]
    assert catalog.announcements("helm").refused == ()


def test_a_bad_padded_entry_does_not_hide_a_good_unpadded_one(registry: Registry, catalog: Catalog) -> None:
    write(registry, "helm/2019-03-05/a", [1])
    write(registry, "helm/2019-3-5/a", URL)
    found = catalog.announcements("helm")
    assert [each.url for each in found.good] == [URL]
    assert [refusal.key for refusal in found.refused] == ["/mao/hubs/helm/2019-03-05/a"]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("helm/2019-13-01/a", "not a date"),
        ("helm/latest/a", "not a date"),
        ("helm/2019-03-05", "hub/date/operator"),
        ("helm/2019-03-05/a/b", "hub/date/operator"),
        ("helm/2019-03-05/a b", "cannot be a name of an operator"),
        ("helm/2019-03-05/..", "cannot be a name of an operator"),
    ],
)
def test_a_key_that_breaks_the_form_is_refused_alone(
    registry: Registry, catalog: Catalog, place: str, reason: str
) -> None:
    write(registry, place)
    write(registry, "helm/2019-03-05/good")
    found = catalog.announcements("helm")
    assert [each.operator for each in found.good] == ["good"]
    assert [refusal.key for refusal in found.refused] == [f"/mao/hubs/{place}"]
    assert reason in found.refused[0].reason
    assert catalog.dates("helm") == ["2019-03-05"]


def test_refusals_of_other_days_stay_out_of_a_day(registry: Registry, catalog: Catalog) -> None:
    write(registry, "helm/2019-03-05/a", [1])
    write(registry, "helm/2019-03-06/a", [1])
    found = catalog.announcements("helm", "2019-03-06")
    assert [refusal.key for refusal in found.refused] == ["/mao/hubs/helm/2019-03-06/a"]


def test_hubs_with_names_that_break_the_rule_are_left_out(registry: Registry, catalog: Catalog) -> None:
    write(registry, "a b/2019-03-05/a")
    write(registry, "../2019-03-05/a")
    write(registry, "helm/2019-03-05/a")
    assert catalog.hubs() == ["helm"]


def test_a_missing_announcement_says_who_has_the_day(registry: Registry, catalog: Catalog) -> None:
    write(registry, "helm/2019-03-05/a")
    write(registry, "helm/2019-03-05/bad", [1])
    for asked, hint in (
        (("helm", "2019-3-5", "z"), "is with a"),
        (("helm", "2019-03-06", "a"), "hub dates helm"),
        (("hel", "2019-03-05", "a"), "'helm'"),
        (("zzzz", "2019-03-05", "a"), "hub list"),
    ):
        with pytest.raises(NotFound) as caught:
            catalog.announcement(*asked)
        assert hint in caught.value.hint
    with pytest.raises(BadInput, match=r"'bad' announced cannot be used: .* an array"):
        catalog.announcement("helm", "2019-3-5", "bad")


@pytest.mark.parametrize(
    "said",
    [
        Announcement("a/b", "2019-03-25", "me", URL),
        Announcement("helm", "25.3.2019", "me", URL),
        Announcement("helm", "2019-02-30", "me", URL),
        Announcement("helm", "2019-03-25", "", URL),
        Announcement("helm", "2019-03-25", "me", ""),
        Announcement("helm", "2019-03-25", "me", "ext::sh"),
        Announcement("helm", "2019-03-25", "you", "/srv/data"),
        Announcement("helm", "2019-03-25", "me", URL, commit="--upload-pack=x"),
        Announcement("helm", "2019-03-25", "me", URL, rows=-1),
    ],
)
def test_an_announcement_that_breaks_a_rule_is_not_written(
    registry: Registry, catalog: Catalog, said: Announcement
) -> None:
    with pytest.raises(BadInput):
        catalog.announce(said)
    assert registry.list("").records == ()


@pytest.mark.parametrize(
    ("when", "days"),
    [
        (None, ["2019-10-03", "2019-03-25", "2019-03-05"]),
        ("2019-03", ["2019-03-25", "2019-03-05"]),
        ("2019-10", ["2019-10-03"]),
        ("2019-3-5", ["2019-03-05"]),
        ("2018-03", []),
    ],
)
def test_a_month_or_a_day_may_be_asked_for(
    registry: Registry, catalog: Catalog, when: str | None, days: list[str]
) -> None:
    for date in ("2019-3-5", "2019-03-25", "2019-10-03"):
        write(registry, f"helm/{date}/them")
    assert [one.date for one in catalog.announcements("helm", when).good] == days


def test_only_ones_own_and_what_is_retracted_is_decoded(registry: Registry, catalog: Catalog) -> None:
    write(registry, "helm/2019-03-01/me")
    write(registry, "helm/2019-03-02/them", {"url": URL, "retracted": "wrong"})
    write(registry, "helm/2019-03-03/them", "nothing that could be read")
    write(registry, "helm/2019-03-04/them", {"url": OTHER_URL})
    write(registry, "helm/2019-3-4/them", {"url": URL, "retracted": "the padded key counts"})
    found = catalog.disputable("helm")
    assert [(one.date, one.operator) for one in found.good] == [("2019-03-02", "them"), ("2019-03-01", "me")]
    assert found.refused == ()
