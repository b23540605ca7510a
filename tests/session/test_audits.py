"""Audits, votes and retractions between operators, over real repositories and one registry."""

from __future__ import annotations

import json
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from roforlmao.audit import fetching
from roforlmao.registry.sqlite import SqliteRegistry
from tests.session.world import Operator, World, clean_environment

HUB, DAY = "helm", "2019-03-25"
ROWS = [f"{n},name{n},{n * 3}\n" for n in range(1, 9)]
FULL = "id,name,stars\n" + "".join(ROWS)
LESS = "id,name,stars\n" + "".join(ROWS[:5])
DRIFTED = FULL.replace("name3,9", "name3,10")


def holder(world: World, name: str, text: str, day: str = DAY) -> Operator:
    """An operator who has published that day."""
    operator = world.operator(name)
    operator.done("dataset", "add", name, world.bare(name))
    operator.done("dataset", "clone", name)
    publish(operator, text, day)
    return operator


def clone_of(operator: Operator) -> Path:
    return operator.home / "imports" / "datasets" / operator.name


def publish(operator: Operator, text: str, day: str = DAY) -> Any:
    (clone_of(operator) / f"charts-{day}.csv").write_text(text)
    return operator.done("dataset", "sync", clone_of(operator), "--hub", HUB, "--date", day, "--allow-loss")


def states(document: Any) -> dict[str, str]:
    return {one["operator"]: one["state"] for one in document["operators"]}


@pytest.fixture
def ann(world: World) -> Operator:
    return holder(world, "ann", FULL)


def test_three_operators_one_empty_one_subset_and_one_drifted(world: World, ann: Operator) -> None:
    holder(world, "ben", FULL)
    for name, text in {"cat": "", "dan": LESS, "eve": DRIFTED}.items():
        holder(world, name, text)
    answer = ann.verb("audit", HUB, DAY)
    found = answer.data
    assert answer.status == 1
    assert states(found) == {"ann": "same", "ben": "same", "cat": "empty", "dan": "subset", "eve": "drifted"}
    assert (found["winner"], found["decided"], found["hub"], found["date"]) == (
        ["ann", "ben"],
        True,
        HUB,
        DAY,
    )
    dan = next(one for one in found["operators"] if one["operator"] == "dan")
    assert (dan["rows"], dan["missing"], dan["extra"], dan["differing"], dan["score"]) == (5, 3, 0, 0, 0)
    cell = next(one for one in found["differences"] if one["operators"] == ["eve"])
    assert (cell["key"], cell["column"], cell["reference"], cell["value"]) == (["3"], "stars", "9", "10")
    assert found["key"] == {"": ["id"]}
    (notice,) = ann.done("notification", "list")
    assert notice["kind"] == "disagreement"
    assert found["published"] == f"/mao/audits/{HUB}/{DAY}/ann"
    with closing(SqliteRegistry(world.registry)) as registry:
        record = registry.get(found["published"])
        assert record is not None
        assert json.loads(record.value)["winner"] == ["ann", "ben"]


def test_who_is_gone_rewritten_or_old_is_said_and_the_others_are_compared(
    world: World, ann: Operator
) -> None:
    holder(world, "ben", FULL)
    gone = holder(world, "cat", FULL)
    (world.root / "remotes" / "cat.git").rename(world.root / "remotes" / "moved.git")
    rewritten = holder(world, "dan", FULL)
    clone = clone_of(rewritten)
    world.git(clone, "commit", "--quiet", "--amend", "--message", "other")
    world.git(clone, "push", "--quiet", "--force", "origin", "HEAD:main")
    world.git(world.root / "remotes" / "dan.git", "gc", "--quiet", "--prune=now")
    old = holder(world, "eve", FULL, "2019-03-20")
    with closing(SqliteRegistry(world.registry)) as registry:
        record = registry.get(f"/mao/hubs/{HUB}/2019-03-20/eve")
        assert record is not None
        registry.put(f"/mao/hubs/{HUB}/{DAY}/eve", record.value)
        registry.put(f"/mao/hubs/{HUB}/{DAY}/[red]fay[-red]", record.value)
        registry.put(f"/mao/hubs/{HUB}/{DAY}/gil", b'{"url": "ext::sh -c touch% /tmp/owned"}')
    answer = ann.verb("audit", HUB, DAY)
    assert answer.status == 0  # of those that could be read, nobody disagrees
    assert states(answer.data) == {
        "ann": "same", "ben": "same", gone.name: "unreachable", rewritten.name: "rewritten", old.name: "old",
    }  # fmt: skip
    notes = {one["operator"]: " ".join(one["notes"]) for one in answer.data["operators"]}
    assert "history was rewritten" in notes["dan"]
    assert "its newest one before is of 2019-03-20" in notes["eve"]
    assert "[red]fay" in answer.err
    assert "'ext' is not" in answer.err or "ext::" in answer.err


