"""The Federation page in a real terminal: join a cluster, publish an experiment, and a peer who runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.etcdcluster import Cluster, running
from tests.session.test_experiments import MEASURE
from tests.session.test_menus import agree, answer, choose, launcher, leave
from tests.session.world import World


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("menu"), size=1) as found:
        yield found


def test_a_cluster_is_joined_from_the_menu(world: World, cluster: Cluster) -> None:
    ann = world.operator("ann")
    (endpoint,) = cluster.endpoints
    with launcher(world, ann.home) as terminal:
        choose(terminal, "Federation", "Join a federation")
        answer(terminal, "the invite that you were given")
        answer(terminal, "Endpoint", "nowhere")
        terminal.wait_for("It has no port")
        terminal.send("\x15")
        answer(terminal, "Endpoint", endpoint)
        terminal.wait_for("You are ann in cluster")
        terminal.wait_for(f"federation join {endpoint}")
        terminal.press("escape")
        leave(terminal)
    registry = ann.done("config")["registry"]
    assert (registry["backend"], registry["etcd"]["endpoints"]) == ("etcd", [endpoint])


def test_an_experiment_is_published_and_a_peer_is_shown_it_before_it_runs(world: World) -> None:
    ann, ben = world.operator("ann"), world.operator("ben")
    code, data = world.tool("measure", MEASURE), world.bare("d")
    ann.done("tool", "add", "measure", "--code-repo", code, "--data-repo", data)
    for one in (ann, ben):
        one.done("tool", "install", "measure", "--trust")
    with launcher(world, ann.home) as terminal:
        choose(terminal, "Federation", "Experiments", "Publish an experiment")
        answer(terminal, "its name", "seven")
        answer(terminal, "measure")
        answer(terminal, "day", "2026-11-01")
        answer(terminal, "the hub")
        answer(terminal, "least expected")
        answer(terminal, "greatest expected")
        answer(terminal, "description", "seven of them")
        terminal.wait_for("Published seven, revision")
        terminal.press("escape", "escape")
        leave(terminal)
    (made,) = ben.done("experiment", "get")
    assert (made["args"], made["description"]) == (["2026-11-01"], "seven of them")
    with launcher(world, ben.home) as terminal:
        choose(terminal, "Federation", "Experiments", "Run an experiment")
        answer(terminal, "seven")
        terminal.wait_for(f"Revision {made['revision']}")
        agree(terminal, "Run exactly this?")
        terminal.wait_for("Publish what it left?", 20)
        terminal.send("n")
        terminal.wait_for("experiment run seven")
        terminal.press("escape", "escape")
        leave(terminal)
    (run,) = ben.done("run", "list")
    assert (run["state"], run["experiment"]) == ("succeeded", f"seven@{made['revision']}")
