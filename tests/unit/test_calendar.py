"""The calendar of a hub: marks, gaps, what is read of the registry, and how long a year of twenty takes."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roforlmao.actions import calendar as action
from roforlmao.app import App
from roforlmao.errors import BadInput
from roforlmao.models import Announcement, Audit, Retraction, Standing
from roforlmao.paths import Home
from roforlmao.progress import Progress
from roforlmao.registry.base import Put
from roforlmao.series.calendar import calendar

URL = "https://example.org/them/data.git"
COMMIT, OTHER = "0123abcd" * 5, "4567abcd" * 5
DAY = "2019-03-25"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    (tmp_path / "config.yaml").write_text("operator: me\n")
    app = App(Home.locate(None, str(tmp_path), {}), {})
    yield app
    app.close()


def entry(operator: str, date: str = DAY, **fields: Any) -> Announcement:
    return Announcement(
        **{"hub": "helm", "date": date, "operator": operator, "url": URL, "commit": COMMIT} | fields
    )


def audited(state: Any, commit: str) -> Audit:
    return Audit("helm", DAY, (Standing("ann", state, 7, commit=commit),), (), False, "", auditor="zoe")


@pytest.mark.parametrize(
    ("fields", "audits", "mark", "reason"),
    [
        ({"rows": 7}, [], "present", ""),
        ({"rows": None}, [audited("same", COMMIT)], "present", ""),
        ({"rows": 0}, [], "empty", "no rows"),
        ({"verdict": "anomaly"}, [], "anomaly", "judged an anomaly"),
        ({"rows": 7}, [audited("drifted", COMMIT)], "disagreement", "drifted by the audit of zoe"),
        ({"rows": 7}, [audited("drifted", OTHER)], "present", ""),  # announced anew since
        ({"rows": 7, "commit": ""}, [audited("odd", OTHER)], "disagreement", "odd by the audit of zoe"),
        ({"rows": 0, "retracted": Retraction("half", "", COMMIT)}, [], "retracted", "retracted: half"),
        ({"rows": 7, "retracted": Retraction("half", "", OTHER)}, [], "present", ""),
    ],
)  # fmt: skip
def test_a_holding_gets_the_worst_of_its_marks(
    fields: dict[str, Any], audits: list[Audit], mark: str, reason: str
) -> None:
    (day,) = calendar("helm", [entry("ann", **fields)], audits).days
    assert (day.holdings[0].state, day.holdings[0].reasons[:1]) == (mark, (reason,) if reason else ())


def test_gaps_are_told_by_the_hubs_own_rhythm() -> None:
    daily = [entry("ann", f"2019-03-{day:02}") for day in (1, 2, 3, 4, 8)]
    assert [day.missing for day in calendar("helm", daily, []).days] == [3, 0, 0, 0, 0]
    weekly = [entry("ann", f"2019-03-{day:02}") for day in (1, 8, 15, 29)]
    assert [day.missing for day in calendar("helm", weekly, []).days] == [1, 0, 0, 0]
    assert [
        day.missing for day in calendar("helm", [entry("a", "0001-01-01"), entry("a", "9999-12-31")], []).days
    ]


def put(app: App, key: str, value: Any) -> None:
    app.registry.put(f"/mao/{key}", value if isinstance(value, bytes) else json.dumps(value).encode())


def test_the_verb_shows_marks_a_legend_and_words(app: App) -> None:
    put(app, f"hubs/helm/{DAY}/ann", {"url": URL, "rows": 7})
    put(app, f"hubs/helm/{DAY}/ben", {"url": URL, "rows": 0, "retracted": {"reason": "x\x1b[2Jy"}})
    put(app, "hubs/helm/2019-3-24/ann", {"url": URL, "verdict": "anomaly"})
    put(app, "hubs/helm/2019-02-24/ann", {"url": URL})
    put(app, f"hubs/helm/{DAY}/[red]cat", {"url": URL})
    put(app, f"audits/helm/{DAY}/x", b"[]")
    report = action.show(app, Progress(), "helm", "2019-03")
    assert report.rows == [
        [DAY, "+ r", "ben retracted"],
        ["2019-03-24", "! .", "ann anomaly"],
    ]
    assert list(report.lines) == [
        "A ann, B ben",
        "+ present, 0 empty, ! anomaly, x disagreement, r retracted, . absent",
    ]
    assert [day["date"] for day in report.data] == [DAY, "2019-03-24"]
    assert report.data[0]["operators"][1]["state"] == "retracted"
    assert len(report.warnings) == 2
    assert action.show(app, Progress(), "nothing").rows == []


def test_more_operators_than_letters_are_told_in_words(app: App) -> None:
    for number in range(70):
        put(app, f"hubs/helm/{DAY}/op{number:02}", {"url": URL, "rows": number % 2})
    report = action.show(app, Progress(), "helm")
    assert (len(report.rows[0][1].replace(" ", "")), report.lines[0].endswith("and 8 more")) == (62, True)
    assert report.rows[0][2] == "op00 empty, op02 empty, op04 empty, 32 more"


@pytest.mark.parametrize("text", ["2019", "2019-13", "2019-00", "march", "2019-03-25"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        action.month(text)
    assert action.month("2019-7") == "2019-07"


def test_a_year_of_twenty_operators_is_ready_within_a_second_with_two_reads(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = json.dumps({"url": URL, "commit": COMMIT, "rows": 700, "verdict": "normal"}).encode()
    for number in range(365):
        date = dt.date(2019, 1, 1) + dt.timedelta(number)
        app.registry.transaction(
            [], [Put(f"/mao/hubs/helm/{date}/op{operator:02}", value) for operator in range(20)]
        )
    read: list[str] = []
    listed = app.registry.list
    monkeypatch.setattr(app.registry, "list", lambda prefix: read.append(prefix) or listed(prefix))  # type: ignore[func-returns-value]
    began = time.process_time()
    report = action.show(app, Progress(), "helm")
    assert time.process_time() - began < 1.0
    assert read == ["/mao/hubs/helm/", "/mao/audits/helm/"]
    assert (len(report.rows), report.rows[0][1]) == (365, "+++++ +++++ +++++ +++++")
