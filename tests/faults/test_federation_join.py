"""Joining a federation: real clusters, real certificates, and all that can be wrong with an endpoint."""

from __future__ import annotations

import datetime as dt
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from roforlmao.errors import BadInput, Unreachable
from roforlmao.federation.greeting import greet
from roforlmao.registry.etcd import EtcdRegistry
from tests.contract.certificates import authority, signed
from tests.contract.etcdcluster import Cluster, config, free_ports, running, wait_for
from tests.contract.webserver import web_server
from tests.session.world import Operator

VERSION = b'{"etcdserver": "3.4.23"}'


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("join"), size=1) as found:
        yield found


@pytest.fixture
def ann(tmp_path: Path) -> Operator:
    home = tmp_path / "ann"
    home.mkdir()
    (home / "config.yaml").write_text("operator: ann\n")
    return Operator("ann", home)


def configured(operator: Operator) -> dict[str, object]:
    registry = operator.done("config")["registry"]
    assert isinstance(registry, dict)
    return registry


def test_a_cluster_is_tested_shown_and_written_to_the_configuration(cluster: Cluster, ann: Operator) -> None:
    (endpoint,) = cluster.endpoints
    registry = EtcdRegistry(config(endpoint))
    registry.put("/mao/members/ben", b"{}")
    registry.put("/mao/members/-rf", b"{}")
    registry.close()
    done = ann.done("federation", "join", endpoint)
    assert done["operators"] == ["ben"]
    (probe,) = done["endpoints"]
    assert probe["ok"] is True
    assert probe["version"].startswith("3.")
    assert probe["cluster"] == done["cluster"] != ""
    assert 0 < probe["latency_s"] < 3
    assert abs(probe["clock_ahead_s"]) <= 2
    assert [one["leader"] for one in done["servers"]] == [True]
    registry_keys = configured(ann)
    assert registry_keys["backend"] == "etcd"
    assert registry_keys["etcd"]["endpoints"] == [endpoint]  # type: ignore[index]
    assert ann.done("tool", "get") == []


def test_the_silent_endpoint_of_a_cluster_is_told_and_kept(cluster: Cluster, ann: Operator) -> None:
    silent = f"127.0.0.1:{free_ports(1)[0]}"
    answer = ann.verb("federation", "join", *cluster.endpoints, silent)
    assert answer.status == 0
    assert [one["ok"] for one in answer.data["endpoints"]] == [True, False]
    assert "refuses the connection" in answer.err
    assert configured(ann)["etcd"]["endpoints"] == [*cluster.endpoints, silent]  # type: ignore[index]


def test_what_no_endpoint_answers_is_not_written(ann: Operator) -> None:
    before = (ann.home / "config.yaml").read_text()
    answer = ann.verb("federation", "join", f"127.0.0.1:{free_ports(1)[0]}")
    assert (answer.status, answer.data["error"]["code"]) == (4, "registry-unavailable")
    unknown = ann.verb("federation", "join", "no-such-host.invalid:2379")
    assert unknown.status == 4
    assert "cannot be found by its name" in unknown.data["error"]["message"]
    assert (ann.home / "config.yaml").read_text() == before


@pytest.mark.parametrize(
    ("endpoint", "hint"),
    [
        ("etcd.example.org", "no port"),
        ("http://etcd.example.org:2379", "Leave out http://"),
        ("etcd.example.org:2379/v3", "any path"),
        ("etcd.example.org:99999", "Such as"),
    ],
)
def test_what_is_no_endpoint_is_refused_with_the_reason(ann: Operator, endpoint: str, hint: str) -> None:
    answer = ann.verb("federation", "join", endpoint)
    assert answer.status == 2
    assert hint in str(answer.data["error"])


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"<h1>Welcome to nginx</h1>", 200, "as a web server"),
        (b"[" * 9000, 200, "as a web server"),
        (VERSION, 404, "as a web server"),
        (b'{"etcdserver": "2.3.8", "etcdcluster": "2.3.0"}', 200, "is etcd 2.3.8"),
        (b'{"etcdserver": "4.0.0", "etcdcluster": "4.0.0"}', 200, "is etcd 4.0.0"),
        (b"Client sent an HTTP request to an HTTPS server.\n", 400, "wants TLS"),
    ],
)
def test_what_answers_http_but_is_no_etcd_3_is_named(
    ann: Operator, body: bytes, status: int, said: str
) -> None:
    with web_server(body, status=status) as endpoint:
        answer = ann.verb("federation", "join", endpoint)
    assert answer.status == 2
    assert said in answer.data["error"]["message"]


