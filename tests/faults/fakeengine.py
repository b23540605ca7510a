"""Something that listens where an engine should: it gives fixed answers, or none at all."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any


@contextmanager
def answering(path: Path, answer: Mapping[str, Any] | str) -> Iterator[str]:
    """Every request gets this, as JSON or as plain text; gives the address."""
    body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    with socketserver.ThreadingUnixStreamServer(str(path), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"unix://{path}"
        finally:
            server.shutdown()
            thread.join(10)


@contextmanager
def silent(path: Path) -> Iterator[str]:
    """Takes connections and never answers."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(8)
        yield f"unix://{path}"


def stale(path: Path) -> str:
    """A socket whose program is gone."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    return f"unix://{path}"
