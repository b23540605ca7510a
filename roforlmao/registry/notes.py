"""What operators know of the runs of a series: ``notes/<series>/<operator>``, one value an operator."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from roforlmao.errors import BadInput
from roforlmao.models import Mark, MarkKind, Notes, as_json
from roforlmao.names import check_name
from roforlmao.registry.base import Record, Registry
from roforlmao.registry.entries import unknown_fields
from roforlmao.registry.fields import number_of, object_of, operator_name, rest_of, text_of, word_of
from roforlmao.registry.shelf import Entries, rewrite, sorted_out
from roforlmao.registry.values import kind_of, read_object
from roforlmao.text import one_line

MOST_MARKS: Final = 300  # of a series; the detector looks back on 500 runs
_MOST_VALUES: Final = 64
_FIELDS: Final = ("hub", "marks")


@dataclass(frozen=True)
class Noteboard:
    """``prefix`` is that of all notes."""

    registry: Registry
    prefix: str

    def publish(self, notes: Notes) -> str:
        """Writes an operator's notes on a series in place of earlier ones; returns the key.

        Errors: BadInput, Conflict, TooLarge.
        """
        key = f"{self.prefix}{check_name(notes.series, 'name of a series')}/{operator_name(notes.operator)}"

        def rewritten(old: Record | None) -> Notes:
            kept = unknown_fields(old.value, _FIELDS) if old else {}
            return dataclasses.replace(notes, extra={**kept, **notes.extra})

        rewrite(self.registry, key, rewritten, _encode)
        return key

    def all(self, series: str = "") -> Entries[Notes]:
        """Everybody's, of one series or of all, by series and operator; bad ones are refused, each alone."""
        below = f"{check_name(series, 'name of a series')}/" if series else ""
        return sorted_out(
            self.registry.list(self.prefix + below).records,
            lambda record: decode_notes(record.key.removeprefix(self.prefix), record.value),
        )


def decode_notes(place: str, value: bytes) -> Notes:
    """``place`` is ``series/operator``. Errors: BadInput."""
    parts = place.split("/")
    if len(parts) != 2:
        raise BadInput("The key does not have the form series/operator.")
    fields = read_object(value, "hub")
    found, hub = fields.get("marks") or {}, text_of(fields, "hub")
    if not isinstance(found, dict) or len(found) > MOST_MARKS:
        raise BadInput(f"Its 'marks' is {kind_of(found)}, not an object of at most {MOST_MARKS} marks.")
    return Notes(
        check_name(parts[0], "name of a series"),
        operator_name(parts[1]),
        check_name(hub, "hub name") if hub else "",
        {one_line(run, 200): mark_of(mark) for run, mark in found.items()},
        rest_of(fields, _FIELDS),
    )


def mark_of(found: Any) -> Mark:
    """A mark as ``mark_json`` writes it. Errors: BadInput."""
    fields = object_of(found, "A mark")
    kind: MarkKind = word_of(fields, "as", get_args(MarkKind), "what a run can be marked as")
    note, at = one_line(text_of(fields, "note"), 2000), one_line(text_of(fields, "at"), 40)
    return Mark(kind, note, at, _values(fields.get("values") or {}))


def mark_json(mark: Mark) -> dict[str, Any]:
    """For the registry and the home."""
    return {"as": mark.kind, "note": mark.note, "at": mark.at, "values": as_json(mark.values)}


def _values(found: Any) -> Mapping[str, float | None]:
    if not isinstance(found, dict) or len(found) > _MOST_VALUES:
        raise BadInput(f"Its 'values' is {kind_of(found)}, not a few numbers.")
    return {one_line(name, 60): number_of(found, name) for name in found}


def _encode(notes: Notes) -> bytes:
    marks = {run: mark_json(mark) for run, mark in notes.marks.items()}
    return json.dumps({**notes.extra, "hub": notes.hub, "marks": marks}).encode()
