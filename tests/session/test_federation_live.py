"""Two launchers in two terminals on one cluster of three members: what one does the other is told."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from roforlmao.models import Audit, Mark, Notes, Retraction, Standing
from roforlmao.registry.catalog import Catalog
from tests.contract.etcdcluster import Cluster, wait_for
from tests.contract.hearing import announce
from tests.screens.terminal import Terminal
from tests.session.backends import Shared, on
from tests.session.running import scheduler
from tests.session.test_federation_members import here, outcome, watches
from tests.session.test_menus import agree, answer, choose, launcher, leave
from tests.session.world import ONE_COMMAND, TICK, Operator, World

PATIENCE = 30.0
PULSE = {"mao.yml": ONE_COMMAND.format(name="pulse"), "go.sh": TICK}


@pytest.fixture
def federation(cluster: Cluster) -> Iterator[Shared]:
    with on(cluster) as found:
        yield found


def opened(stack: ExitStack, world: World, operator: Operator) -> Terminal:
    """The operator's menus, once they follow the registry."""
    terminal = stack.enter_context(launcher(world, operator.home))
    terminal.wait_for("etcd registry")
    assert wait_for(lambda: operator.name in here(operator) and watches(operator), PATIENCE)
    return terminal


def lines(terminal: Terminal, text: str) -> int:
    """How often it was printed above the prompt, all in all."""
    return terminal.raw.decode(errors="replace").count(text)


def test_registered_here_installed_there_run_announced_and_noticed_while_a_member_is_killed(
    world: World, federation: Shared
) -> None:
    alice, bob = (federation.operator(world, name) for name in ("alice", "bob"))
    code, data = world.tool("pulse", PULSE), world.bare("data")
    assert federation.cluster is not None
    with ExitStack() as stack:
        left, right = opened(stack, world, alice), opened(stack, world, bob)
        choose(left, "Federation", "Who is here")
        left.wait_for("2 of 2 operators there now.")
        left.press("escape")
        choose(left, "Tools", "Register a tool")
        for question, text in (
            ("name of the tool", "pulse"),
            ("container image", ""),
            ("who wrote it", ""),
            ("URL of its data repository", data),
            ("URL of its code repository", code),
            ("what it watches", ""),
            ("description", ""),
        ):
            answer(left, question, text)
        left.wait_for("Registered pulse", PATIENCE)
        left.wait_for("Install pulse now?")
        left.send("n")
        right.wait_for("alice registered the tool 'pulse'.", PATIENCE)
        federation.cluster.leader().kill()
        choose(right, "Tools", "Install a tool")
        answer(right, "Install a tool: the tool")
        agree(right, "Trust this and go on?")
        agree(right, "Run pulse now?")
        right.wait_for("succeeded", PATIENCE)
        agree(right, "Publish what it left?")
        answer(right, "the hub that the data is about", "helm")
        right.wait_for("Published: 1 row", PATIENCE)
        left.wait_for("bob announced helm of", PATIENCE)
        left.press("escape")
        leave(left)
        right.press("escape")
        leave(right)
        for terminal in (left, right):
            assert lines(terminal, "registry away") == 0, "somebody noticed that a member died"
        assert (lines(left, "bob announced"), lines(right, "alice registered")) == (1, 1)
        assert lines(left, "alice registered") == lines(right, "bob announced") == 0
        again = opened(stack, world, alice)
        again.wait_for("1 unread notice")
        leave(again)
        assert lines(again, "bob announced") == 0, "told before the restart"
    [entry] = alice.done("hub", "operators", "helm", time.strftime("%Y-%m-%d"))
    assert (entry["operator"], entry["rows"]) == ("bob", 1)


