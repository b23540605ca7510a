"""The files of one stream, each read once and kept as numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from roforlmao.audit.grid import Grid, no_rows
from roforlmao.audit.hashing import grid_of
from roforlmao.audit.reading import Stream, open_stream
from roforlmao.compare.table import make_table
from roforlmao.errors import BadInput
from roforlmao.progress import Progress, Quiet
from roforlmao.text import counted, one_line

MOST_CELLS = 60_000_000  # of all different snapshots together; each takes eight bytes


@dataclass(frozen=True)
class Loaded:
    """One stream: its form, a grid for each operator who has it, and why others cannot be read."""

    name: str
    stream: Stream
    paths: Mapping[str, Path]
    grids: Mapping[str, Grid]
    faults: Mapping[str, str]

    def grid(self, operator: str) -> Grid:
        """That operator's; without rows where there is no such file."""
        return self.grids.get(operator) or no_rows(len(self.stream.columns) + 1)

    @property
    def key(self) -> list[int]:
        """The key's places in a grid."""
        return [place + 1 for place in self.stream.key.places]


def load(name: str, paths: Mapping[str, Path], progress: Progress) -> Loaded:
    """Reads each different file once. ``paths`` are by operator."""
    digests = {operator: _digest(path) for operator, path in paths.items()}
    order = _by_likeness(paths, digests)
    faults: dict[str, str] = {}
    stream = _opened(order, paths, faults, progress)
    grids: dict[str, Grid] = {}
    known: dict[bytes, Grid | str] = {}
    for operator in (one for one in order if one not in faults):
        progress.checkpoint()
        if digests[operator] not in known:
            room = MOST_CELLS - sum(grid.cells.size for grid in known.values() if isinstance(grid, Grid))
            known[digests[operator]] = _grid(stream, paths[operator], room, progress)
        found = known[digests[operator]]
        if isinstance(found, Grid):
            grids[operator] = found
        else:
            faults[operator] = found
        progress.update(len(grids) + len(faults))
    width = len(stream.columns) + 1
    return Loaded(name, stream, paths, {o: grid.widened(width) for o, grid in grids.items()}, faults)


def _by_likeness(paths: Mapping[str, Path], digests: Mapping[str, bytes]) -> list[str]:
    """What most have comes first, then by distance from the middle size: others are read as the first."""
    times = Counter(digests.values())
    sizes = {operator: path.stat().st_size for operator, path in paths.items()}
    ranked = sorted(size for size in sizes.values() if size)
    middle = ranked[len(ranked) // 2] if ranked else 0
    return sorted(paths, key=lambda o: (not sizes[o], -times[digests[o]], abs(sizes[o] - middle), o))


def _opened(
    order: list[str], paths: Mapping[str, Path], faults: dict[str, str], progress: Progress
) -> Stream:
    """By the first file that can be read; without columns where none can."""
    for number, operator in enumerate(order):
        partner = next((paths[other] for other in order[number + 1 :]), None)
        try:
            return open_stream(paths[operator], partner, Quiet(progress))
        except BadInput as error:
            faults[operator] = one_line(error.message, 300)
    return Stream(make_table("", (), header=False), "", [])


def _grid(stream: Stream, path: Path, room: int, progress: Progress) -> Grid | str:
    """The grid, or why there is none."""
    try:
        table = stream.table(path, Quiet(progress))
        if len(table.rows) * (len(table.labels) + 1) > room:
            return f"too many cells to be audited beside the others ({counted(len(table.rows), 'row')})"
        found = grid_of(table, stream.places(table, progress), stream.columns, stream.memo)
        if found is None:
            table = stream.table(path, Quiet(progress), careful=True)
            found = grid_of(table, stream.places(table, progress), stream.columns, stream.memo)
        return found or "its rows cannot be read"
    except BadInput as error:
        return one_line(error.message, 300)


def _digest(path: Path) -> bytes:
    with path.open("rb") as handle:
        return file_digest(handle, "blake2b").digest()
