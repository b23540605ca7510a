"""How the age of what was only remembered is told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from roforlmao.actions.base import Report
from roforlmao.actions.lastknown import answered, moment, sentence
from roforlmao.app import App
from roforlmao.errors import NotFound, RoforlmaoError, Unavailable
from roforlmao.paths import Home
from roforlmao.registry.recall import insisting, recall, recalling

NOW = dt.datetime(2026, 11, 22, 12, 28, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(Home(tmp_path, tmp_path / "config.yaml"), {}, lambda: NOW)


def known_before(**age: int) -> float:
    return (NOW - dt.timedelta(**age)).timestamp()


@pytest.mark.parametrize(
    ("age", "words"),
    [
        ({"seconds": 59}, "12:27, just now"),
        ({"seconds": -90}, "12:30, just now"),
        ({"minutes": 1}, "12:27, 1 minute ago"),
        ({"minutes": 25}, "12:03, 25 minutes ago"),
        ({"hours": 12}, "00:28, 12 hours ago"),
        ({"hours": 13}, "2026-11-21 23:28, 13 hours ago"),
        ({"days": 40}, "2026-10-13 12:28, 40 days ago"),
    ],
)
def test_an_age_is_told_in_words(age: dict[str, int], words: str) -> None:
    told = sentence(known_before(**age), NOW)
    assert told == f"The registry does not answer: this is what was known at {words}."
    assert moment(known_before(**age), NOW) == words.partition(",")[0]


def remembers(report: Report | RoforlmaoError) -> Report:
    """An action that was answered from memory twice."""
    inside = recall()
    assert inside is not None
    inside.note(known_before(minutes=5))
    inside.note(known_before(minutes=25))
    if isinstance(report, RoforlmaoError):
        raise report
    return report


def test_a_report_of_what_was_remembered_ends_with_a_warning(app: App) -> None:
    told = answered(app, lambda: remembers(Report(1, warnings=["own"])))
    assert told.warnings == ["own", sentence(known_before(minutes=25), NOW)]
    assert answered(app, lambda: Report(1)).warnings == ()


def test_an_error_over_what_was_remembered_says_so_first(app: App) -> None:
    with pytest.raises(NotFound) as caught:
        answered(app, lambda: remembers(NotFound("None such.", "Look.")))
    assert caught.value.hint == f"{sentence(known_before(minutes=25), NOW)} Look."


def test_that_the_registry_is_away_need_not_be_said_twice(app: App) -> None:
    with pytest.raises(Unavailable) as caught:
        answered(app, lambda: remembers(Unavailable("Away.", "Wait.")))
    assert caught.value.hint == "Wait."


def test_what_a_write_is_based_on_is_not_recalled() -> None:
    assert recall() is None
    with recalling() as outer:
        with insisting():
            assert recall() is None
        assert recall() is outer
        with recalling() as inner:
            assert recall() is inner
        assert recall() is outer
    assert recall() is None