def test_who_joins_sees_who_is_there_and_whether_their_name_is_taken(
    world: World, federation: Shared
) -> None:
    alice, carol = federation.operator(world, "alice"), world.operator("carol")
    namesake = Operator("alice", world.root / "namesake")
    namesake.home.mkdir()
    (namesake.home / "config.yaml").write_text("operator: alice\n")
    assert federation.cluster is not None
    with scheduler(alice):
        assert wait_for(lambda: here(alice) == ["alice"], PATIENCE)
        joined = carol.verb("federation", "join", *federation.cluster.endpoints)
        assert (joined.status, joined.data["operators"]) == (0, ["alice"])
        assert "Another operator" not in joined.err
        warned = namesake.verb("federation", "join", *federation.cluster.endpoints)
        assert warned.status == 0
        assert "Another operator is here as 'alice'" in warned.err


def test_a_lost_majority_costs_neither_news_nor_membership(world: World, federation: Shared) -> None:
    alice, bob = federation.operator(world, "alice"), federation.operator(world, "bob")
    cluster = federation.cluster
    assert cluster is not None
    with scheduler(alice) as launcher_of_alice:
        assert wait_for(lambda: here(bob) == ["alice"] and watches(alice), PATIENCE)
        for server in cluster.servers[:2]:
            server.kill()
        assert wait_for(lambda: "does not answer" in outcome(alice, "registry watch"), PATIENCE)
        cluster.heal()
        announce(federation.registry, "bob", "2026-11-01")
        told = launcher_of_alice.wait_for("notice", PATIENCE)
        assert told["text"] == "bob announced helm of 2026-11-01: 7 rows."
        assert wait_for(lambda: here(bob) == ["alice"], PATIENCE)
        assert wait_for(lambda: "at once" in outcome(alice, "registry watch"), PATIENCE)
    assert [notice["kind"] for notice in alice.done("notification", "list")] == ["peers"]


def test_a_peer_s_audit_retraction_and_note_come_above_the_prompt_and_once(
    world: World, federation: Shared
) -> None:
    alice, registry, day = federation.operator(world, "alice"), federation.registry, "2026-11-01"
    for operator in ("alice", "bob"):
        announce(registry, operator, day)
    bob = Catalog(registry, "/mao/", "bob", allow_local=False)
    mine = Standing("alice", "drifted", 7, commit=bob.announcement("helm", day, "alice").commit)
    told = (
        f"helm of {day}: your snapshot is 'drifted' in the audit of bob. A draw.",
        f"bob has retracted helm of {day}: half a crawl.",
        "helm: bob marks 2026-10-31 of pods as bad run: power cut.",
    )
    with ExitStack() as stack:
        terminal = opened(stack, world, alice)
        bob.publish_audit(Audit("helm", day, (mine,), (), False, "A draw."))
        terminal.wait_for(told[0], PATIENCE)
        bob.retract("helm", day, "bob", Retraction("half a crawl"))
        terminal.wait_for(told[1], PATIENCE)
        bob.publish_notes(Notes("pods", "bob", "helm", {"2026-10-31": Mark("bad-run", "power cut", "")}))
        terminal.wait_for(told[2], PATIENCE)
        leave(terminal)
        again = opened(stack, world, alice)
        again.wait_for("3 unread notices")
        leave(again)
    assert [lines(again, text) for text in told] == [0, 0, 0]


def test_what_came_while_no_launcher_was_open_and_a_flood_are_folded(
    world: World, federation: Shared
) -> None:
    alice = federation.operator(world, "alice")
    with ExitStack() as stack:
        terminal = opened(stack, world, alice)
        for day in range(1, 29):
            announce(federation.registry, f"op{day % 4}", f"2026-10-{day:02}", "dockerhub")
        terminal.wait_for("28 new announcements on dockerhub by 4 operators.", PATIENCE)
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.wait_end()
    for day in (1, 2, 3):
        announce(federation.registry, "bob", f"2026-11-{day:02}", "dockerhub")
    with ExitStack() as stack:
        terminal = stack.enter_context(launcher(world, alice.home))
        terminal.wait_for("Meanwhile: 3 new announcements on dockerhub by bob.", PATIENCE)
        leave(terminal)
        assert lines(terminal, "28 new") == 0