def test_a_huge_repository_is_audited_and_said_to_be_huge(
    world: World, ann: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = holder(world, "ben", FULL)
    World.write(clone_of(ben), {f"many/f{number}.csv": "1\n" for number in range(30)})
    publish(ben, FULL)
    monkeypatch.setattr(fetching, "_MANY", 20)
    answer = ann.verb("audit", HUB, DAY)
    assert (answer.status, answer.data["operators"][1]["notes"]) == (0, ["the repository holds 31 files"])


def test_an_announced_day_is_audited_as_it_was_announced(world: World, ann: Operator) -> None:
    ben = holder(world, "ben", FULL)
    (clone_of(ben) / f"charts-{DAY}.csv").write_text(LESS)  # changed later, under another day's announcement
    ben.done("dataset", "sync", clone_of(ben), "--hub", HUB, "--date", "2019-03-26", "--allow-loss")
    assert ann.verb("audit", HUB, DAY).status == 0


def test_nobody_to_audit_and_a_pattern_without_files_are_told(ann: Operator) -> None:
    answer = ann.verb("audit", HUB, "2019-03-01")
    assert (answer.status, answer.data["error"]["code"]) == (2, "not-found")
    answer = ann.verb("audit", HUB, DAY, "--file", "other-*")
    assert states(answer.data) == {"ann": "old"}
    assert "no snapshot to look at" in answer.data["reason"]


def test_votes_are_tallied_changed_and_shown(world: World, ann: Operator) -> None:
    ben = holder(world, "ben", DRIFTED)
    assert ann.verb("audit", HUB, DAY).data["decided"] is False
    ann.done("vote", HUB, DAY, "ann")
    assert ben.done("vote", HUB, DAY, "ben")["elected"] is None
    found = ben.done("vote", HUB, DAY, "ann")
    assert (found["tally"], found["elected"]) == ({"ann": 2}, "ann")
    assert ann.done("vote", HUB, DAY) == found
    answer = ann.verb("vote", HUB, DAY, "nobody")
    assert (answer.status, "ann, ben" in answer.data["error"]["hint"]) == (2, True)


def test_two_launchers_that_vote_at_once_both_count(world: World, ann: Operator) -> None:
    voters = [ann, *(world.operator(f"voter{n}") for n in range(3))]
    commands = [voter.command("--json", "vote", HUB, DAY, "ann") for voter in voters]
    started = [
        subprocess.Popen(command, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for command in commands
    ]
    ended = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0] * 4, ended
    assert ann.done("vote", HUB, DAY)["tally"] == {"ann": 4}


def test_a_retracted_day_warns_whoever_meets_it(world: World, ann: Operator) -> None:
    ben = holder(world, "ben", LESS)
    assert ben.verb("hub", "retract", HUB, DAY).data["error"]["hint"].endswith("--reason TEXT")
    done = ben.done("hub", "retract", HUB, DAY, "--reason", "half a crawl")
    assert done["retracted"]["reason"] == "half a crawl"
    words = f"ben has retracted {HUB} of {DAY}: half a crawl"
    assert words in ann.verb("hub", "retrieve", HUB, DAY, "ben").err
    assert "retracted" in {one["operator"]: one for one in ann.done("hub", "operators", HUB, DAY)}["ben"]
    copy = ann.home / "imports" / "peers" / HUB / "ben" / f"charts-{DAY}.csv"
    compared = ann.verb("compare", clone_of(ann) / f"charts-{DAY}.csv", copy)
    assert words in compared.err
    assert words in ann.verb("compare", f"{HUB}/{DAY}/ann", f"{HUB}/{DAY}/ben").err
    audit = ann.verb("audit", HUB, DAY).data
    assert next(one for one in audit["operators"] if one["operator"] == "ben")["notes"] == [
        "retracted: half a crawl"
    ]
    ben.done("hub", "retract", HUB, DAY, "--undo")
    assert "retracted" not in ann.verb("hub", "retrieve", HUB, DAY, "ben").err


def test_only_what_one_announced_oneself_can_be_retracted(world: World, ann: Operator) -> None:
    answer = world.operator("zoe").verb("hub", "retract", HUB, DAY, "--reason", "no")
    assert (answer.status, answer.data["error"]["code"]) == (2, "not-found")
    assert "retracted" not in ann.verb("hub", "retrieve", HUB, DAY, "ann").err
