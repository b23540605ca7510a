"""An old federation in a real v2 keyspace comes into the registry, whatever its values look like."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from roforlmao.errors import BadInput, OperationFailed
from roforlmao.federation import v2keys
from roforlmao.federation.legacy import convert
from roforlmao.registry.sqlite import SqliteRegistry
from tests.contract.etcdcluster import Cluster, free_ports, running
from tests.contract.webserver import web_server
from tests.session.world import Operator, World

URL = "https://example.org/code.git"
TREE = {
    "/tools/bare": URL,
    "/tools/json": json.dumps({"author": "ann", "image": "docker.io/x/y:1", "data_repo": URL}),
    "/tools/python": str({"author": "o'neill", "code_repo": URL, "artefact": None}),
    "/tools/comma": f'{{"code_repo": "{URL}", }}',
    "/data/sets": str({"url": URL, "description": "Größe"}),
    "/data/named": str({"git": URL}),
    "/dockerhub/2019-3-25/ann": URL,
    "/hubs/helm/2019-03-26/ben": json.dumps({"url": URL, "rows": 7}),
    "/mao/hubs/helm/2019-03-27/ben": str({"url": URL, "rows": 7}),
}
REFUSED = {
    "/tools/evil": "__import__('os').system('id')",
    "/tools/call": "{'code_repo': __import__('os').getcwd()}",
    "/tools/deep": "{'a': " + "[" * 200 + "]" * 200 + "}",
    "/tools/path": "file:///etc/passwd",
    "/tools/ext": "ext::sh -c id",
    "/tools/login": "https://me:secret@example.org/r",
    "/tools/..x": URL,
    "/data/number": "{'url': 7}",
    "/elsewhere/notes": "hello",
    "/helm/2019-02-30/ann": URL,
}


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("v2"), size=1, flags=["--enable-v2"]) as cluster:
        for key, value in {**TREE, **REFUSED}.items():
            put(cluster, key, value)
        yield cluster


def put(cluster: Cluster, key: str, value: str) -> None:
    connection = http.client.HTTPConnection(cluster.endpoints[0], timeout=5)
    with closing(connection):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("PUT", f"/v2/keys{quote(key)}", urlencode({"value": value}), headers)
        assert connection.getresponse().status in (200, 201)


def revision(world: World) -> int:
    with closing(SqliteRegistry(world.registry)) as registry:
        return registry.list("").revision


def strict(world: World) -> Operator:
    """An operator who lets nobody name paths on this machine."""
    ann = world.operator("ann")
    config = ann.home / "config.yaml"
    config.write_text(config.read_text().replace("repositories: true", "repositories: false"))
    return ann


@pytest.fixture
def ann(world: World) -> Operator:
    return strict(world)


def test_every_dialect_and_layout_is_shown_first_then_imported_once(
    world: World, ann: Operator, old: Cluster
) -> None:
    words = ("federation", "import-legacy", f"http://{old.endpoints[0]}")
    shown = ann.verb(*words, "--dry-run")
    assert (shown.status, shown.data["read"]) == (1, len(TREE) + len(REFUSED))
    assert len(shown.data["added"]) == len(TREE)
    assert {one["key"] for one in shown.data["refused"]} == set(REFUSED)
    assert ann.done("tool", "get") == []
    unsaid = ann.verb(*words)
    assert unsaid.status == 2
    assert "--write" in unsaid.data["error"]["hint"]
    done = ann.verb(*words, "--write")
    assert (done.status, done.data["added"]) == (1, shown.data["added"])
    tools = {tool["name"]: tool for tool in ann.done("tool", "get")}
    assert set(tools) == {"bare", "json", "python", "comma"}
    assert (tools["python"]["author"], tools["json"]["kind"]) == ("o'neill", "container")
    assert {tool["registered_by"] for tool in tools.values()} == {""}
    assert tools["bare"]["imported_from"] == old.endpoints[0]
    assert {one["name"] for one in ann.done("dataset", "get")} == {"sets", "named"}
    assert ann.done("hub", "dates", "dockerhub") == ["2019-03-25"]
    assert [one["rows"] for one in ann.done("hub", "operators", "helm", "2019-03-27")] == [7]
    before = revision(world)
    again = ann.verb(*words)
    assert (again.data["added"], len(again.data["unchanged"])) == ([], len(TREE))
    assert revision(world) == before


def test_what_is_registered_today_stays(ann: Operator, old: Cluster) -> None:
    mine = ann.done("tool", "add", "bare", "--code-repo", "https://example.org/mine", "--unchecked")
    url = f"http://{old.endpoints[0]}/v2/keys/tools"
    done = ann.verb("federation", "import-legacy", url, "--write")
    assert [one["key"] for one in done.data["kept"]] == ["tools/bare"]
    assert ann.done("tool", "get", "bare") == mine


def test_a_tree_that_claims_to_be_one_s_own_gains_no_trust(ann: Operator, old: Cluster) -> None:
    put(old, "/claimed/tools/mine", str({"code_repo": "file:///etc", "registered_by": "ann"}))
    put(old, "/claimed/helm/2019-01-01/ann", "file:///etc")
    done = ann.verb("federation", "import-legacy", f"http://{old.endpoints[0]}/v2/keys/claimed", "--write")
    assert (done.status, done.data["added"], len(done.data["refused"])) == (1, [], 2)


def test_an_etcd_without_v2_keys_and_no_etcd_at_all_are_told_apart(ann: Operator, tmp_path: Path) -> None:
    with running(tmp_path, size=1) as cluster:
        answer = ann.verb("federation", "import-legacy", f"http://{cluster.endpoints[0]}")
    assert answer.status == 3
    assert "--enable-v2" in answer.data["error"]["hint"]
    silent = ann.verb("federation", "import-legacy", f"http://127.0.0.1:{free_ports(1)[0]}")
    assert (silent.status, silent.data["error"]["code"]) == (3, "unreachable")


def test_a_part_that_is_not_there_is_said(ann: Operator, old: Cluster) -> None:
    answer = ann.verb("federation", "import-legacy", f"http://{old.endpoints[0]}/v2/keys/nothing")
    assert answer.status == 2
    assert "has nothing at" in answer.data["error"]["message"]


@pytest.mark.parametrize(
    "url", ["", "example.org", "ftp://x", "http://u:p@x", "http://x/v3", "http://x/v2/keys?a=b", "http://x:y"]
)
def test_what_is_no_url_of_an_etcd_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        v2keys.read(url)


def nested(depth: int) -> bytes:
    return b'{"node": ' + b'{"nodes": [' * depth + b"{}" + b"]}" * depth + b"}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"node": 3}',
        b'{"node": {"nodes": [1]}}',
        nested(20),
        nested(5000),
        b"[" * 100_000,
    ],
)
def test_a_hostile_server_is_told_off(body: bytes) -> None:
    with web_server(body) as endpoint, pytest.raises(OperationFailed):
        v2keys.read(f"http://{endpoint}")


def test_values_that_are_no_text_are_left_out() -> None:
    body = json.dumps(
        {"node": {"nodes": [{"key": 1, "value": "x"}, {"key": "/a", "value": "v"}, {"key": "/b"}]}}
    )
    with web_server(body.encode()) as endpoint:
        assert v2keys.read(f"http://{endpoint}") == [("/a", "v")]


@pytest.mark.parametrize(
    "value",
    [
        "{" * 5000,
        "{'a': 1" + "+1" * 9000 + "}",
        "{'a': " + "-" * 15_000 + "1}",
        "{" + "'a': 'b', " * 9000 + "}",
        "{1: 2}",
        "{'code_repo': {1, 2}}",
    ],
)
def test_a_dictionary_that_would_exhaust_the_parser_is_refused(value: str) -> None:
    with pytest.raises(BadInput):
        convert("/tools/x", value, "old", allow_local=False)
