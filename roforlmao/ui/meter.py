"""The Progress that a front watches: cheap to write from any thread, drawn from the main one."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from roforlmao.progress import Progress
from roforlmao.text import one_line
from roforlmao.ui.cells import cut, pad, width

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

T = TypeVar("T")

LOG_LINES = 20  # of which as many are shown as fit
_FEWEST_LINES = 3
PARTS = 8  # rows for parts of a step
_LINE_LIMIT = 2000  # characters kept of one line; a screen is narrower
_STEPS = 100  # labels of steps kept until they are told
_BAR = 24  # cells
_PART_NAME = 12  # cells, as many as a layer's id is shown with
_SPINNER = ("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "━", "─")
_ASCII_SPINNER = ("-\\|/", "#", "-")


@dataclass(frozen=True)
class Part:
    """One of several things that a step goes through at once."""

    done: int
    total: int | None
    note: str

    @property
    def share(self) -> float | None:
        return _share(self.done, self.total)


class Meter(Progress):
    """Keeps the step, how far it is and the last few lines; forgets all others at once.

    The writing side only assigns and appends: a tool that prints 100 MB a second is not slowed.
    """

    watched = True

    def __init__(self) -> None:
        super().__init__()
        self.label = ""
        self.total: int | None = None
        self.unit = ""
        self.done = 0
        self._lines: deque[str] = deque(maxlen=LOG_LINES)
        self._begun: deque[str] = deque(maxlen=_STEPS)
        self._parts: dict[str, Part] = {}
        self._records: deque[Mapping[str, Any]] = deque()
        self._began = time.monotonic()

    def start(self, label: str, total: int | None = None, unit: str = "") -> None:
        self.label, self.total, self.unit, self.done = label, total, unit, 0
        self._parts = {}
        self._begun.append(label)

    def update(self, done: int, total: int | None = None) -> None:
        self.done = done
        if total is not None:
            self.total = total

    def part(
        self, name: str, done: int, total: int | None = None, *, note: str = "", ended: bool = False
    ) -> None:
        if ended:
            self._parts.pop(name, None)
        else:
            self._parts[name] = Part(done, total, note)

    def log(self, line: str) -> None:
        self._lines.append(line[:_LINE_LIMIT])

    def emit(self, record: Mapping[str, Any]) -> None:
        self._records.append(record)

    def records(self) -> list[Mapping[str, Any]]:
        """The records of an endless answer since the last call."""
        return [self._records.popleft() for _ in range(len(self._records))]

    @property
    def seconds(self) -> int:
        return int(time.monotonic() - self._began)

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None where the total is unknown."""
        return _share(self.done, self.total)

    def parts(self) -> list[tuple[str, Part]]:
        """Those that go on, by name in the order in which they began."""
        return _snapshot(self._parts.items())

    def begun(self) -> list[str]:
        """Labels of the steps that began since the last call, cleaned."""
        labels = []
        while self._begun:
            labels.append(one_line(self._begun.popleft()))
        return labels

    def last_lines(self) -> list[str]:
        """The last lines of the work's own output, cleaned."""
        return [line for line in map(one_line, _snapshot(self._lines)) if line]

    def amount(self) -> str:
        """``3.1 of 12.0 MB``, ``40 of 120 objects``, ``40 objects``; empty where nothing is counted."""
        if not self.done and not self.total:
            return ""
        if self.unit == "B":
            return _bytes(self.done, self.total)
        counted = f"{self.done:,} of {self.total:,}" if self.total else f"{self.done:,}"
        return f"{counted} {one_line(self.unit)}".rstrip()

    def headline(self, room: int) -> str:
        """What is going on, for how long, and how to stop it: the first gives way where it is long."""
        clock = f"{self.seconds // 60}:{self.seconds % 60:02d}"
        ending = "stopping; Ctrl-C again leaves at once" if self.cancelled else "Ctrl-C stops"
        rest = f"  {clock}  ({ending})"
        return cut(cut(one_line(self.label) or "Working", max(10, room - width(rest))) + rest, room)


def drawing(meter: Meter, columns: int, height: int, *, turn: int, ascii_only: bool) -> RenderableType:
    """What stands on a screen of that size while the work goes on, at most ``columns - 1`` cells wide.

    The log gets half of the screen, so that what was done before can still be read above it.
    """
    from rich.console import Group
    from rich.text import Text

    room = max(1, columns - 1)
    frames, *cells = _ASCII_SPINNER if ascii_only else _SPINNER
    frame = frames[turn % len(frames)]
    rows = [Text(cut(f"{frame} {meter.headline(room - 2)}", room), style="bold")]
    if meter.share is not None:
        rows.append(_bar("  ", meter.share, meter.amount(), room, cells))
    elif amount := meter.amount():
        rows.append(Text(cut(f"  {amount}", room)))
    rows += _part_rows(meter.parts(), room, cells)
    lines = meter.last_lines()[-max(_FEWEST_LINES, height // 2) :]
    rows += [Text(cut(f"  {line}", room), style="dim") for line in lines]
    return Group(*rows)


def _bar(label: str, share: float, amount: str, room: int, cells: Sequence[str]) -> Text:
    """``cells`` are the characters of what is done and of what is left."""
    from rich.text import Text

    start = cut(label, room)
    length = max(0, min(_BAR, room - width(start)))
    filled = round(share * length)
    bar = (
        Text(start).append(cells[0] * filled, style="cyan").append(cells[1] * (length - filled), style="dim")
    )
    return bar.append(cut(f" {share:4.0%}  {amount}", room - width(start) - length))


def _part_rows(parts: Sequence[tuple[str, Part]], room: int, cells: Sequence[str]) -> list[Text]:
    from rich.text import Text

    rows = []
    for name, part in parts[:PARTS]:
        label, note = f"    {pad(one_line(name), _PART_NAME)} ", one_line(part.note)
        if part.share is None:
            rows.append(Text(cut(label + note, room), style="dim"))
        else:
            rows.append(_bar(label, part.share, note, room, cells))
    if len(parts) > PARTS:
        rows.append(Text(cut(f"    and {len(parts) - PARTS} more", room), style="dim"))
    return rows


def _share(done: int, total: int | None) -> float | None:
    return min(1.0, max(0.0, done / total)) if total else None


def _snapshot(lines: Iterable[T]) -> list[T]:
    """A copy, though another thread may be appending."""
    while True:
        try:
            return list(lines)
        except RuntimeError:  # "mutated during iteration"
            continue


def _bytes(done: int, total: int | None) -> str:
    size, unit = _scale(total or done)
    return f"{done / size:,.1f} of {total / size:,.1f} {unit}" if total else f"{done / size:,.1f} {unit}"


def _scale(count: int) -> tuple[int, str]:
    """Decimal units, as git and the hubs show them."""
    for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= size:
            return size, unit
    return 1, "B"
