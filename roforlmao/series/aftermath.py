"""After an anomaly: what changed in the newest snapshots since the last ones that were judged good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path

from roforlmao.anomaly.judging import readings_of, replay
from roforlmao.anomaly.marks import Marks
from roforlmao.anomaly.readings import date_of
from roforlmao.compare.files import size_of
from roforlmao.compare.options import Options
from roforlmao.compare.result import Comparison
from roforlmao.errors import RoforlmaoError
from roforlmao.progress import Progress
from roforlmao.schema import SpikeMethod
from roforlmao.series.streams import Stream, streams
from roforlmao.text import counted, one_line

_LARGEST = 200_000_000  # bytes of both snapshots: some five seconds where every row changed
_STREAMS = 3  # that are compared; the largest ones
_RUNS = 500  # that are judged again to find the good ones
_COLUMNS = 3  # named


def since_last_good(
    directory: Path, method: SpikeMethod, today: dt.date | None, marks: Marks, progress: Progress
) -> list[str]:
    """A few lines on the directory's newest snapshots; none where it has no dated tables.

    A run that is marked as bad is no good one, one that is marked as real or as a known change is.
    What cannot be compared, or is too large for it, is said.
    """
    if not directory.is_dir():
        return []
    found = streams(directory)
    judged = replay(readings_of(directory, marks=marks)[-_RUNS:], method, today)
    good = {date_of(run) for run, verdict in judged if verdict.state != "anomaly"}
    newest = max((max(stream.days) for stream in found), default=None)
    day = date_of(judged[-1][0]) if judged else None
    if newest is None or (day and day > newest):
        return [f"No snapshot of {day}; the newest is of {newest}."] if newest else []
    current = [stream for stream in found if newest in stream.days]
    current.sort(key=lambda stream: -size_of(max(stream.days.values())))
    progress.start("Comparing with the last good snapshot")
    return [line for stream in current[:_STREAMS] for line in _changes(stream, good, newest, progress)]


def _changes(
    stream: Stream, good: Collection[dt.date | None], newest: dt.date, progress: Progress
) -> list[str]:
    from roforlmao.compare.engine import compare

    before = [day for day in stream.days if day < newest and day in good and size_of(stream.days[day])]
    if not before:
        return [f"There is no good snapshot like {one_line(stream.name, 100)} to compare with."]
    old, new = stream.days[before[-1]], stream.days[newest]
    heading = f"Changed from {one_line(old.name, 100)}, the last good snapshot, to {one_line(new.name, 100)}:"
    if size_of(old) + size_of(new) > _LARGEST:
        return [heading, f"  Too large to compare here: {size_of(old):,} and {size_of(new):,} bytes."]
    try:
        return [heading, *_told(compare(old, new, Options(), progress).comparison(0))]
    except RoforlmaoError as error:  # the verdict stands without it
        return [heading, f"  Not compared: {error.message}"]


def _told(found: Comparison) -> list[str]:
    counts, columns = found.counts, found.columns
    moved = f"{counts.added:,} added, {counts.removed:,} removed, {counts.changed:,} changed"
    lines = [f"  Rows: {found.old.rows:,} before, {found.new.rows:,} after; {moved}."]
    for what, names in (("added", columns.added), ("removed", columns.removed)):
        if names:
            lines.append(f"  Columns {what}: {_some([one_line(name, 40) for name in names])}.")
    if columns.changed:
        what = "" if found.new.header else "column "
        most = [
            f"{what}{one_line(name, 40)} ({counted(cells, 'cell')})"
            for name, cells in columns.changed.items()
        ]
        lines.append(f"  Most changed: {_some(most)}.")
    return lines


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _COLUMNS:,} more" if len(names) > _COLUMNS else ""
    return f"{', '.join(names[:_COLUMNS])}{more}"
