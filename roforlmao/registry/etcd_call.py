"""One call to the cluster: its deadline, its attempts, from one endpoint to the next."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from roforlmao.errors import RegistryError
from roforlmao.registry import etcd_errors as errors
from roforlmao.registry.etcd_link import Link, Links
from roforlmao.registry.etcd_login import Login, Metadata
from roforlmao.registry.etcd_reasons import Reason, reason, unavailable
from roforlmao.registry.etcd_stubs import load

DEADLINE_S: Final = 5.0
ATTEMPT_S: Final = 1.5
_AGAIN_S: Final = (0.5, 0.5, 0.5, 1.0)
"""How long attempts may take after one, two, three, and more that were not answered in time.

The leader may be gone, and what a member is asked before it knows of another is lost: asked again soon, one
will have been elected, which takes some 1.5 to 2.5 s in all. What is slow for other reasons gets time later.
"""
_PAUSE_S: Final = (0.05, 0.4)

T = TypeVar("T")
Send = Callable[[Link, float, Metadata], T]
"""Sends one request over a link, within so many seconds, with this metadata."""


def unary(service: str, method: str, request: Any) -> Send[Any]:
    """The plain call of a stub, such as ``kv``, ``Range``."""

    def send(link: Link, timeout: float, metadata: Metadata) -> Any:
        return getattr(getattr(link, service), method)(request, timeout=timeout, metadata=metadata)

    return send


class Deadline:
    """A moment on the monotonic clock, so many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds, at least 0."""
        return max(0.0, self._end - time.monotonic())


@dataclass(frozen=True)
class Answer(Generic[T]):
    """``repeated`` says that an earlier attempt was lost on its way and may have been done, too."""

    value: T
    repeated: bool


class Caller:
    """Sends requests until one is answered or the deadline is over."""

    def __init__(self, links: Links, login: Login) -> None:
        self.links = links
        self.login = login
        self._closed = threading.Event()

    def read(self, send: Send[T], deadline: Deadline | None = None, attempt_s: float = ATTEMPT_S) -> T:
        """For requests that may be repeated freely. Errors: Unavailable, Denied, Compacted, LeaseLost."""
        return _Attempts(self, send, deadline or Deadline(DEADLINE_S), attempt_s).run().value

    def write(self, send: Send[T], deadline: Deadline, what: Callable[[], str]) -> Answer[T]:
        """For requests that do nothing when they arrive a second time; ``what`` tells their name for errors.

        Errors: as ``read``, TooLarge, and OutcomeUnknown where an attempt was lost and none answered.
        """
        return _Attempts(self, send, deadline, ATTEMPT_S, what).run()

    def pause(self, seconds: float) -> None:
        """Waits; closing ends it."""
        self._closed.wait(seconds)

    def link(self) -> Link:
        """The one in use. Errors: Unavailable once closed."""
        link = self.links.current()
        if link is None:
            raise errors.closed()
        return link

    def close(self) -> None:
        self._closed.set()
        self.links.close()


class _Attempts(Generic[T]):
    """The attempts of one call."""

    def __init__(
        self,
        caller: Caller,
        send: Send[T],
        deadline: Deadline,
        attempt_s: float,
        what: Callable[[], str] | None = None,
    ) -> None:
        self._caller = caller
        self._send = send
        self._deadline = deadline
        self._attempt_s = attempt_s
        self._hung = 0
        self._what = what
        self._lost = False
        self._fails = 0
        self._renewed = False
        self._reasons: dict[str, Reason] = {}

    def run(self) -> Answer[T]:
        rpc_error = load().grpc.RpcError
        while True:
            link = self._caller.link()
            timeout = min(self._longest(), self._deadline.remaining())
            sent: Metadata | None = None
            try:
                metadata = self._caller.login.metadata(link, timeout)
                if self._what is not None:
                    link.prove(timeout)
                sent = metadata
                value = self._send(link, timeout, metadata)
                link.proven = True
                return Answer(value, self._lost)
            except rpc_error as error:
                self._failed(link, error, sent)
            except ValueError as error:  # the channel was closed by another thread
                raise errors.closed() from error

    def _longest(self) -> float:
        if not self._hung:
            return self._attempt_s
        return min(self._attempt_s, _AGAIN_S[min(self._hung, len(_AGAIN_S)) - 1])

    def _failed(self, link: Link, error: Any, sent: Metadata | None) -> None:
        """Makes ready for another attempt, or raises."""
        if sent is not None and errors.token_is_old(error) and not self._renewed:
            self._renewed = self._caller.login.forget(sent)
            if self._renewed:
                return
        told = errors.answer(error)
        if told is not None:
            raise told from error
        self._lost |= self._what is not None and sent is not None and not errors.never_sent(error)
        self._hung += error.code().name == "DEADLINE_EXCEEDED"
        why = reason(error)
        if link.endpoint not in self._reasons or not why.passing:  # the last attempt is cut short
            self._reasons[link.endpoint] = why
        self._caller.links.leave(link)
        if not self._is_hopeless():
            self._rest()
            if self._deadline.remaining():
                return
        raise self._gave_up() from error

    def _is_hopeless(self) -> bool:
        """Whether every endpoint fails for a reason that waiting does not mend."""
        why = self._reasons.values()
        return len(why) == len(self._caller.links.endpoints) and all(one.lasting for one in why)

    def _gave_up(self) -> RegistryError:
        if self._what is not None and self._lost:
            return errors.unknown(self._what())
        return unavailable(self._reasons)

    def _rest(self) -> None:
        """Pauses where every endpoint has failed, a little longer each time round."""
        self._fails += 1
        rounds, within = divmod(self._fails, len(self._caller.links.endpoints))
        if within == 0:
            pause = min(_PAUSE_S[0] * 2 ** (rounds - 1), _PAUSE_S[1]) * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)
            self._caller.pause(min(pause, self._deadline.remaining()))
