"""The keyspace of etcd's v2 API, which a v3 client cannot see: read over HTTP, within bounds.

``GET /v2/keys?recursive=true`` as in https://etcd.io/docs/v2.3/api/; an etcd 3.4 answers it when it was
started with ``--enable-v2``.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from roforlmao.errors import BadInput, OperationFailed, Unreachable
from roforlmao.text import one_line

_TIMEOUT_S: Final = 20.0
_LARGEST: Final = 64_000_000  # bytes
_MOST: Final = 200_000  # keys
_DEEPEST: Final = 12
_HINT: Final = "Such as http://etcd.example.org:2379, or with a part of it: .../v2/keys/mao"


def read(url: str) -> list[tuple[str, str]]:
    """Key and value of every leaf, by key. Errors: BadInput, Unreachable, OperationFailed."""
    scheme, host, port, path = _parts(url)
    status, body = _fetch(scheme, host, port, f"{path}?recursive=true&sorted=true")
    shown = f"{host}:{port}"
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and found.get("errorCode") == 100:
        raise BadInput(f"{shown} has nothing at {one_line(path, 60)}.", "Look at the path.")
    if status != http.client.OK or not isinstance(found, dict) or "node" not in found:
        raise OperationFailed(
            f"{shown} answers {status}, and not as etcd's v2 API.",
            "An etcd 3.4 has that API when it was started with --enable-v2; 3.6 has it no more.",
        )
    return sorted(_leaves(found["node"]))


def _parts(url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadInput(f"'{one_line(url, 60)}' is not a URL.", _HINT) from error
    path = parts.path.rstrip("/") or "/v2/keys"
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise BadInput(f"'{one_line(url, 60)}' is not the URL of an etcd.", _HINT)
    if not url.isprintable() or " " in url or not (path + "/").startswith("/v2/keys/"):
        raise BadInput(f"'{one_line(url, 60)}' is not the URL of an etcd's v2 keys.", _HINT)
    return parts.scheme, parts.hostname, port or 2379, path + "/"


def _fetch(scheme: str, host: str, port: int, target: str) -> tuple[int, bytes]:
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    connection = kind(host, port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", target)
        with connection.getresponse() as answer:
            body = answer.read(_LARGEST + 1)
    except (http.client.HTTPException, OSError) as error:
        raise Unreachable(
            f"{host}:{port} cannot be read ({one_line(str(error), 100)}).", "Does etcd run there?"
        ) from error
    finally:
        connection.close()
    if len(body) > _LARGEST:
        raise OperationFailed(
            f"The keyspace of {host}:{port} is over {_LARGEST // 1_000_000} MB.",
            "Import it in parts: add a path to the URL.",
        )
    return answer.status, body


def _leaves(top: Any) -> Iterator[tuple[str, str]]:
    """Errors: OperationFailed for what is too deep, too much, or not as the API says."""
    waiting, seen = [(top, 0)], 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if not isinstance(node, dict) or depth > _DEEPEST or seen > _MOST:
            raise OperationFailed(
                "The v2 keyspace is not of the form that was expected.", "Import a part of it."
            )
        below, key, value = node.get("nodes"), node.get("key"), node.get("value")
        if isinstance(below, list):
            waiting += [(one, depth + 1) for one in below]
        elif isinstance(key, str) and isinstance(value, str) and not node.get("dir"):
            yield key, value
