"""What answers at an endpoint. On its client port etcd also tells its version over HTTP, and the time.

``GET /version`` is etcd's own (https://etcd.io/docs/v3.4/dev-guide/api_grpc_gateway/ describes the port);
Python's TLS says more exactly than gRPC's what is wrong with a certificate.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import socket
import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from roforlmao.errors import BadInput, Unreachable
from roforlmao.registry.etcd_secrets import Secrets
from roforlmao.schema import EtcdConfig
from roforlmao.text import one_line

_TIMEOUT_S: Final = 3.0
_LARGEST: Final = 10_000  # bytes of an answer
_PORT_HINT: Final = "Name etcd's client port, usually 2379."


@dataclass(frozen=True)
class Greeting:
    """``version`` is empty where the port speaks gRPC only; ``ahead_s`` is our clock against theirs."""

    version: str
    latency_s: float
    ahead_s: float | None = None


def greet(endpoint: str, config: EtcdConfig, base: Path) -> Greeting:
    """Asks one endpoint who it is, with the files that ``config`` names.

    Errors: Unreachable for what time may mend, BadInput for what it will not.
    """
    host, _, port = endpoint.rpartition(":")
    connection = _connection(host.strip("[]"), int(port), _context(config, base))
    begun = time.monotonic()
    try:
        connection.request("GET", "/version")
        with connection.getresponse() as answer:
            body = answer.read(_LARGEST)
    except (http.client.HTTPException, OSError) as error:
        return _refused(endpoint, error, time.monotonic() - begun, tls=config.ca is not None)
    finally:
        connection.close()
    latency = time.monotonic() - begun
    version = _version(endpoint, answer.status, body)
    return Greeting(version, latency, _ahead(answer.getheader("Date"), dt.datetime.now(dt.UTC)))


def _connection(host: str, port: int, context: ssl.SSLContext | None) -> http.client.HTTPConnection:
    if context is None:
        return http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
    return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=context)


def _context(config: EtcdConfig, base: Path) -> ssl.SSLContext | None:
    """None without TLS. Errors: ConfigurationError, BadInput for files that cannot be used."""
    tls = Secrets(config, base).tls()
    if tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=tls.ca.decode("ascii", "replace"))
    except ssl.SSLError as error:
        raise BadInput(
            f"{config.ca} holds no certificate that can be used.", "Name the authority's file."
        ) from error
    if config.cert and config.key:
        _load_own(context, base / config.cert, base / config.key)
    return context


def _load_own(context: ssl.SSLContext, cert: Path, key: Path) -> None:
    try:
        # A key with a passphrase would ask for it on the terminal.
        context.load_cert_chain(cert, key, password=lambda: b"")
    except (ssl.SSLError, OSError) as error:
        raise BadInput(
            f"{cert} and {key} cannot be used together.", "They are PEM files, and the key has no passphrase."
        ) from error


def _refused(endpoint: str, error: Exception, took: float, *, tls: bool) -> Greeting:
    """Raises what the failure means; a port without HTTP may be etcd's all the same."""
    if isinstance(error, ssl.SSLCertVerificationError):
        raise _distrusted(endpoint, error.verify_message) from error
    if isinstance(error, ssl.SSLError):
        raise _no_tls(endpoint, error) from error
    if isinstance(error, socket.gaierror):
        raise Unreachable(
            f"{endpoint} cannot be found by its name.", "Is the name right, and is there a network?"
        ) from error
    if isinstance(error, ConnectionRefusedError):
        raise Unreachable(
            f"{endpoint} refuses the connection.", "Does etcd run there, and on this port?"
        ) from error
    if isinstance(error, TimeoutError):
        raise Unreachable(
            f"{endpoint} does not answer in time.", "Is it reachable from here, and does it run?"
        ) from error
    if isinstance(error, ConnectionResetError | http.client.RemoteDisconnected) and not tls:
        raise BadInput(
            f"{endpoint} closes the connection.", "If the cluster uses TLS, name its authority: --ca FILE."
        ) from error
    if isinstance(error, http.client.HTTPException):
        return Greeting("", took)
    raise Unreachable(f"{endpoint} fails: {one_line(str(error), 100)}.", "Try again.") from error


def _distrusted(endpoint: str, why: str) -> BadInput:
    if "expired" in why:
        return BadInput(
            f"The certificate of {endpoint} has expired.",
            "Its administrator has to renew it; look at the clock.",
        )
    if "not yet valid" in why:
        return BadInput(f"The certificate of {endpoint} is not valid yet.", "Look at this machine's clock.")
    if "mismatch" in why or "not valid for" in why:
        return BadInput(
            f"The certificate of {endpoint} is for another host.", "Write the endpoint as it names it."
        )
    return BadInput(
        f"The certificate of {endpoint} was not signed by the authority in ca ({one_line(why, 80)}).",
        "Ask for the right one, best as an invite file.",
    )


def _no_tls(endpoint: str, error: ssl.SSLError) -> BadInput:
    reason = one_line(error.reason or str(error), 80)
    if "ALERT" in reason:
        return BadInput(
            f"{endpoint} does not accept our certificate ({reason}).",
            "Ask its administrator for one, then give --cert and --key.",
        )
    return BadInput(f"{endpoint} speaks no TLS ({reason}).", "Leave out --ca if the cluster uses none.")


def _version(endpoint: str, status: int, body: bytes) -> str:
    """Errors: BadInput for what is no etcd of version 3."""
    if b"HTTP request to an HTTPS server" in body:
        raise BadInput(f"{endpoint} wants TLS.", "Name the cluster's authority: --ca FILE.")
    try:
        found = json.loads(body)
        version = found.get("etcdserver") if isinstance(found, dict) else None
    except (ValueError, RecursionError):
        version = None
    if status != http.client.OK or not isinstance(version, str):
        raise BadInput(f"{endpoint} answers, but as a web server and not as etcd.", _PORT_HINT)
    if version.split(".")[0] != "3":
        raise BadInput(f"{endpoint} is etcd {one_line(version, 20)}.", "A federation needs etcd 3.")
    return one_line(version, 20)


def _ahead(date: str | None, now: dt.datetime) -> float | None:
    """Seconds that ``now`` is ahead of an HTTP date, which counts whole ones."""
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    return (now - theirs).total_seconds() if theirs.tzinfo else None
