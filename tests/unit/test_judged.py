"""Peers' judgements become notices: those that concern the operator, each once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from roforlmao.app import App
from roforlmao.data.judged import Judged
from roforlmao.models import Announcement, Audit, Retraction, Standing
from roforlmao.paths import Home
from roforlmao.registry.catalog import Catalog

URL = "https://example.org/them/data.git"
COMMIT, OTHER = "0123abcd" * 5, "4567abcd" * 5
DAY = "2019-03-25"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    (tmp_path / "config.yaml").write_text("operator: me\n")
    app = App(Home.locate(None, str(tmp_path), {}), {})
    yield app
    app.close()


def peer(app: App, name: str) -> Catalog:
    return Catalog(app.registry, "/mao/", name, False)


def announce(app: App, operator: str, date: str = DAY, hub: str = "helm", **fields: Any) -> None:
    peer(app, operator).announce(replace(Announcement(hub, date, operator, URL, COMMIT, 7), **fields))


def heard(app: App) -> list[tuple[str, str]]:
    """What a look tells anew."""
    app.notices.acknowledge(None)
    Judged(app.catalog, app.operator, app.places, app.notices, app.state).tell()
    return [(notice.kind, notice.text) for notice in app.notices.newest()]


def test_a_retraction_beside_ones_own_day_or_of_retrieved_data_is_told_once(app: App) -> None:
    announce(app, "me")
    for operator, hub, date in (("ann", "helm", DAY), ("ben", "helm", "2019-03-24"), ("cat", "aws", DAY)):
        announce(app, operator, date, hub)
        peer(app, operator).retract(hub, date, operator, Retraction("half\x1b[2J a\ncrawl"))
    assert heard(app) == [("retraction", f"ann has retracted helm of {DAY}: half a crawl.")]
    assert heard(app) == []
    (app.places.peers / "helm" / "ben").mkdir(parents=True)
    assert heard(app) == [("retraction", "ben has retracted helm of 2019-03-24: half a crawl.")]
    peer(app, "ann").retract("helm", DAY, "ann", None)
    assert heard(app) == []
    peer(app, "ann").retract("helm", DAY, "ann", Retraction("half a crawl"))
    assert len(heard(app)) == 1  # taken back and said again


@pytest.mark.parametrize(
    ("auditor", "state", "commit", "told"),
    [
        ("zoe", "drifted", COMMIT, True),
        ("zoe", "same", COMMIT, False),
        ("zoe", "drifted", OTHER, False),  # of what was announced before
        ("me", "drifted", COMMIT, False),
    ],
)
def test_an_audit_that_finds_ones_own_snapshot_otherwise_is_told(
    app: App, auditor: str, state: Any, commit: str, told: bool
) -> None:
    announce(app, "me")
    standings = (Standing("me", state, 7, commit=commit), Standing("ann", "odd", 7))
    peer(app, auditor).publish_audit(Audit("helm", DAY, standings, (), False, "A draw."))
    words = f"helm of {DAY}: your snapshot is 'drifted' in the audit of zoe. A draw."
    assert heard(app) == ([("disagreement", words)] if told else [])


def test_many_at_once_become_one_notice(app: App) -> None:
    for number in range(1, 10):
        announce(app, "me", f"2019-03-{number:02}")
        announce(app, "ann", f"2019-03-{number:02}")
        peer(app, "ann").retract("helm", f"2019-03-{number:02}", "ann", Retraction("wrong"))
    ((kind, text),) = heard(app)
    assert kind == "retraction"
    assert text.startswith(
        "9 retractions of helm concern you, the first: ann has retracted helm of 2019-03-09"
    )
    assert heard(app) == []
