"""TLS, passwords and tokens of a cluster; endpoints that are none."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from roforlmao.errors import ConfigurationError, Denied, RegistryError, RoforlmaoError
from roforlmao.registry.base import Health
from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.registry.etcd_stubs import load
from tests.contract.certificates import authority, signed
from tests.contract.etcdcluster import Cluster, config, free_ports, running, wait_for

PASSWORD = "c0rrect horse"
TOKEN_S = 1


@dataclass
class Secure:
    """Three members with TLS and authentication; ``alice`` may read and write below ``/mao/``."""

    cluster: Cluster
    place: Path

    def registry(self, user: str | None = "alice", password: str = PASSWORD, **others: Any) -> EtcdRegistry:
        file = self.place / f"password-{user}-{len(password)}"
        file.write_text(password + "\n", encoding="ascii")
        file.chmod(0o600)
        login = {"username": user, "password_file": file} if user else {}
        values = {"ca": self.place / "ca.crt", **login, **others}
        return EtcdRegistry(config(*self.cluster.endpoints, **values))

    def administer(self, calls: list[tuple[str, dict[str, Any]]]) -> None:
        """Calls of the Auth service, as root once there is a root."""
        api = load()
        with self.cluster.channel(self.cluster.servers[0]) as channel:
            auth = api.services.AuthStub(channel)
            for name, fields in calls:
                request = getattr(api.messages, f"{_full(name)}Request")(**fields)
                getattr(auth, name)(request, timeout=5, metadata=self._as_root(auth))

    def _as_root(self, auth: Any) -> tuple[tuple[str, str], ...]:
        api = load()
        try:
            token = auth.Authenticate(
                api.messages.AuthenticateRequest(name="root", password="root"), timeout=5
            )
        except api.grpc.RpcError:
            return ()
        return (("token", token.token),)


def _full(name: str) -> str:
    return name if name.startswith("Auth") else f"Auth{name}"


def permission(prefix: bytes) -> dict[str, Any]:
    return {"permType": "READWRITE", "key": prefix, "range_end": prefix[:-1] + bytes([prefix[-1] + 1])}


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    place = tmp_path_factory.mktemp("tls")
    authority(place)
    signed(place, "server")
    with running(place, tls=place, flags=["--auth-token-ttl", str(TOKEN_S)]) as cluster:
        secure = Secure(cluster, place)
        secure.administer(
            [
                ("UserAdd", {"name": "root", "password": "root"}),
                ("UserGrantRole", {"user": "root", "role": "root"}),
                ("UserAdd", {"name": "alice", "password": PASSWORD}),
                ("RoleAdd", {"name": "mao"}),
                ("RoleGrantPermission", {"name": "mao", "perm": permission(b"/mao/")}),
                ("UserGrantRole", {"user": "alice", "role": "mao"}),
                ("AuthEnable", {}),
            ]
        )
        yield secure


def test_with_tls_and_a_password_a_member_may_die_and_a_token_may_expire(secure: Secure) -> None:
    with closing(secure.registry()) as registry, registry.watch("/mao/") as watch:
        revisions = [registry.put("/mao/a", b"1")]
        secure.cluster.server(secure.cluster.endpoints[0]).kill()
        revisions.append(registry.put("/mao/a", b"2"))
        time.sleep(TOKEN_S * 2.5)  # nothing tells that a token has expired, but the refusal of a call
        revisions.append(registry.put("/mao/a", b"3"))
        secure.cluster.heal()
        with registry.session(5) as session:
            revisions.append(registry.put("/mao/a", b"4", lease=session.lease))
        told = [watch.next_event(20) for _ in range(5)]
    assert [event.revision for event in told if event and event.kind == "put"] == revisions


def test_a_token_of_an_older_user_list_is_renewed(secure: Secure) -> None:
    with closing(secure.registry()) as registry, registry.watch("/mao/") as watch:
        registry.put("/mao/a", b"1")
        secure.administer([("UserAdd", {"name": f"bob{time.monotonic_ns()}", "password": "x"})])
        revision = registry.put("/mao/a", b"2")
        told = [watch.next_event(10), watch.next_event(10)]
        assert told[1]
        assert told[1].revision == revision


def test_a_watch_is_taken_up_again_although_its_token_is_old(secure: Secure) -> None:
    with closing(secure.registry()) as registry, registry.watch("/mao/") as watch:
        registry.put("/mao/a", b"1")
        assert watch.next_event(10)
        time.sleep(TOKEN_S * 2.5)
        secure.cluster.server(secure.cluster.endpoints[0]).kill()
        with closing(secure.registry()) as other:
            revision = other.put("/mao/a", b"2")
        event = watch.next_event(20)
        secure.cluster.heal()
    assert event is not None
    assert event.revision == revision


def test_what_a_role_does_not_cover_is_denied(secure: Secure) -> None:
    with closing(secure.registry()) as registry:
        for call in (
            lambda: registry.put("/other/a", b"1"),
            lambda: registry.get("/other/a"),
            lambda: registry.list("/"),
            lambda: registry.watch("/"),
        ):
            with pytest.raises(Denied, match="does not allow you") as caught:
                call()
            assert "role" in caught.value.hint
        assert registry.health() == Health(
            True, "etcd 3.4.23, 3 of 3 members answer".replace("3.4.23", version(registry))
        )


def version(registry: EtcdRegistry) -> str:
    return registry.members()[0].version.removeprefix("etcd ")


@pytest.mark.parametrize(
    ("user", "password", "says"),
    [
        ("alice", "wrong", "does not accept this user"),
        ("nobody", "x", "does not accept"),
        (None, "", "asks for a user"),
    ],
)
def test_a_wrong_password_is_a_sentence_without_the_password(
    secure: Secure, user: str | None, password: str, says: str
) -> None:
    with closing(secure.registry(user, password)) as registry:
        with pytest.raises(Denied, match=says) as caught:
            registry.get("/mao/a")
        told: BaseException | None = caught.value
        while told is not None:
            assert not password or password not in repr(told).replace("wrong user", "")
            told = told.__cause__
        assert not registry.health().ok


def test_a_password_file_that_others_can_read_is_said(secure: Secure) -> None:
    with closing(secure.registry()) as registry:
        file = secure.place / f"password-alice-{len(PASSWORD)}"
        file.chmod(0o644)
        health = registry.health()
    assert health.ok
    assert f"chmod 600 {file}" in health.hint


def test_a_certificate_of_another_authority_is_refused_with_a_sentence(
    secure: Secure, tmp_path: Path
) -> None:
    authority(tmp_path)
    with closing(secure.registry(None, ca=tmp_path / "ca.crt")) as registry:
        assert "certificate" in failure(registry)


def test_a_cluster_with_tls_that_is_asked_without_says_what_to_set(secure: Secure) -> None:
    with closing(EtcdRegistry(config(*secure.cluster.endpoints))) as registry:
        assert "ca" in failure(registry)


@pytest.mark.parametrize(("host", "days"), [("other.example.org", 2), ("127.0.0.1", -1)])
def test_a_certificate_of_another_host_or_time_is_refused(tmp_path: Path, host: str, days: int) -> None:
    authority(tmp_path)
    signed(tmp_path, "server", host, days)
    cluster = Cluster(tmp_path, 1, tmp_path)
    server = cluster.servers[0]
    with closing(cluster), closing(EtcdRegistry(config(server.endpoint, ca=tmp_path / "ca.crt"))) as registry:
        server.start()
        assert wait_for(lambda: listens(server.port))
        assert "certificate" in failure(registry)


def test_certificates_of_clients_are_shown_to_a_cluster_that_wants_them(tmp_path: Path) -> None:
    authority(tmp_path)
    for name in ("server", "client"):
        signed(tmp_path, name)
    flags = ["--client-cert-auth", "--trusted-ca-file", str(tmp_path / "ca.crt")]
    cluster = Cluster(tmp_path, 1, tmp_path, flags)
    own = {"ca": tmp_path / "ca.crt", "cert": tmp_path / "client.crt", "key": tmp_path / "client.key"}
    with closing(cluster), closing(EtcdRegistry(config(*cluster.endpoints, **own))) as registry:
        cluster.servers[0].start()
        assert wait_for(lambda: listens(cluster.servers[0].port))
        assert wait_for(lambda: registry.health().ok)
        assert registry.put("/a", b"1") > 0
        with closing(EtcdRegistry(config(*cluster.endpoints, ca=own["ca"]))) as stranger:
            assert failure(stranger)


def listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def failure(registry: EtcdRegistry) -> str:
    """What a call says that must fail, in time: the sentence and its hint."""
    began = time.monotonic()
    with pytest.raises(RegistryError) as caught:
        registry.put("/a", b"1")
    assert time.monotonic() - began < 5.5
    assert caught.value.exit_status == 4
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 250
    return f"{caught.value.message} {caught.value.hint}"


class _Quiet(http.server.BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Silent."""


