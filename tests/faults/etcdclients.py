"""What the etcd tests share: a wire that loses answers, and a writer that counts what was acknowledged."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from roforlmao.errors import RegistryError
from roforlmao.registry.base import Registry

_CHUNK = 65536


class Wire:
    """A TCP relay to a member; while ``deaf`` it delivers requests and loses the answers."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listener]
        self.deaf = False
        self.endpoint = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                self._sockets += [near, far]
                threading.Thread(target=self._relay, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._relay, args=(far, near, True), daemon=True).start()

    def changed(self, data: bytes) -> bytes:
        """What of an answer arrives."""
        return data

    def _relay(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if not (answers and self.deaf):
                    sink.sendall(self.changed(data) if answers else data)
            sink.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire(target: str) -> Iterator[Wire]:
    relay = Wire(target)
    try:
        yield relay
    finally:
        relay.close()


@dataclass
class Writer:
    """A thread that writes ``prefix/0``, ``prefix/1``, ... and keeps the revisions acknowledged."""

    registry: Registry
    prefix: str
    acknowledged: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    progress: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def wait(self, more: int, seconds: float = 20.0) -> None:
        """Until so many more are acknowledged."""
        with self.progress:
            goal = len(self.acknowledged) + more
            assert self.progress.wait_for(lambda: len(self.acknowledged) >= goal, seconds)

    def stop(self) -> dict[str, int]:
        self._stop.set()
        self._thread.join(20)
        return self.acknowledged

    def _work(self) -> None:
        number = 0
        while not self._stop.is_set():
            key, number = f"{self.prefix}/{number}", number + 1
            try:
                revision = self.registry.put(key, key.encode())
            except RegistryError as error:
                self.failed.append(f"{key}: {error}")
                continue
            with self.progress:
                self.acknowledged[key] = revision
                self.progress.notify_all()
