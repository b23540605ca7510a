"""Endpoints that are not what a configuration hopes for; each is a context that yields its address."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from roforlmao.registry.etcd_stubs import load
from tests.faults.etcdclients import Wire


@contextmanager
def another_version(version: str) -> Iterator[str]:
    """A server that speaks etcd's interface of gRPC and says that it is of that version.

    No etcd 4 exists, and etcd 2 spoke no gRPC: so the server is our own, on the real protocol. What
    it does not know it refuses, as gRPC servers do.
    """
    api = load()
    grpc: Any = api.grpc
    messages = api.messages

    def status(request: Any, context: Any) -> Any:
        header = messages.ResponseHeader(cluster_id=1, member_id=1, revision=1)
        return messages.StatusResponse(header=header, version=version, leader=1)

    handler = grpc.unary_unary_rpc_method_handler(
        status, messages.StatusRequest.FromString, messages.StatusResponse.SerializeToString
    )
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("etcdserverpb.Maintenance", {"Status": handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait(5)


class _Skewed(Wire):
    """Passes everything on, and moves the dates of HTTP answers."""

    def __init__(self, target: str, by: dt.timedelta) -> None:
        self._by = by
        super().__init__(target)

    def changed(self, data: bytes) -> bytes:
        return re.sub(rb"(?<=\r\nDate: )[^\r]+", self._moved, data)

    def _moved(self, found: re.Match[bytes]) -> bytes:
        return format_datetime(parsedate_to_datetime(found[0].decode()) + self._by, usegmt=True).encode()


@contextmanager
def another_clock(target: str, by: dt.timedelta) -> Iterator[str]:
    """The member at ``target``, whose clock seems to be so far ahead."""
    relay = _Skewed(target, by)
    try:
        yield relay.endpoint
    finally:
        relay.close()
