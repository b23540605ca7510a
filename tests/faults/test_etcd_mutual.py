"""A cluster that wants its clients' certificates loses members; and what proves an operator is in no log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.registry.etcd_stubs import load
from tests.contract.certificates import authority, signed
from tests.contract.etcdcluster import Cluster, config, wait_for
from tests.faults.test_etcd_secure import listens
from tests.session.world import Operator

PASSWORD = "tr0ub4dor-and-3"


class Mutual(Cluster):
    """Members that show a certificate and want one; ``place`` holds those of both sides."""

    def __init__(self, place: Path, size: int = 3) -> None:
        flags = ["--client-cert-auth", "--trusted-ca-file", str(place / "ca.crt")]
        super().__init__(place, size, place, flags)
        self._place = place

    @property
    def own(self) -> dict[str, Any]:
        """The files of a client, for its configuration."""
        place = self._place
        return {"ca": place / "ca.crt", "cert": place / "client.crt", "key": place / "client.key"}

    def channel(self, server: Any) -> Any:
        files = self.own
        ca, key, cert = (files[name].read_bytes() for name in ("ca", "key", "cert"))
        grpc = load().grpc
        return grpc.secure_channel(server.endpoint, grpc.ssl_channel_credentials(ca, key, cert))


@contextmanager
def mutual(place: Path) -> Iterator[Mutual]:
    """Three members that run."""
    authority(place)
    for name in ("server", "client"):
        signed(place, name)
    with closing(Mutual(place)) as cluster:
        assert cluster.start()
        yield cluster


@pytest.mark.parametrize(("fault", "limit"), [("kill", 4.0), ("pause", 5.0)])
def test_with_certificates_on_both_sides_a_member_may_fail(tmp_path: Path, fault: str, limit: float) -> None:
    with mutual(tmp_path) as cluster:
        endpoints = cluster.leader_last()[::-1]
        files = cluster.own
        with closing(EtcdRegistry(config(*endpoints, **files))) as registry, registry.watch("/") as watch:
            revisions = [registry.put("/a", b"1")]
            first = watch.next_event(10)
            getattr(cluster.server(endpoints[0]), fault)()
            begun = time.monotonic()
            revisions.append(registry.put("/a", b"2"))
            assert time.monotonic() - begun < limit
            told = [first, watch.next_event(20)]
    assert [event.revision for event in told if event] == revisions


def test_a_password_is_in_no_log_no_document_and_no_traceback(tmp_path: Path) -> None:
    authority(tmp_path)
    signed(tmp_path, "server")
    ann = Operator("ann", tmp_path / "ann")
    ann.home.mkdir()
    secret = ann.home / "password"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    with closing(Cluster(tmp_path, 1, tmp_path)) as cluster:
        cluster.servers[0].start()
        assert wait_for(lambda: listens(cluster.servers[0].port))
        etcd = {"endpoints": list(cluster.endpoints), "username": "ann", "password_file": "password",
                "ca": str(tmp_path / "ca.crt")}  # fmt: skip
        (ann.home / "config.yaml").write_text(f"operator: ann\nregistry: {{backend: etcd, etcd: {etcd}}}\n")
        told = []
        for words in (("--debug", "tool", "get"), ("doctor",), ("config",), ("federation", "invite")):
            answer = ann.verb(*words)
            told += [answer.out, answer.err]
        cluster.servers[0].kill()
        told += [ann.verb("--debug", "tool", "get").err]
    assert any(told)
    for text in told:
        assert PASSWORD not in text
    for path in ann.home.rglob("*"):
        assert path == secret or not path.is_file() or PASSWORD.encode() not in path.read_bytes(), path
