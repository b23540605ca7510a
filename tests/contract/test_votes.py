"""Votes cast at once all count: by three programs on either registry, by launchers on a cluster."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from roforlmao.models import Announcement
from roforlmao.registry.catalog import Catalog
from tests.contract.etcdcluster import Cluster, EtcdStore
from tests.contract.stores import ROOT, Store, program

HUB, DAY = "helm", "2019-03-25"
VOTER = """
import sys
from roforlmao.models import Vote
from roforlmao.registry.catalog import Catalog
name = sys.stdin.readline().strip()
catalog = Catalog(registry, "/mao/", name, False)
catalog.ballot("helm", "2019-03-25")
print("ready")
sys.stdin.readline()
for turn in range(5):
    catalog.vote("helm", "2019-03-25", Vote(name, f"choice-{turn}"))
print("voted")
"""


def say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_votes_cast_at_once_are_all_counted_and_none_twice(registry_factory: Store) -> None:
    voters = [program(registry_factory, VOTER) for _ in range(3)]
    try:
        for number, voter in enumerate(voters):
            say(voter, f"voter-{number}")
        assert [heard(voter) for voter in voters] == ["ready"] * 3
        for voter in voters:
            say(voter, "go")
        assert [heard(voter) for voter in voters] == ["voted"] * 3
    finally:
        for voter in voters:
            voter.kill()
            voter.communicate()
    ballot = Catalog(registry_factory.client(), "/mao/", "me", False).ballot(HUB, DAY)
    assert [(vote.voter, vote.operator) for vote in ballot.votes] == [
        (f"voter-{number}", "choice-4") for number in range(3)
    ]
    assert (dict(ballot.tally), ballot.elected) == ({"choice-4": 3}, "choice-4")


def test_two_launchers_vote_at_once_on_a_cluster(etcd_cluster: Cluster, tmp_path: Path) -> None:
    store = EtcdStore(etcd_cluster)
    catalog = Catalog(store.client(), "/mao/", "ann", False)
    catalog.announce(Announcement(HUB, DAY, "ann", "https://example.org/ann/data.git"))
    launchers = []
    for name in ("ann", "ben"):
        home = tmp_path / name
        home.mkdir()
        endpoints = json.dumps(list(etcd_cluster.endpoints))
        (home / "config.yaml").write_text(
            f"operator: {name}\nregistry: {{backend: etcd, etcd: {{endpoints: {endpoints}}}}}\n"
        )
        words = ["--home", str(home), "--json", "vote", HUB, DAY, "ann"]
        command = [sys.executable, str(ROOT / "launcher.py"), *words]
        launchers.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    ended = [launcher.communicate(timeout=60) for launcher in launchers]
    tally = dict(catalog.ballot(HUB, DAY).tally)
    store.close()
    assert [launcher.returncode for launcher in launchers] == [0, 0], ended
    assert tally == {"ann": 2}
