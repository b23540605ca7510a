"""An audit of fetched snapshots: read, grouped, decided, and each held against the reference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from roforlmao.audit.contrast import Contrast, Difference, Reader, contrast
from roforlmao.audit.fetching import Snapshot
from roforlmao.audit.loading import Loaded, load
from roforlmao.audit.strangeness import strangeness
from roforlmao.audit.verdict import Decision, Group, decide
from roforlmao.errors import BadInput
from roforlmao.models import Audit, Standing, StandingState
from roforlmao.progress import Progress
from roforlmao.text import one_line

_STREAMS = 20  # different files of a day that are held in memory


@dataclass(frozen=True)
class Findings:
    """``differences`` from the reference, at most so many of each snapshot as was asked for.

    ``key`` names the columns that tell which row is which, by file.
    """

    audit: Audit
    differences: tuple[Difference, ...] = ()
    key: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Whether nobody's snapshot differs; who could not be read is no disagreement."""
        return not any(one.rows is not None and one.state != "same" for one in self.audit.operators)


def conduct(hub: str, date: str, snapshots: Sequence[Snapshot], limit: int, progress: Progress) -> Findings:
    """The audit, with at most ``limit`` differences of each snapshot.

    Errors: BadInput (too many different files), Cancelled.
    """
    streams, faults = _read(snapshots, progress)
    compared = [one for one in snapshots if one.files and one.operator not in faults]
    if not compared:
        standings = tuple(_absent(one, faults) for one in snapshots)
        return Findings(Audit(hub, date, standings, (), False, "There is no snapshot to look at."))
    progress.start("Comparing the snapshots")
    groups = _groups(compared, streams, progress)
    decision = decide(groups)
    reference = decision.reference.members[0]
    found = {group: contrast(streams, reference, group.members[0], progress) for group in groups}
    standings = tuple(
        _standing(one, _group_of(one, groups), found, decision) if one in compared else _absent(one, faults)
        for one in snapshots
    )
    audit = Audit(hub, date, standings, decision.winner, decision.decided, decision.reason, reference)
    reader = Reader(streams, reference, progress)
    listed = [
        difference
        for group in groups
        if group != decision.reference
        for difference in reader.differences(found[group], group.members, limit)
    ]
    key = {
        loaded.name: tuple(loaded.stream.columns[place] for place in loaded.stream.key.places)
        for loaded in streams
    }
    return Findings(audit, tuple(listed), key)


def _read(snapshots: Sequence[Snapshot], progress: Progress) -> tuple[list[Loaded], dict[str, str]]:
    """The streams, and why some operators' files cannot be read."""
    paths: defaultdict[str, dict[str, Path]] = defaultdict(dict)
    single = all(len(one.files) <= 1 for one in snapshots)
    for one in snapshots:
        for name, path in one.files.items():
            paths["" if single else name][one.operator] = path  # one file each: its name does not matter
    if len(paths) > _STREAMS:
        raise BadInput(
            f"The snapshots of that day are {len(paths):,} different files.",
            "Choose among them by a pattern: --file GLOB",
        )
    streams: list[Loaded] = []
    faults: dict[str, str] = {}
    for name in sorted(paths):
        progress.start(f"Reading {name}".strip(), len(paths[name]), "snapshots")
        streams.append(load(name, paths[name], progress))
        faults.update(streams[-1].faults)
    return streams, faults


def _groups(compared: Sequence[Snapshot], streams: Sequence[Loaded], progress: Progress) -> list[Group]:
    """Identical snapshots together, with how strange they are to the others."""
    members: defaultdict[tuple[bytes, ...], list[Snapshot]] = defaultdict(list)
    for one in compared:
        members[tuple(loaded.grid(one.operator).fingerprint for loaded in streams)].append(one)
    firsts = [group[0].operator for group in members.values()]
    strange = [0] * len(firsts)
    for loaded in streams:
        grids = [loaded.grid(operator) for operator in firsts]
        alone = strangeness(grids, loaded.key, progress)
        strange = [one + other for one, other in zip(strange, alone, strict=True)]
    return [
        _group(group, sum(loaded.grid(group[0].operator).rows for loaded in streams), alone)
        for group, alone in zip(members.values(), strange, strict=True)
    ]


def _group(members: Sequence[Snapshot], rows: int, alone: int) -> Group:
    names = [one.operator for one in members]
    witnesses = sum(one.origin not in names and not one.retracted for one in members)
    # who took theirs from another, or takes it back, stands behind who made it
    ordered = sorted(members, key=lambda one: (one.retracted, one.origin in names, one.operator))
    return Group(tuple(one.operator for one in ordered), witnesses, rows, 0 if witnesses > 1 else alone)


def _group_of(one: Snapshot, groups: Sequence[Group]) -> Group:
    return next(group for group in groups if one.operator in group.members)


def _standing(one: Snapshot, group: Group, found: Mapping[Group, Contrast], decision: Decision) -> Standing:
    against = found[group]
    state = "same" if group == decision.reference and group.rows else _state(against, group.rows)
    return Standing(
        one.operator,
        state,
        group.rows,
        group.strangeness,
        against.missing,
        against.extra,
        against.differing,
        {one_line(name, 100): times for name, times in against.columns.items()},
        one.commit,
        (*one.notes, *(one_line(words, 300) for words in against.shape)),
    )


def _state(against: Contrast, rows: int) -> StandingState:
    if not rows:
        return "empty"
    lone = (bool(against.missing), bool(against.extra))
    if lone == (False, False):
        return "drifted"
    if against.differing or all(lone):
        return "odd"
    return "subset" if against.missing else "superset"


def _absent(one: Snapshot, faults: Mapping[str, str]) -> Standing:
    reason = faults.get(one.operator)
    notes = (*one.notes, reason) if reason else one.notes
    return Standing(one.operator, one.absence or "unreadable", commit=one.commit, notes=notes)
