"""Tells a watchdog on the web that a job started and how it ended, as healthchecks.io takes it.

``URL/start``, then ``URL`` after success, ``URL/<exit status>`` or ``URL/fail`` otherwise; source:
https://healthchecks.io/docs/http_api/. A ping never blocks a job and never fails one.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from roforlmao import __version__
from roforlmao.errors import BadInput, RoforlmaoError
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.models import Run

_TIMEOUT_S = 5.0
_WAITING = 200  # pings that may wait; more are dropped
_HINT = "Such as https://hc-ping.com/0b1c... without a user name or password."


def check_ping(text: str) -> str:
    """An http or https URL that pings go to. Errors: BadInput."""
    shown = one_line(text, 60)
    if len(text) > 500 or not text.isascii() or not text.isprintable() or " " in text:
        raise BadInput(f"'{shown}' is not a URL to ping.", _HINT)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise BadInput(f"'{shown}' is not a URL to ping.", _HINT) from None
    if parts.scheme not in ("http", "https") or not host or parts.fragment or parts.username is not None:
        raise BadInput(f"'{shown}' is not a URL to ping.", _HINT)
    return text


def ending(run: Run | None) -> str:
    """What is said of how a run ended; without one its launcher could not run it."""
    if run is None or run.state != "succeeded":
        code = run.exit_code if run is not None and run.state == "failed" else None
        return str(code) if code is not None and 0 < code < 256 else "fail"
    return ""


class Pings:
    """Sends from a thread of its own, in order. ``trouble`` hears of the first ping that fails in a row."""

    def __init__(self, trouble: Callable[[str], None], timeout_s: float = _TIMEOUT_S) -> None:
        self._trouble = trouble
        self._timeout_s = timeout_s
        self._waiting: queue.Queue[str] = queue.Queue(_WAITING)
        self._failing: set[str] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def send(self, url: str, what: str) -> None:
        """Returns at once; ``what`` is ``start``, ``fail``, an exit status, or empty for success."""
        parts = urlsplit(url)
        path = f"{parts.path.rstrip('/')}/{what}" if what else parts.path
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_sending, name="pings", daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait(parts._replace(path=path).geturl())
        except queue.Full:  # the watchdog does not answer, and says so by itself
            return

    def flush(self, seconds: float) -> None:
        """Gives what waits so many seconds to be sent."""
        deadline = time.monotonic() + seconds
        while self._waiting.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.02)

    def _keep_sending(self) -> None:
        while True:
            url = self._waiting.get()
            try:
                self._send(url)
            finally:
                self._waiting.task_done()

    def _send(self, url: str) -> None:
        from http.client import HTTPException  # the verbs' `--ping` is checked here, too, without a client
        from urllib.error import URLError
        from urllib.request import Request, urlopen

        host = urlsplit(url).netloc
        asked = Request(url, headers={"User-Agent": f"roforlmao/{__version__}"})  # noqa: S310 (checked)
        try:
            with urlopen(asked, timeout=self._timeout_s) as answer:  # noqa: S310 (http or https, checked)
                answer.read(1000)
            self._failing.discard(host)
        except (URLError, HTTPException, OSError, ValueError) as error:
            if host not in self._failing:
                self._failing.add(host)
                reason = one_line(str(getattr(error, "reason", "") or error), 200)
                with suppress(RoforlmaoError):  # a notice that cannot be kept is not worth the thread
                    self._trouble(
                        f"The watchdog {host} does not take pings: {reason}. Jobs run all the same."
                    )
