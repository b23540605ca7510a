"""Verbs and menus whose cluster hangs: they open as ever, show what was known, and say how old that is."""

from __future__ import annotations

import re
import subprocess
import time

import pytest

from tests.contract.etcdcluster import Cluster
from tests.screens.terminal import Terminal
from tests.session.test_menus import MENU, choose, launcher, leave
from tests.session.world import Operator, World, clean_environment

AGED = r"The registry does not answer: this is what was known at \d\d:\d\d, (just now|\d+ minutes? ago)\."


@pytest.fixture
def ann(world: World, cluster: Cluster) -> Operator:
    """Has registered a dataset, announced nothing, and looked at both."""
    ann = world.operator("ann")
    (ann.home / "config.yaml").write_text(
        "operator: ann\nallow_local_repositories: true\n"
        f"registry: {{backend: etcd, etcd: {{endpoints: {list(cluster.endpoints)}}}}}\n"
    )
    ann.done("dataset", "add", "days", world.bare("days"))
    assert [one["name"] for one in ann.done("dataset", "get")] == ["days"]
    assert ann.done("hub", "list") == []
    return ann


def hang(cluster: Cluster) -> None:
    for server in cluster.servers:
        server.pause()


def test_a_verb_answers_with_what_was_known_and_says_so(ann: Operator, cluster: Cluster) -> None:
    hang(cluster)
    told = subprocess.run(
        ann.command("--json", "dataset", "get"),
        check=False,
        capture_output=True,
        text=True,
        env=clean_environment(),
    )
    assert told.returncode == 0
    assert '"name": "days"' in told.stdout
    assert re.fullmatch(f"Warning: {AGED}\n", told.stderr)


def test_the_check_up_says_what_is_shown_meanwhile(ann: Operator, cluster: Cluster) -> None:
    hang(cluster)
    (found,) = [check for check in ann.verb("doctor").data if check["check"] == "registry"]
    assert not found["ok"]
    assert re.search(r"does not answer.*Shown is what was known at \d\d:\d\d\.$", found["detail"])


def test_what_was_never_known_is_the_usual_error(ann: Operator, cluster: Cluster) -> None:
    hang(cluster)
    answer = ann.verb("experiment", "get")
    assert answer.status == 4
    assert answer.data["error"]["code"] == "registry-unavailable"


def test_a_name_that_was_not_known_is_said_to_be_unknown_then(ann: Operator, cluster: Cluster) -> None:
    hang(cluster)
    answer = ann.verb("dataset", "get", "dayz")
    assert answer.status == 2
    assert answer.data["error"]["code"] == "not-found"
    assert re.fullmatch(rf"{AGED} Did you mean 'days'\?", answer.data["error"]["hint"])


def test_a_dataset_is_cloned_by_what_was_known(ann: Operator, cluster: Cluster) -> None:
    hang(cluster)
    answer = ann.verb("dataset", "clone", "days")
    assert (answer.status, answer.data["action"]) == (0, "cloned")
    assert re.search(AGED, answer.err)


@pytest.mark.parametrize("cols", [80, 60])
def test_menus_open_show_what_was_known_and_find_the_registry_back(
    world: World, ann: Operator, cluster: Cluster, cols: int
) -> None:
    hang(cluster)
    with launcher(world, ann.home, cols=cols) as terminal:
        terminal.wait_for(MENU, 4)  # less than a read waits for the registry
        assert status(terminal).startswith("ann · looking for the registry")
        terminal.wait_for("registry away, as of", 15)
        assert re.match(r"ann · registry away, as of \d\d:\d\d", status(terminal))
        began = time.monotonic()
        choose(terminal, "Data", "Registered datasets")
        terminal.wait_for("The registry does not answer", 4)
        assert time.monotonic() - began < 4  # found away by the look for the status line: no second wait
        assert "days" in terminal.screen()
        assert re.search(AGED, " ".join(terminal.screen().split()))
        for server in cluster.servers:
            server.resume()
        terminal.wait_until(lambda: "etcd registry" in status(terminal), 30)
        terminal.press("escape")
        leave(terminal)


def status(terminal: Terminal) -> str:
    return terminal.screen().splitlines()[-1]