@pytest.mark.parametrize(("hours", "ahead"), [(-1, 3600), (1, -3600)])
def test_a_clock_that_is_an_hour_off_is_measured(tmp_path: Path, hours: int, ahead: int) -> None:
    date = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)
    with web_server(VERSION, date) as endpoint:
        found = greet(endpoint, config(endpoint), tmp_path)
    assert found.ahead_s == pytest.approx(ahead, abs=3)


def test_endpoints_of_two_clusters_are_not_joined_as_one(
    cluster: Cluster, ann: Operator, tmp_path: Path
) -> None:
    with running(tmp_path, size=1, flags=["--initial-cluster-token", "another"]) as second:
        answer = ann.verb("federation", "join", *cluster.endpoints, *second.endpoints)
    assert answer.status == 2
    assert "belongs to another cluster" in answer.data["error"]["message"]


def test_a_namespace_in_use_by_something_else_asks(cluster: Cluster, ann: Operator) -> None:
    registry = EtcdRegistry(config(*cluster.endpoints))
    registry.put("/kube/pods/a", b"x")
    registry.put("/kube/tools/t", b"{}")
    registry.close()
    words = ("federation", "join", *cluster.endpoints, "--namespace", "/kube/")
    refused = ann.verb(*words)
    assert (refused.status, refused.data["error"]["code"]) == (5, "refused")
    assert "lie 1 key of something else" in refused.data["error"]["message"]
    assert ann.done(*words, "--occupied")["namespace"] == "/kube/"


# --- a federation of one's own: the files that `start` writes are really run ---


