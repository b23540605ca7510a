"""The connections to a cluster: one channel for each endpoint, and which of them is in use."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Final

from roforlmao.registry.etcd_secrets import Secrets
from roforlmao.registry.etcd_stubs import load

# A message may hold a page of large values; lists ask for less when it is still too much.
_MAX_MESSAGE: Final = 64 * 1024 * 1024
OPTIONS: Final = (
    # Without a ping and its timeout a peer that is gone takes 69 s to notice; the server ends a
    # connection that pings more often than every 5 s, or without a call.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.http2.max_pings_without_data", 0),
    # A member that comes back is found within a second, not after gRPC's two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    # Two registries in one process share no connection: each has credentials of its own.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", _MAX_MESSAGE),
    ("grpc.max_send_message_length", _MAX_MESSAGE),
    ("grpc.enable_http_proxy", 0),
)


class Link:
    """One endpoint: its channel and the stubs on it.

    ``proven`` says that the last call over it was answered: a request that gets lost on such a
    link may have arrived, so writes are sent over no other. ``streams`` are the open watches.
    """

    def __init__(self, endpoint: str, secrets: Secrets) -> None:
        api = load()
        self.endpoint = endpoint
        self.proven = False
        self.streams: set[Any] = set()
        self._messages = api.messages
        self._channel = _channel(endpoint, secrets)
        self.kv: Any = api.services.KVStub(self._channel)
        self.watch: Any = api.services.WatchStub(self._channel)
        self.lease: Any = api.services.LeaseStub(self._channel)
        self.cluster: Any = api.services.ClusterStub(self._channel)
        self.maintenance: Any = api.services.MaintenanceStub(self._channel)
        self.auth: Any = api.services.AuthStub(self._channel)

    def give_up_streams(self) -> None:
        """Ends the open streams, so that their readers look for another link."""
        for stream in list(self.streams):
            stream.cancel()

    def prove(self, timeout: float) -> None:
        """Asks the member for its status, within ``timeout`` seconds. Errors: grpc.RpcError."""
        if not self.proven:
            self.maintenance.Status(self._messages.StatusRequest(), timeout=timeout)
            self.proven = True

    def close(self) -> None:
        self._channel.close()


class Links:
    """All endpoints; one of them is ``current`` until somebody leaves it."""

    def __init__(self, endpoints: Sequence[str], secrets: Secrets) -> None:
        self.endpoints = tuple(endpoints)
        self._secrets = secrets
        self._lock = threading.Lock()
        self._open: dict[str, Link] = {}
        self._position = 0
        self._closed = False

    def current(self) -> Link | None:
        """The link in use, opened when first asked for; None once closed. Errors: ConfigurationError."""
        return self.to(self.endpoints[self._position])

    def to(self, endpoint: str) -> Link | None:
        """The link to that endpoint, which may be another member's than the configured ones."""
        with self._lock:
            if self._closed:
                return None
            if endpoint not in self._open:
                self._open[endpoint] = Link(endpoint, self._secrets)
            return self._open[endpoint]

    def leave(self, link: Link) -> None:
        """Makes the next endpoint the current one, unless another caller did so already.

        A watch on the link would notice only after 15 s that its member hangs; it goes along.
        """
        link.proven = False
        link.give_up_streams()
        with self._lock:
            if self.endpoints[self._position] == link.endpoint:
                self._position = (self._position + 1) % len(self.endpoints)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            links = list(self._open.values())
        for link in links:
            link.close()


def _channel(endpoint: str, secrets: Secrets) -> Any:
    grpc = load().grpc
    tls = secrets.tls()
    if tls is None:
        return grpc.insecure_channel(endpoint, options=OPTIONS)
    credentials = grpc.ssl_channel_credentials(tls.ca, tls.key, tls.cert)
    return grpc.secure_channel(endpoint, credentials, options=OPTIONS)
