"""A TCP proxy on loopback that passes everything on, or cuts, stalls or slows a connection down."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """``after`` bytes of an answer it does what ``then`` says (cut, stall, slow); None lets all through."""

    target: int
    listener: socket.socket
    then: str = "cut"
    after: int | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
                self._open += [client, server]
                held = threading.Event()
                for pair, limited in (((client, server), False), ((server, client), True)):
                    threading.Thread(target=self._pass, args=(*pair, limited, held), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, limited: bool, held: threading.Event) -> None:
        """One direction; ``held`` tells the other that this connection has come to its limit."""
        passed, pause = 0, threading.Event()
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                passed += len(piece)
                if limited and self.after is not None and passed > self.after:
                    self.reached.set()
                    held.set()
                    if self.then == "stall":
                        return
                    if self.then == "cut":
                        break
                    pause.wait(0.05)
                sink.sendall(piece)
        if not limited and held.is_set():
            self.hung_up.set()
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for one in (self.listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextmanager
def proxy(target: int) -> Iterator[Proxy]:
    """Before a port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    one = Proxy(target, listener)
    thread = threading.Thread(target=one.serve, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        one.close()
        thread.join(10)