@contextmanager
def started(directory: Path, names: list[str]) -> Iterator[None]:
    members = [
        subprocess.Popen(
            [str(directory / f"etcd-{name}.sh")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name in names
    ]
    try:
        yield
    finally:
        for member in members:
            member.kill()
            member.wait(10)


def answers(operator: Operator, words: tuple[object, ...]) -> bool:
    return operator.verb(*words).status == 0


@pytest.mark.parametrize("size", [1, 3])
def test_a_federation_is_started_with_tls_and_a_peer_joins_by_the_invite(
    ann: Operator, tmp_path: Path, size: int, cluster: Cluster
) -> None:
    del cluster  # skips where etcd is not installed
    ports = free_ports(2 * size)
    hosts = ",".join(f"127.0.0.1:{ports[2 * i]}:{ports[2 * i + 1]}" for i in range(size))
    made = ann.done("federation", "start", "--hosts", hosts, "--output", tmp_path / "own")
    own = Path(made["directory"])
    script = own / "certificates.sh"
    subprocess.run([script], check=True, capture_output=True)
    subprocess.run([script, "client", "ben"], check=True, capture_output=True)
    assert (own / "ca.key").stat().st_mode & 0o077 == 0
    with started(own, [f"mao{number + 1}" for number in range(size)]):
        words = ("federation", "join", *made["endpoints"], "--ca", made["ca"], "--cert", made["cert"])
        assert wait_for(lambda: answers(ann, (*words, "--key", made["key"])))
        assert len(ann.done(*words, "--key", made["key"])["servers"]) == size
        tool = ann.done("tool", "add", "seen", "--code-repo", "https://example.org/r", "--unchecked")
        invite = ann.done("federation", "invite", "--output", tmp_path / "invite.json")
        assert "PRIVATE" not in Path(invite["path"]).read_text()
        ben = Operator("ben", tmp_path / "ben")
        ben.home.mkdir()
        (ben.home / "config.yaml").write_text("operator: ben\n")
        without = ben.verb("federation", "join", "--file", invite["path"])
        assert without.status == 2
        assert "does not accept our certificate" in without.data["error"]["message"]
        proof = ("--cert", own / "ben.crt", "--key", own / "ben.key")
        joined = ben.done("federation", "join", "--file", invite["path"], *proof)
        assert joined["ca_sha256"] == invite["ca_sha256"]
        assert ben.done("tool", "get") == [tool]


def test_a_second_start_and_a_second_authority_keep_the_keys_that_are_there(
    ann: Operator, tmp_path: Path
) -> None:
    words = ("federation", "start", "--hosts", "etcd1.example.org", "--output", tmp_path / "own")
    ann.done(*words)
    again = ann.verb(*words)
    assert (again.status, again.data["error"]["code"]) == (2, "already-exists")
    script = tmp_path / "own" / "certificates.sh"
    subprocess.run([script], check=True, capture_output=True)
    key = (tmp_path / "own" / "ca.key").read_text()
    assert subprocess.run([script], capture_output=True, check=False).returncode == 1
    assert subprocess.run([script, "client", "../x"], capture_output=True, check=False).returncode == 1
    assert (tmp_path / "own" / "ca.key").read_text() == key


# --- certificates ---


@pytest.mark.parametrize(
    ("server", "options", "said"),
    [
        ("127.0.0.1", {}, ""),
        ("other.example.org", {}, "is for another host"),
        ("127.0.0.1", {"days": -1}, "has expired"),
    ],
)
def test_a_certificate_says_what_is_wrong_with_it(
    tmp_path: Path, ann: Operator, server: str, options: dict[str, int], said: str
) -> None:
    authority(tmp_path)
    signed(tmp_path, "server", server, **options)
    with secure_server(tmp_path) as endpoint:
        if not said:
            assert greet(endpoint, config(endpoint, ca=tmp_path / "ca.crt"), tmp_path).version == "3.4.23"
            return
        answer = ann.verb("federation", "join", endpoint, "--ca", tmp_path / "ca.crt")
    assert answer.status == 2
    assert said in answer.data["error"]["message"]


def test_another_authority_plain_text_and_unreadable_files_are_told_apart(tmp_path: Path) -> None:
    authority(tmp_path)
    signed(tmp_path, "server")
    other = tmp_path / "other"
    authority(other)
    with secure_server(tmp_path) as endpoint:
        with pytest.raises(BadInput, match="not signed by the authority"):
            greet(endpoint, config(endpoint, ca=other / "ca.crt"), tmp_path)
        with pytest.raises((BadInput, Unreachable)):
            greet(endpoint, config(endpoint), tmp_path)
        with pytest.raises(BadInput, match="cannot be read"):
            greet(endpoint, config(endpoint, ca=tmp_path / "none"), tmp_path)
        pair = {"cert": tmp_path / "server.crt", "key": other / "ca.key"}
        with pytest.raises(BadInput, match="cannot be used together"):
            greet(endpoint, config(endpoint, ca=tmp_path / "ca.crt", **pair), tmp_path)
    with web_server(VERSION) as endpoint, pytest.raises(BadInput, match="speaks no TLS"):
        greet(endpoint, config(endpoint, ca=tmp_path / "ca.crt"), tmp_path)


def secure_server(place: Path) -> AbstractContextManager[str]:
    """Answers ``/version`` with the certificate in ``place``."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(place / "server.crt", place / "server.key")
    return web_server(VERSION, tls=tls)


# --- the first start ---


def test_the_first_start_joins_by_an_invite(cluster: Cluster, ann: Operator, tmp_path: Path) -> None:
    ann.done("federation", "join", *cluster.endpoints)
    path = ann.done("federation", "invite", "--output", tmp_path / "invite.json")["path"]
    ben = Operator("ben", tmp_path / "ben")
    done = ben.done("init", "--operator", "ben", "--invite", path)
    assert (done["operator"], done["registry"]["backend"]) == ("ben", "etcd")
    assert done["registry"]["etcd"]["endpoints"] == list(cluster.endpoints)


def test_the_first_start_tests_the_endpoint_and_keeps_it_all_the_same(tmp_path: Path) -> None:
    ben = Operator("ben", tmp_path / "ben")
    silent = f"127.0.0.1:{free_ports(1)[0]}"
    answer = ben.verb("init", "--operator", "ben", "--registry", "etcd", "--endpoint", silent)
    assert (answer.status, answer.data["registry"]["backend"]) == (0, "etcd")
    assert f"{silent} refuses the connection" in answer.err


def test_a_registry_of_one_s_own_machine_invites_nobody(ann: Operator) -> None:
    answer = ann.verb("federation", "invite")
    assert answer.status == 2
    assert "federation start" in answer.data["error"]["hint"]
