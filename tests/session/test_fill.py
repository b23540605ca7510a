"""A gap is filled from a peer: whose data, where it lands, its origin, and what is never overwritten."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from roforlmao.registry.sqlite import SqliteRegistry
from tests.session.test_audits import DAY, FULL, HUB, LESS, clone_of, holder, states
from tests.session.world import Operator, World

BEFORE = "2019-03-24"
CONTROL = f"control-{DAY}.csv"


@pytest.fixture
def ann(world: World) -> Operator:
    """Has the day before, and a directory of her own for that stream."""
    ann = world.operator("ann")
    ann.done("dataset", "add", "ann", world.bare("ann"))
    ann.done("dataset", "clone", "ann")
    World.write(clone_of(ann), {f"charts/charts-{BEFORE}.csv": LESS})
    ann.done("dataset", "sync", clone_of(ann), "--hub", HUB, "--date", BEFORE)
    return ann


@pytest.fixture
def ben(world: World) -> Operator:
    ben = world.operator("ben")
    ben.done("dataset", "add", "ben", world.bare("ben"))
    ben.done("dataset", "clone", "ben")
    World.write(clone_of(ben), {f"charts-{DAY}.csv": FULL, CONTROL: "8\n"})
    ben.done("dataset", "sync", clone_of(ben), "--hub", HUB, "--date", DAY)
    return ben


def fill(operator: Operator, *words: object) -> tuple[str, ...]:
    return ("dataset", "fill", operator.name, "--hub", HUB, "--date", DAY, *map(str, words))


def test_a_missing_day_is_taken_with_its_origin_published_and_no_second_witness(
    world: World, ann: Operator, ben: Operator
) -> None:
    done = ann.done(*fill(ann, "--sync"))
    assert (done["origin"], sorted(done["taken"])) == ("ben", [f"charts/charts-{DAY}.csv", CONTROL])
    assert (clone_of(ann) / "charts" / f"charts-{DAY}.csv").read_text() == FULL
    message = world.git(clone_of(ann), "log", "-1", "--format=%B")
    commit = world.git(clone_of(ben), "rev-parse", "HEAD")
    assert message.startswith(f"sync {DAY}\n")
    assert {"Operator: ann", "Origin: ben", f"Origin-commit: {commit}"} <= set(message.splitlines())
    entry = {one["operator"]: one for one in ann.done("hub", "operators", HUB, DAY)}["ann"]
    assert (entry["origin"], entry["rows"]) == ("ben", 9)
    audit = ann.done("audit", HUB, DAY)
    assert (states(audit), audit["decided"]) == ({"ann": "same", "ben": "same"}, False)
    assert "nobody beside" in audit["reason"]


def test_without_sync_it_is_committed_and_a_later_sync_tells_the_origin(ann: Operator, ben: Operator) -> None:
    done = ann.done(*fill(ann))
    assert (done["pushed"], done["key"]) == (False, "")
    ann.done("dataset", "sync", clone_of(ann), "--hub", HUB, "--date", DAY)
    entry = {one["operator"]: one for one in ann.done("hub", "operators", HUB, DAY)}["ann"]
    assert entry["origin"] == "ben"


def test_an_empty_day_is_filled_and_ones_own_rows_are_not_overwritten_unasked(
    world: World, ann: Operator, ben: Operator
) -> None:
    mine = clone_of(ann) / "charts" / f"charts-{DAY}.csv"
    mine.write_text("")
    ann.done("dataset", "sync", clone_of(ann), "--hub", HUB, "--date", DAY, "--allow-loss")
    ann.done(*fill(ann, "--sync"))
    assert mine.read_text() == FULL
    cat = holder(world, "cat", LESS)
    refused = ann.verb(*fill(ann, "--from", "cat"))
    assert (refused.status, refused.data["error"]["code"]) == (5, "loss-refused")
    assert mine.read_text() == FULL
    assert cat.done("hub", "operators", HUB, DAY)
    ann.done(*fill(ann, "--from", "cat", "--allow-loss"))
    assert mine.read_text() == LESS


def test_it_is_taken_from_who_is_elected_else_who_won_else_who_has_most(
    world: World, ann: Operator, ben: Operator
) -> None:
    cat, _ = holder(world, "cat", LESS), holder(world, "dan", LESS)
    holder(world, "eve", FULL + "9,wrong,1\n").done("hub", "retract", HUB, DAY, "--reason", "wrong")
    scratch = Path(ann.home, "scratch")
    world.git(ann.home, "clone", "--quiet", str(world.root / "remotes" / "ann.git"), str(scratch))

    def source() -> str:
        world.git(scratch, "reset", "--quiet", "--hard", "origin/main")
        origin = ann.done("dataset", "fill", scratch, "--hub", HUB, "--date", DAY)["origin"]
        assert isinstance(origin, str)
        return origin

    assert source() == "ben"
    assert cat.verb("audit", HUB, DAY).data["winner"] == ["cat", "dan"]
    assert source() == "cat"
    ann.done("vote", HUB, DAY, "ben")
    assert source() == "ben"


def test_what_cannot_be_taken_is_told_and_leaves_nothing(world: World, ann: Operator) -> None:
    answer = ann.verb(*fill(ann))
    assert (answer.status, answer.data["error"]["code"]) == (2, "not-found")
    holder(world, "nil", "")
    assert "No peer has data" in ann.verb(*fill(ann)).data["error"]["message"]
    assert "is empty" in ann.verb(*fill(ann, "--from", "nil")).data["error"]["message"]
    (clone_of(ann) / "notes.csv").write_text("mine\n")
    assert "not committed: notes.csv" in ann.verb(*fill(ann, "--from", "nil")).data["error"]["message"]
    assert world.git(clone_of(ann), "status", "--short") == "?? notes.csv"


def test_a_peers_path_that_leads_out_of_the_data_is_refused(world: World, ann: Operator) -> None:
    holder(world, "mal", FULL)
    outside = world.root / "outside"
    outside.mkdir()
    World.write(clone_of(Operator("mal", world.root / "mal")), {f"inner/other-{DAY}.csv": "x,y\n1,2\n"})
    Operator("mal", world.root / "mal").done(
        "dataset", "sync", clone_of(Operator("mal", world.root / "mal")), "--hub", HUB, "--date", DAY
    )
    exclude = clone_of(ann) / ".git" / "info" / "exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.write_text("inner\n")
    (clone_of(ann) / "inner").symlink_to(outside)
    answer = ann.verb(*fill(ann))
    assert (answer.status, answer.data["error"]["code"]) == (5, "refused")
    assert list(outside.iterdir()) == []


def test_an_origin_that_breaks_the_rules_of_names_does_not_stop_an_announcement(
    world: World, ann: Operator
) -> None:
    clone = clone_of(ann)
    (clone / f"charts-{DAY}.csv").write_text(FULL)
    world.git(clone, "add", "--all")
    world.git(clone, "commit", "--quiet", "--message", f"sync {DAY}\n\nOperator: ann\nOrigin: ../x y\n")
    ann.done("dataset", "sync", clone, "--hub", HUB, "--date", DAY)
    with closing(SqliteRegistry(world.registry)) as registry:
        record = registry.get(f"/mao/hubs/{HUB}/{DAY}/ann")
        assert record is not None
        assert "origin" not in json.loads(record.value)


def test_a_second_sync_of_a_day_that_brings_no_data_does_not_announce_it_empty(
    world: World, ann: Operator, ben: Operator
) -> None:
    (clone_of(ben) / CONTROL).write_text("9\n")
    assert (
        ben.done("dataset", "sync", clone_of(ben), "--hub", HUB, "--date", DAY, "--allow-loss")["rows"] == 0
    )
    (day, *_) = ann.done("hub", "calendar", HUB)
    assert [(one["operator"], one["state"], one["rows"]) for one in day["operators"]] == [
        ("ben", "present", 9)
    ]
    (clone_of(ben) / f"charts-{DAY}.csv").write_text("")
    ben.done("dataset", "sync", clone_of(ben), "--hub", HUB, "--date", DAY, "--allow-loss")
    (day, *_) = ann.done("hub", "calendar", HUB)
    assert day["operators"][0]["state"] == "empty"
