"""Real etcd members on loopback, which tests may stop, kill and start again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest

from roforlmao.registry.base import Registry
from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.registry.etcd_stubs import load
from roforlmao.schema import EtcdConfig

READY_S: Final = 30.0
_TRIES: Final = 3  # another program may take a port between our look and the start


def config(*endpoints: str, **others: Any) -> EtcdConfig:
    """A configuration with these endpoints and nothing else, unless named."""
    return EtcdConfig(
        endpoints, **{**dict.fromkeys(("username", "password_file", "ca", "cert", "key")), **others}
    )


@dataclass
class Server:
    """One member: its process and where it listens."""

    name: str
    command: Sequence[str]
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def pause(self) -> None:
        """SIGSTOP; when this returns none of its threads answers any more."""
        self._signal(signal.SIGSTOP)
        if self.process:
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """kill -9; it is gone when this returns."""
        self._signal(signal.SIGKILL)
        if self.process:
            self.process.wait(10)
        self.process = None

    def end(self) -> None:
        """Asks it to end (SIGTERM), as an administrator would; it is gone when this returns."""
        self._signal(signal.SIGTERM)
        if self.process:
            self.process.wait(20)
        self.process = None

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def _signal(self, number: signal.Signals) -> None:
        if self.process:
            self.process.send_signal(number)


class Cluster:
    """``size`` members; with ``tls`` (a directory of ``certificates``) they speak nothing else."""

    def __init__(
        self, place: Path, size: int = 3, tls: Path | None = None, flags: Sequence[str] = ()
    ) -> None:
        self.tls = tls
        ports = free_ports(2 * size)
        peers = {f"m{number}": f"http://127.0.0.1:{ports[size + number]}" for number in range(size)}
        self.servers = [
            Server(
                name,
                self._command(place, name, ports[number], peers, flags),
                ports[number],
                place / f"{name}.log",
            )
            for number, name in enumerate(peers)
        ]

    def _command(
        self, place: Path, name: str, port: int, peers: Mapping[str, str], flags: Sequence[str]
    ) -> list[str]:
        scheme = "https" if self.tls else "http"
        command = ["etcd", "--name", name, "--data-dir", str(place / name), "--log-level", "error"]
        command += ["--logger", "zap", "--initial-cluster-state", "new"]
        command += ["--listen-client-urls", f"{scheme}://127.0.0.1:{port}"]
        command += ["--advertise-client-urls", f"{scheme}://127.0.0.1:{port}"]
        command += ["--listen-peer-urls", peers[name], "--initial-advertise-peer-urls", peers[name]]
        command += ["--initial-cluster", ",".join(f"{one}={url}" for one, url in peers.items())]
        if self.tls:
            command += [
                "--cert-file",
                str(self.tls / "server.crt"),
                "--key-file",
                str(self.tls / "server.key"),
            ]
        # The members end with this process, however it ends.
        dies = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        return [*dies, *command, *flags]

    @property
    def endpoints(self) -> tuple[str, ...]:
        return tuple(server.endpoint for server in self.servers)

    def start(self) -> bool:
        """Starts those that do not run, and waits for all; false where one ended at once."""
        for server in self.servers:
            if not server.runs:
                server.start()
        return (
            wait_for(lambda: self._all_ready() or not all(s.runs for s in self.servers)) and self._all_ready()
        )

    def _all_ready(self) -> bool:
        return all(status is not None and status.leader for status in map(self.status, self.servers))

    def status(self, server: Server) -> Any:
        """What a member says of itself; None where it does not answer."""
        api = load()
        with self.channel(server) as channel, suppress(api.grpc.RpcError):
            return api.services.MaintenanceStub(channel).Status(api.messages.StatusRequest(), timeout=1)
        return None

    def channel(self, server: Server) -> Any:
        grpc = load().grpc
        if not self.tls:
            return grpc.insecure_channel(server.endpoint)
        credentials = grpc.ssl_channel_credentials((self.tls / "ca.crt").read_bytes())
        return grpc.secure_channel(server.endpoint, credentials)

    def leader(self) -> Server:
        """The member that leads, once there is one that all who answer name."""
        found: list[Server] = []

        def look() -> bool:
            told = {server.name: self.status(server) for server in self.servers if server.runs}
            found[:] = [
                s for s in self.servers if (one := told.get(s.name)) and one.leader == one.header.member_id
            ]
            return len(found) == 1

        assert wait_for(look), "the cluster has no leader"
        return found[0]

    def leader_last(self) -> tuple[str, ...]:
        """The endpoints, so that a client connects to a follower first."""
        leader = self.leader().endpoint
        return (*(endpoint for endpoint in self.endpoints if endpoint != leader), leader)

    def server(self, endpoint: str) -> Server:
        return next(server for server in self.servers if server.endpoint == endpoint)

    def heal(self) -> None:
        """Lets stopped members go on, starts killed ones again, waits until all are well."""
        for server in self.servers:
            server.resume()
        assert self.start(), "a member did not come back"

    def wipe(self) -> None:
        """Removes every lease and every key."""
        api = load()
        with self.channel(self.servers[0]) as channel:
            lease = api.services.LeaseStub(channel)
            for one in lease.LeaseLeases(api.messages.LeaseLeasesRequest(), timeout=5).leases:
                with suppress(api.grpc.RpcError):  # it ended by itself meanwhile
                    lease.LeaseRevoke(api.messages.LeaseRevokeRequest(ID=one.ID), timeout=5)
            everything = api.messages.DeleteRangeRequest(key=b"\0", range_end=b"\0")
            api.services.KVStub(channel).DeleteRange(everything, timeout=5)

    def compact(self, revision: int) -> None:
        api = load()
        with self.channel(self.servers[0]) as channel:
            request = api.messages.CompactionRequest(revision=revision, physical=True)
            api.services.KVStub(channel).Compact(request, timeout=5)

    def close(self) -> None:
        for server in self.servers:
            server.kill()


class EtcdStore:
    """A cluster, emptied; each client is an object of its own on it."""

    def __init__(self, cluster: Cluster) -> None:
        cluster.wipe()
        self._cluster = cluster
        self._clients: list[Registry] = []

    @property
    def recipe(self) -> str:
        return (
            "from roforlmao.registry.etcd import EtcdRegistry\n"
            "from tests.contract.etcdcluster import config\n"
            f"registry = EtcdRegistry(config(*{self._cluster.endpoints!r}))\n"
        )

    def client(self) -> Registry:
        client = EtcdRegistry(config(*self._cluster.endpoints))
        self._clients.append(client)
        return client

    def compact(self, through: int) -> None:
        self._cluster.compact(through)

    def close(self) -> None:
        for client in self._clients:
            client.close()


@contextmanager
def running(
    place: Path, size: int = 3, tls: Path | None = None, flags: Sequence[str] = ()
) -> Iterator[Cluster]:
    """A cluster that is ready; skips the test where etcd is not installed."""
    if not shutil.which("etcd"):
        pytest.skip("etcd is not installed (on Debian: apt install etcd-server)")
    if find_spec("etcd3") is None:
        pytest.skip("the etcd client is not installed (requirements.txt)")
    for attempt in range(_TRIES):
        cluster = Cluster(place / f"etcd-{attempt}", size, tls, flags)
        (place / f"etcd-{attempt}").mkdir()
        try:
            if cluster.start():
                yield cluster
                return
        finally:
            cluster.close()
    raise AssertionError(f"etcd does not start; see the logs in {place}")


def free_ports(number: int) -> list[int]:
    """Ports of loopback that nobody uses now."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def wait_for(holds: Callable[[], bool], seconds: float = READY_S) -> bool:
    """Whether it holds before so many seconds are over; looks often."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() >= end:
            return False
        time.sleep(0.02)
    return True
