"""Changes of a cluster's keys as they come, whichever member tells them."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from roforlmao.errors import RoforlmaoError, TooLarge
from roforlmao.registry import etcd_errors as errors
from roforlmao.registry import etcd_read as reading
from roforlmao.registry.base import Event, Watch
from roforlmao.registry.etcd_call import ATTEMPT_S, Caller
from roforlmao.registry.etcd_link import Link
from roforlmao.registry.etcd_login import Metadata
from roforlmao.registry.etcd_stubs import load

_DOWN_AFTER_S: Final = 3.0
_PAUSE_S: Final = (0.05, 1.0)
_MOST_WAITING: Final = 10_000


class EtcdWatch(Watch):
    """Follows a prefix in a thread of its own, which starts with the first wait for an event.

    A stream that breaks is taken up at another member, from the revision after the last one that
    was told. ``down`` is said after 3 s without any stream, ``up`` when there is one again. Where
    the history was compacted meanwhile: ``resync``, and what comes after it is told from there on.
    """

    def __init__(self, caller: Caller, prefix: str, position: int) -> None:
        self._caller = caller
        self._prefix = prefix
        self._position = position
        self._state = threading.Condition()
        self._events: deque[Event] = deque()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._call: Any = None
        self._metadata: Metadata = ()
        self._reached = 0
        self._fails = 0
        self._failing_since: float | None = None
        self._down = False

    def next_event(self, timeout: float) -> Event | None:
        """The next one, or None after ``timeout`` seconds or once closed."""
        deadline = time.monotonic() + timeout
        with self._state:
            self._start()
            while not self._events and not self._closed:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return None
                self._state.wait(remaining)
            if self._closed:
                return None
            self._state.notify_all()  # a full queue has room again
            return self._events.popleft()

    def __next__(self) -> Event:
        while not self._closed:
            event = self.next_event(60)
            if event is not None:
                return event
        raise StopIteration

    def close(self) -> None:
        with self._state:
            self._closed = True
            call = self._call
            self._state.notify_all()
        if call is not None:
            call.cancel()

    def _start(self) -> None:
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._run, name=f"watch {self._prefix}", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        rpc_error = load().grpc.RpcError
        while not self._closed:
            try:
                link = self._caller.link()
                try:
                    self._follow(link)
                except rpc_error as error:
                    self._failed(link, error)
            except (RoforlmaoError, ValueError):  # closed, or what the configuration names is unreadable
                self._rest()

    def _follow(self, link: Link) -> None:
        """Tells what comes over this link until it breaks. Errors: grpc.RpcError."""
        link.proven = False
        link.prove(ATTEMPT_S)
        self._metadata = self._caller.login.metadata(link, ATTEMPT_S)
        requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        requests.put(self._request())
        call = link.watch.Watch(iter(requests.get, None), metadata=self._metadata)
        link.streams.add(call)
        with self._state:
            self._call = call
        try:
            while not self._closed and self._take(next(call)):
                pass
        except StopIteration:  # ended by the member, as when it stops in order
            self._caller.links.leave(link)
            self._rest()
        finally:
            requests.put(None)
            link.streams.discard(call)
            call.cancel()

    def _request(self) -> Any:
        messages = load().messages
        low, high = reading.span(self._prefix)
        create = messages.WatchCreateRequest(
            key=low, range_end=high, start_revision=self._position, progress_notify=True
        )
        return messages.WatchRequest(create_request=create)

    def _take(self, response: Any) -> bool:
        """Tells what a response holds; false where the stream is over."""
        if response.canceled:
            if response.compact_revision:
                self._resync()
            else:  # our token is old, or our rights were taken away
                self._caller.login.forget(self._metadata)
                self._rest()
            return False
        if response.created:
            self._stands()
        elif response.events:
            self._tell([event for raw in response.events for event in _event(raw)])
            self._position = response.events[-1].kv.mod_revision + 1
        else:
            self._progress(response.header.revision)
        return True

    def _progress(self, revision: int) -> None:
        """Keeps the position of a quiet prefix from falling behind compactions.

        Up to 3.4.24 a member may tell of its progress before the last events (etcd issue 15220),
        so only what the previous notice said, ten minutes ago, is believed.
        """
        self._position = max(self._position, self._reached + 1)
        self._reached = revision

    def _tell(self, events: list[Event]) -> None:
        """Waits where the reader is far behind, so that memory stays bounded."""
        with self._state:
            while len(self._events) >= _MOST_WAITING and not self._closed:
                self._state.wait()
            self._events.extend(events)
            self._state.notify_all()

    def _resync(self) -> None:
        now = reading.revision(self._caller, self._prefix)
        self._tell([Event("resync", now)])
        self._position = now + 1

    def _stands(self) -> None:
        self._fails, self._failing_since = 0, None
        if self._down:
            self._down = False
            self._tell([Event("up", self._position - 1)])

    def _failed(self, link: Link, error: Any) -> None:
        if errors.token_is_old(error):
            self._caller.login.forget(self._metadata)
        elif isinstance(errors.answer(error), TooLarge):
            self._resync()
        else:
            self._caller.links.leave(link)
        self._rest()

    def _rest(self) -> None:
        """Waits a little, longer each time, and says ``down`` once it has lasted."""
        now = time.monotonic()
        self._failing_since = self._failing_since or now
        if now - self._failing_since >= _DOWN_AFTER_S and not self._down:
            self._down = True
            self._tell([Event("down", self._position - 1)])
        self._fails += 1
        longest = min(_PAUSE_S[0] * 2 ** min(self._fails - 1, 10), _PAUSE_S[1])
        with self._state:
            if not self._closed:
                self._state.wait(longest * random.uniform(0.5, 1.0))  # noqa: S311 (spreads load, no secret)


def _event(raw: Any) -> Iterator[Event]:
    """None for a key that is no text: it is not of this key space."""
    try:
        found = reading.record(raw.kv)
    except UnicodeDecodeError:
        return
    deleted = raw.type == raw.DELETE
    yield Event("delete" if deleted else "put", found.revision, found.key, None if deleted else found)
