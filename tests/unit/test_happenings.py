"""Changes in the registry as sentences: peers', clean, folded, never one's own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from roforlmao.federation.happenings import Happening, Hearing
from roforlmao.federation.tally import Tally
from roforlmao.registry.base import Record

HEARING = Hearing("/mao/", "alice", allow_local=False)
TOOL = {"code_repo": "https://x.org/t.git", "registered_by": "bob"}
DATA = {"url": "https://x.org/d.git", "registered_by": "bob"}
DAY = {"url": "https://x.org/d.git", "commit": "abcdef", "rows": 635}
MANY = 1000


def record(place: str, value: Any, version: int = 1) -> Record:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Record(f"/mao/{place}", raw, 7, 7, version)


@pytest.mark.parametrize(
    ("place", "value", "version", "told"),
    [
        ("tools/sar", TOOL, 1, "bob registered the tool 'sar'."),
        ("tools/sar", TOOL, 2, "bob changed the tool 'sar'."),
        ("tools/sar", {**TOOL, "registered_by": ""}, 1, "Somebody registered the tool 'sar'."),
        ("data/days", DATA, 1, "bob registered the dataset 'days'."),
        ("data/days", b"https://x.org/d.git", 1, "Somebody registered the dataset 'days'."),
        (
            "experiments/seven",
            {"tool": "sar", "registered_by": "bob"},
            1,
            "bob published the experiment 'seven' with the tool 'sar'.",
        ),
        ("hubs/helm/2026-11-20/bob", DAY, 1, "bob announced helm of 2026-11-20: 635 rows."),
        ("hubs/helm/2026-3-5/bob", b"https://x.org/d.git", 1, "bob announced helm of 2026-03-05."),
        (
            "hubs/helm/2026-11-20/bob",
            {**DAY, "verdict": "anomaly"},
            2,
            "bob announced helm of 2026-11-20 again: 635 rows, anomaly.",
        ),
        (
            "votes/helm/2026-11-20",
            {
                "votes": {
                    "alice": {"operator": "dan", "at": "2026-11-21T10:00:00+00:00"},
                    "bob": {"operator": "carol", "at": "2026-11-21T11:00:00+00:00"},
                }
            },
            2,
            "bob votes for the snapshot of carol: helm of 2026-11-20.",
        ),
    ],
)
def test_what_a_peer_did_is_a_sentence(place: str, value: Any, version: int, told: str) -> None:
    found = HEARING.hear(record(place, value, version))
    assert found is not None
    assert found.text == told


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("tools/mine", {**TOOL, "registered_by": "alice"}),
        ("data/mine", {**DATA, "registered_by": "alice"}),
        ("hubs/helm/2026-11-20/alice", DAY),
        ("votes/helm/2026-11-20", {"votes": {"alice": {"operator": "bob", "at": "2026"}}}),
        ("votes/helm/2026-11-20", {"votes": {}}),
        ("votes/helm/never", {"votes": {"bob": {"operator": "bob", "at": "2026"}}}),
        ("members/bob", {"name": "bob"}),
        ("locks/x/1", {}),
        ("hubs/helm/2026-11-20/bob", {**DAY, "retracted": {"reason": "wrong", "commit": "abcdef"}}),
        ("hubs/helm/2026-11-20/../bob", DAY),
        ("hubs/helm/2026-11-20", DAY),
        ("hubs/-rf/2026-11-20/bob", DAY),
        ("hubs/helm/2026-11-20/\x1b[2Jbob", DAY),
        ("hubs/helm/2026-11-20/bob", {**DAY, "url": "ext::sh -c true"}),
        ("hubs/helm/2026-11-20/bob", {**DAY, "url": "file:///etc"}),
        ("tools/sar", {**TOOL, "registered_by": "\x1b]0;x\x07bob"}),
        ("tools/sar", b"\xff"),
        ("tools/sar", b"[" * 100_000),
        ("experiments/x", {"tool": "../t"}),
        ("", b""),
    ],
)
def test_ones_own_what_is_no_news_and_what_is_hostile_is_not_told(place: str, value: Any) -> None:
    assert HEARING.hear(record(place, value)) is None


@pytest.mark.parametrize(
    ("place", "value", "hub"),
    [
        ("audits/helm/2026-11-20/bob", {}, "helm"),
        ("audits/helm/2026-11-20/alice", {}, ""),
        ("audits/-rf/2026-11-20/bob", {}, ""),
        ("notes/series/bob", {"hub": "helm", "marks": {}}, "helm"),
        ("notes/series/alice", {"hub": "helm", "marks": {}}, ""),
        ("notes/series/bob", {"hub": "../x", "marks": {}}, ""),
        ("hubs/helm/2026-11-20/bob", {**DAY, "retracted": "wrong"}, "helm"),
        ("hubs/helm/2026-11-20/bob", DAY, ""),
        ("tools/sar", TOOL, ""),
    ],
)
def test_judgements_name_the_hub_to_look_at(place: str, value: Any, hub: str) -> None:
    assert HEARING.judged_hub(record(place, value)) == hub


def announced(number: int, hub: str = "dockerhub") -> Iterable[Happening]:
    return (Happening("announcement", f"op{n % 5}", f"told {n}", hub) for n in range(number))


def told(happenings: Iterable[Happening], *, meanwhile: bool = False) -> list[str]:
    tally = Tally(meanwhile=meanwhile)
    for happening in happenings:
        tally.add(happening)
    return list(tally.lines())


def test_few_are_told_one_by_one_and_many_as_a_number() -> None:
    assert told(announced(5)) == [f"told {n}" for n in range(5)]
    assert told(announced(37)) == ["37 new announcements on dockerhub by 5 operators."]
    assert told(announced(0)) == []


def test_what_happened_meanwhile_is_folded_sooner() -> None:
    assert told(announced(1), meanwhile=True) == ["Meanwhile: told 0"]
    assert told(announced(2), meanwhile=True) == [
        "Meanwhile: 2 new announcements on dockerhub by op0 and op1."
    ]


def test_kinds_and_hubs_are_folded_by_themselves() -> None:
    tools = [Happening("tool", "bob", f"tool {n}") for n in range(1234)]
    assert told([*tools, *announced(6), *announced(1, "helm")]) == [
        "1,234 new tools by bob. `tool get` shows them.",
        "6 new announcements on dockerhub by 5 operators.",
        "told 0",
    ]


def test_a_flood_over_many_hubs_is_one_line_and_little_memory() -> None:
    tally = Tally()
    for number in range(100 * MANY):
        tally.add(Happening("announcement", f"op{number}", "x" * 100, f"hub{number}"))
    (line,) = tally.lines()
    assert line == "100,000 new announcements on 1,000 hubs or more by 1,000 operators or more."
    assert sum(len(group.who) + len(group.texts) for group in tally._groups.values()) < 3 * MANY
