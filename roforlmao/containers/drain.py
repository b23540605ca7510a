"""A container's output on its way here: always read, so that the tool never waits for us."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from roforlmao.containers.demultiplex import Demultiplexer
from roforlmao.containers.faults import translating

if TYPE_CHECKING:
    from roforlmao.containers.engine import Engine

_CHUNK = 256 * 1024
_LAST_WORDS_S = 10.0  # for what is still on its way when the container has ended


class Source(Protocol):
    """Where output comes from; ``close`` ends a read that waits."""

    def __iter__(self) -> Iterator[bytes]: ...
    def close(self) -> None: ...


class Attached:
    """The stream of one container, opened before its start, so that no line is missed.

    Errors: EngineFailed and its kin.
    """

    def __init__(self, engine: Engine, container: str) -> None:
        with translating("listening to the container"):
            self._kept = engine.api.attach_socket(container)
        # The SDK gives a buffered wrapper with a timeout; below it lies the socket itself.
        self._socket: Any = getattr(self._kept, "_sock", self._kept)
        self._socket.settimeout(None)

    def __iter__(self) -> Iterator[bytes]:
        streams = Demultiplexer()
        try:
            while received := self._socket.recv(_CHUNK):
                yield streams.feed(received)
        except OSError:
            pass  # the engine went away; whether the container ended is found out by whoever waits for it
        finally:
            for layer in (getattr(self._kept, "_response", None), self._kept, self._socket):
                if layer is not None:
                    layer.close()
        yield streams.rest()

    def close(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # closed by the other side


class Logged:
    """What the engine itself kept, from ``since`` (seconds since 1970) on, and what still comes.

    Errors: EngineFailed and its kin.
    """

    def __init__(self, engine: Engine, container: str, since: float, *, follow: bool) -> None:
        with translating("reading the container's log"):
            self._stream = engine.api.logs(container, stream=True, follow=follow, since=since)

    def __iter__(self) -> Iterator[bytes]:
        from docker.errors import DockerException
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        try:
            yield from self._stream
        except (DockerException, RequestException, HTTPError, OSError):
            return  # as above

    def close(self) -> None:
        self._stream.close()


class Drain:
    """Hands all of a source to ``take``, in a thread of its own."""

    def __init__(self, source: Source, take: Callable[[bytes], None]) -> None:
        self._source = source
        self._take = take
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="tool-output", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Once the container has ended: takes the rest; raises what ``take`` raised."""
        self._thread.join(_LAST_WORDS_S)
        if self._thread.is_alive():
            self._source.close()
            self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            for chunk in self._source:
                if chunk:
                    self._take(chunk)
        except BaseException as error:  # noqa: BLE001 - raised again by ``finish``, in the caller's thread
            self._failure = error