@contextmanager
def web_server() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def silent() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def nobody() -> Iterator[str]:
    yield f"127.0.0.1:{free_ports(1)[0]}"


@contextmanager
def unknown_name() -> Iterator[str]:
    yield "etcd.nowhere.invalid:2379"


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        (web_server, "web server"),
        (silent, "does not answer in time"),
        (nobody, "refuses the connection"),
        (unknown_name, "cannot be found by its name"),
    ],
)
def test_an_endpoint_that_is_no_etcd_is_told_in_one_sentence(endpoint: Any, says: str) -> None:
    with endpoint() as place, closing(EtcdRegistry(config(place))) as registry:
        told = failure(registry)
        assert says in told
        assert place in told
        assert "nothing was written" in told


def test_one_endpoint_that_is_none_does_not_keep_the_others_from_use(secure: Secure) -> None:
    with nobody() as dead, unknown_name() as nowhere, web_server() as web:
        endpoints = (dead, nowhere, web, *secure.cluster.endpoints)
        values: dict[str, Any] = {"username": "alice", "password_file": secure.place / "password"}
        (secure.place / "password").write_text(PASSWORD, encoding="ascii")
        with closing(EtcdRegistry(config(*endpoints, ca=secure.place / "ca.crt", **values))) as registry:
            began = time.monotonic()
            registry.put("/mao/a", b"1")
            assert time.monotonic() - began < 4


def test_files_that_cannot_be_used_are_named(secure: Secure, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n", encoding="ascii")
    (tmp_path / "text").write_text("no certificate", encoding="ascii")
    ca = secure.place / "ca.crt"
    alice = {"username": "alice", "ca": ca}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"ca": tmp_path / "absent"}, "absent cannot be read"),
        ({"ca": tmp_path / "text"}, "text is not a PEM file"),
        ({"ca": ca, "cert": ca, "key": tmp_path / "absent"}, "registry.etcd.key"),
        ({**alice, "password_file": tmp_path / "empty"}, "holds no text"),
        ({**alice, "password_file": tmp_path}, "cannot be read"),
    ]
    for values, says in cases:
        with closing(EtcdRegistry(config(*secure.cluster.endpoints, **values))) as registry:
            with pytest.raises(ConfigurationError, match=says) as caught:
                registry.get("/mao/a")
            assert isinstance(caught.value, RoforlmaoError)
            assert caught.value.hint
