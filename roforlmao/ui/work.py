"""Long work in a thread while the main thread shows how far it is and listens for Ctrl-C."""

from __future__ import annotations

import contextlib
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from roforlmao.errors import Cancelled
from roforlmao.progress import Progress
from roforlmao.text import clean, one_line
from roforlmao.ui import signals
from roforlmao.ui.keyboard import quiet_keyboard
from roforlmao.ui.meter import Meter, drawing

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")
Wake = Literal["done", "interrupt", "end"]

FRAME = 0.1  # seconds between two drawings
REMINDER = 10.0  # seconds between two lines of the same step on a terminal without cursor
GRACE = 4.0  # seconds that work has to stop cleanly when the launcher itself is ended


def work(
    app_call: Callable[[Progress], T],
    console: Console,
    *,
    plain: bool = False,
    quiet: bool = False,
    record: Callable[[Mapping[str, Any]], None] | None = None,
) -> T:
    """What ``app_call`` returns or raises, with its traceback.

    The first Ctrl-C cancels by token; the second raises ``Cancelled`` and abandons the work, whose
    thread is a daemon. A terminal gets a bar that vanishes at the end; ``plain``, and what is not a
    terminal, only a line per step; ``quiet`` nothing. ``record`` is handed what the work emits; its
    text is shown without. Call it in the main thread.
    """
    job = _Job(app_call, record or (lambda told: _say(console, text_of(told))))
    live = console.is_terminal and not console.is_dumb_terminal and not plain
    show: Callable[[_Job[T], Console], None] = _draw if live and not quiet else _tell
    with (
        signals.deferred(lambda: job.wakes.put("end")),
        _interrupts_into(job.wakes),
        quiet_keyboard(sys.stdin),
    ):
        job.thread.start()
        try:
            show(job, console) if not quiet else job.wait_quietly()
        except OSError as error:  # the terminal has hung up
            job.stop()
            raise Cancelled("Stopped: the terminal cannot be written to.") from error
        job.hand_on()
        return job.outcome()


def text_of(record: Mapping[str, Any]) -> str:
    """What people read of a record: one line, its blanks as they are."""
    return " ".join(clean(str(record.get("text", ""))).splitlines())


class _Job(Generic[T]):
    """The worker thread, its Meter, and the queue that wakes the main thread."""

    def __init__(self, call: Callable[[Progress], T], record: Callable[[Mapping[str, Any]], None]) -> None:
        self._record = record
        self.meter = Meter()
        # SimpleQueue.put may be called from a signal handler
        self.wakes: queue.SimpleQueue[Wake] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._run, args=(call,), daemon=True, name="work")
        self._result: list[T] = []
        self._error: BaseException | None = None
        self.abandoned = False

    def _run(self, call: Callable[[Progress], T]) -> None:
        try:
            self._result.append(call(self.meter))
        except BaseException as error:  # noqa: BLE001 (handed on, whatever it is, by outcome)
            self._error = error
        finally:
            self.wakes.put("done")

    def running(self, seconds: float) -> bool:
        """Waits up to ``seconds``; False once the work is done. Sees to Ctrl-C."""
        self.hand_on()
        try:
            wake = self.wakes.get(timeout=seconds)
        except queue.Empty:
            return True
        if wake == "end":
            self.stop()
        elif wake == "interrupt":
            if self.meter.cancelled:
                self.abandoned = True
            self.meter.cancel()
        return wake == "interrupt" and not self.abandoned

    def hand_on(self) -> None:
        """Shows what the work has emitted since the last time."""
        for told in self.meter.records():
            self._record(told)

    def wait_quietly(self) -> None:
        # a signal that comes just before a wait does not break it off: the waits are short
        while self.running(FRAME):
            continue

    def stop(self) -> None:
        """Cancels and gives the work ``GRACE`` seconds to end cleanly."""
        self.meter.cancel()
        self.thread.join(GRACE)
        self.abandoned = self.thread.is_alive()

    def outcome(self) -> T:
        if self.abandoned:
            raise Cancelled("Left at once; what was going on may still be ending in the background.")
        self.thread.join()
        if self._error is not None:
            raise self._error
        return self._result[0]


def _draw(job: _Job[T], console: Console) -> None:
    """A bar or spinner that redraws itself and vanishes."""
    from rich.live import Live

    ascii_only, turn = console.options.ascii_only, 0
    # rich's own refresh thread stays off: only the main thread writes to the terminal
    with Live(
        console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as live:
        while job.running(FRAME):
            turn += 1
            size = console.size
            shown = drawing(job.meter, size.width, size.height, turn=turn, ascii_only=ascii_only)
            live.update(shown, refresh=True)


def _tell(job: _Job[T], console: Console) -> None:
    """A line when a step starts; on a terminal also how far it is, every ten seconds."""
    told = time.monotonic()
    while job.running(FRAME):
        _tell_steps(job.meter, console)
        if console.is_terminal and time.monotonic() - told >= REMINDER:
            told = time.monotonic()
            _say(console, f"{one_line(job.meter.label)}  {job.meter.amount()}".rstrip())
    _tell_steps(job.meter, console)


def _tell_steps(meter: Meter, console: Console) -> None:
    for label in meter.begun():
        _say(console, label)


def _say(console: Console, line: str) -> None:
    from rich.text import Text

    console.print(Text(line), soft_wrap=True)


@contextlib.contextmanager
def _interrupts_into(wakes: queue.SimpleQueue[Wake]) -> Iterator[None]:
    """Ctrl-C becomes a message, so that it never breaks into a half-drawn screen."""

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        wakes.put("interrupt")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
