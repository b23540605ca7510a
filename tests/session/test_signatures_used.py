"""Where signatures count: lists, removal, filling a gap, audits, and jobs that peers' data calls for."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from tests.session.peers import MONDAY, TUESDAY, Peer, collector
from tests.session.running import scheduler
from tests.session.test_audits import DAY, FULL, HUB, clone_of, holder
from tests.session.test_menus import agree, answer, choose, launcher, leave
from tests.session.test_signatures import URL, new_key, plant, signing, stored
from tests.session.world import Operator, World

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen is not installed")
ANNOUNCED = f"hubs/{HUB}/{DAY}/ben"
FORGED = "signature does not match"


def signs(operator: Operator) -> None:
    """From now on; paths of others on this machine stay allowed."""
    config = operator.home / "config.yaml"
    config.write_text(f"{config.read_text()}sign: {{key: {new_key(operator.home / 'id')}}}\n")


def forge(world: World, key: str, **changes: Any) -> None:
    """Changes an entry as one does who can write to the registry and does not have the key."""
    plant(world, key, {**stored(world, key), **changes})


@pytest.fixture
def ann(world: World) -> Operator:
    return signing(world, "ann")


@pytest.fixture
def ben(world: World) -> Operator:
    """Has announced a day, signed."""
    ben = world.operator("ben")
    signs(ben)
    ben.done("dataset", "add", "ben", world.bare("ben"))
    ben.done("dataset", "clone", "ben")
    (clone_of(ben) / f"charts-{DAY}.csv").write_text(FULL)
    ben.done("dataset", "sync", clone_of(ben), "--hub", HUB, "--date", DAY)
    return ben


def test_lists_show_who_signed_as_soon_as_anybody_does(world: World, ann: Operator) -> None:
    carl = world.operator("carl")
    carl.done("tool", "add", "plain", "--code-repo", URL, "--unchecked")
    carl.done("dataset", "add", "plain", URL, "--unchecked")
    for group in ("tool", "dataset"):
        assert "signed" not in carl.done(group, "get")[0]
    ann.done("tool", "add", "good", "--code-repo", URL, "--unchecked")
    ann.done("dataset", "add", "good", URL, "--unchecked")
    ann.done("experiment", "add", "good", "good")
    ann.done("experiment", "add", "worse", "good")
    for key in ("tools/forged", "data/forged"):
        plant(world, key, stored(world, key.replace("forged", "good")))
    forge(world, "experiments/worse", description="changed")
    for group in ("tool", "dataset", "experiment"):
        words = {one["name"]: one.get("signed", {}).get("words", "") for one in carl.done(group, "get")}
        assert words.pop("good").startswith("signed by ann (SHA256:")
        assert words == ({"worse": FORGED} if group == "experiment" else {"forged": FORGED, "plain": ""})


def test_of_all_who_have_a_day_each_is_shown_with_who_signed(world: World, ben: Operator) -> None:
    plant(world, f"hubs/{HUB}/{DAY}/dora", {"url": URL})
    plant(world, f"hubs/{HUB}/2019-3-25/eve", {"url": URL})
    plant(world, f"hubs/{HUB}/{DAY}/mallory", stored(world, ANNOUNCED))
    found = world.operator("carl").done("hub", "operators", HUB, DAY)
    words = {one["operator"]: one.get("signed", {}).get("words", "") for one in found}
    assert words.pop("ben").startswith("signed by ben (SHA256:")
    assert words == {"dora": "", "eve": "", "mallory": FORGED}


def test_of_very_many_signatures_in_a_list_only_the_first_are_looked_at(world: World, ann: Operator) -> None:
    ann.done("dataset", "add", "good", URL, "--unchecked")
    entry = stored(world, "data/good")
    for number in range(60):
        plant(world, f"data/moved{number:02}", entry)
    states = [one["signed"]["state"] for one in ann.done("dataset", "get")]
    assert states == ["signed", *["mismatch"] * 49, *["unchecked"] * 11]
    assert ann.done("dataset", "get", "moved59")["signed"]["words"] == FORGED


def test_removing_what_another_registered_says_whose_it_is(world: World, ann: Operator) -> None:
    carl = world.operator("carl")
    ann.done("tool", "add", "t", "--code-repo", URL, "--unchecked")
    ann.done("dataset", "add", "d", URL, "--unchecked")
    ann.done("experiment", "add", "e", "t")
    for words in (("experiment", "remove", "e"), ("dataset", "remove", "d"), ("tool", "remove", "t")):
        refused = carl.verb(*words)
        assert (refused.status, refused.data["error"]["code"]) == (5, "refused")
        assert "was registered by ann, not by you (carl)" in refused.data["error"]["message"]
        assert "--others" in refused.data["error"]["hint"]
        assert carl.verb(*words, "--yes").status == 5
        assert carl.done(*words, "--others")["registered_by"] == "ann"


def test_the_menus_show_who_signed_and_whose_an_entry_is_before_it_goes(world: World, ann: Operator) -> None:
    carl = world.operator("carl")
    ann.done("tool", "add", "counter", "--code-repo", URL, "--unchecked")
    with launcher(world, carl.home, cols=160) as terminal:
        choose(terminal, "Tools", "Registered tools")
        terminal.wait_for("signed by ann (SHA256:")
        choose(terminal, "Unregister a tool")
        answer(terminal, "counter")
        agree(terminal, "Unregister a tool: counter?")
        terminal.wait_for("By ann, 20")
        agree(terminal, "Remove what ann registered?")
        terminal.wait_for("counter is no longer registered")
        terminal.wait_for("tool remove counter --others")
        terminal.press("escape")
        leave(terminal)
    assert carl.done("tool", "get") == []


def test_one_s_own_and_nobody_s_entries_are_removed_unasked(world: World, ann: Operator) -> None:
    ann.done("dataset", "add", "mine", URL, "--unchecked")
    plant(world, "data/old", {"url": URL})
    plant(world, "data/broken", {"url": 7, "registered_by": "eve"})
    for name in ("mine", "old", "broken"):
        assert ann.done("dataset", "remove", name)["name"] == name
    assert ann.verb("dataset", "remove", "mine").data["error"]["code"] == "not-found"


def test_a_gap_is_not_filled_with_what_somebody_else_announced(world: World, ben: Operator) -> None:
    carl = holder(world, "carl", FULL, "2019-03-24")
    forge(world, ANNOUNCED, rows=99)
    words = ("dataset", "fill", "carl", "--hub", HUB, "--date", DAY)
    refused = carl.verb(*words)
    assert (refused.status, refused.data["error"]["code"]) == (5, "untrusted")
    assert "signature does not match" in refused.data["error"]["message"]
    assert not (clone_of(carl) / f"charts-{DAY}.csv").exists()
    assert carl.done(*words, "--vouched")["origin"] == "ben"


def test_audits_votes_and_comparisons_say_whose_announcement_is_not_sure(world: World, ben: Operator) -> None:
    carl = holder(world, "carl", FULL)
    reading = (
        ("audit", HUB, DAY),
        ("vote", HUB, DAY, "ben"),
        ("compare", f"{HUB}/{DAY}/carl", f"{HUB}/{DAY}/ben"),
    )
    for words in reading:
        assert carl.verb(*words).err == ""
    signed = stored(world, ANNOUNCED)
    forge(world, ANNOUNCED, verdict="anomaly")
    for words in reading:
        told = carl.verb(*words).err
        assert "What ben announced is not sure to be theirs: its signature does not match" in told, words
    plant(world, ANNOUNCED, {name: value for name, value in signed.items() if name != "signature"})
    for words in reading:
        assert "it is unsigned, though ben signs" in carl.verb(*words).err, words


@pytest.mark.parametrize("kind", ["hub", "dataset"])
def test_a_job_does_not_run_because_of_what_somebody_else_announced(world: World, kind: str) -> None:
    alice, bob = collector(world, world.operator("alice"), "reader"), Peer(world)
    signs(bob.operator)
    bob.announce({"a.csv": MONDAY})
    bob.operator.done("dataset", "add", "days", bob.url)
    source = ("--when-hub", "h") if kind == "hub" else ("--when-dataset", "days")
    alice.done("tool", "schedule", "reader", *source, "--gap", "1s")
    with scheduler(alice) as running:
        running.wait_for("firing", 20)
        bob.announce({"b.csv": TUESDAY})
        assert running.wait_for("finished", 20)["state"] == "succeeded"
    today = next(iter(bob.operator.done("hub", "dates", "h")))
    key = f"hubs/h/{today}/bob" if kind == "hub" else "data/days"
    commit = bob.publish({"c.csv": MONDAY})
    forge(world, key, **({"commit": commit} if kind == "hub" else {"description": "changed"}))
    with scheduler(alice) as again:
        again.wait_for("heard", 20)
        assert again.wait_for("finished", 20)["state"] == "skipped"
    notices = json.dumps(alice.done("notification", "list"))
    assert "is not believed: its signature does not match what it says" in notices
    assert len(alice.done("run", "list")) == 1
