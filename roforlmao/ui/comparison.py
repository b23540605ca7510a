"""The screen of a comparison: lists to page through, other options tried at once, results taken along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from roforlmao.compare.deltas import Profile, profiles
from roforlmao.errors import Cancelled, RoforlmaoError
from roforlmao.progress import Progress
from roforlmao.text import one_line
from roforlmao.ui.changes import Look
from roforlmao.ui.comparebrief import brief, tabs
from roforlmao.ui.comparesheets import Sheets
from roforlmao.ui.painted import Cell
from roforlmao.ui.prompter import Back
from roforlmao.ui.sheet import Place, Sheet
from roforlmao.ui.taking import take_along
from roforlmao.ui.viewer import view

if TYPE_CHECKING:
    from roforlmao.actions.comparing import ComparisonView
    from roforlmao.compare.outcome import Outcome
    from roforlmao.ui.screens import Stage

_PROFILED = 20_000  # changed rows whose numbers are summed up
_LOOKED_THROUGH = 500_000  # changed rows among which those of one column are looked for
_COLUMNS, _CHANGED, _ADDED, _REMOVED, _ABOUT = range(5)
_BATCH = 1_000  # rows between two looks at the progress


def open_screen(shown: ComparisonView, stage: Stage) -> None:
    """Until the operator leaves it; two that are identical have nothing to show."""
    if not shown.outcome.identical:
        _Screen(shown, stage).run()


class _Screen:
    def __init__(self, shown: ComparisonView, stage: Stage) -> None:
        self._stage = stage
        self._frame = stage.questions.frame
        self._look = Look.of(self._frame)
        self._said: Cell = ""
        self._list = _COLUMNS
        self._only = ""
        self._picked: Sequence[int] | None = None
        self._take(shown)

    def run(self) -> None:
        while True:
            pressed = view(self._frame, self._sheet(), self._keys(), self._places[self._list])
            self._said = ""
            act = self._acts()[pressed.key]
            try:
                act(pressed.row)
            except Cancelled:
                self._said = "Stopped; this is still the earlier result."
            except RoforlmaoError as error:
                self._said = [("class:ask-error", f"{error.message} {error.hint}".rstrip())]

    def _take(self, shown: ComparisonView) -> None:
        """Shows that comparison from now on."""
        self._shown = shown
        self._sheets = Sheets(shown.outcome, self._profiles(shown.outcome), self._look)
        self._places = [Place() for _ in range(_ABOUT + 1)]
        self._show_all()

    def _profiles(self, outcome: Outcome) -> Mapping[str, Profile]:
        def work(progress: Progress) -> Mapping[str, Profile]:
            progress.start("Summing up the changes", len(outcome.pairing.changed), "rows")
            pairs = islice(outcome.pairing.changed, _PROFILED)
            return profiles((outcome.changed_row(i, j) for i, j in pairs), progress)

        try:
            found: Mapping[str, Profile] = self._stage.work(work)
        except Cancelled:
            return {}
        return found

    def _sheet(self) -> Sheet:
        changed = "" if self._picked is None else f"{len(self._picked):,} by {self._only}"
        title = tabs(self._shown.outcome.counts, self._list, changed)
        said: list[Cell] = [self._said] if self._said else []
        if self._list == _CHANGED:
            return self._sheets.changed(title, said, self._picked)
        makes = {_ADDED: self._sheets.added, _REMOVED: self._sheets.removed, _ABOUT: self._sheets.about}
        if self._list in makes:
            return makes[self._list](title, said)
        return self._sheets.columns(
            title, lambda: [*said, *brief(self._shown, self._frame.columns - 2, _PROFILED)]
        )

    def _keys(self) -> Mapping[str, str]:
        keys = {"tab": "next list"}
        if self._list == _COLUMNS:
            keys |= {"enter": "its rows", "i": "ignore", "k": "key"}
            if self._shown.outcome.counts.moved is None:
                keys |= {"m": "count moved"}
        if self._list == _CHANGED and self._picked is not None:
            keys |= {"a": "all rows"}
        return keys | {"t": "tolerance", "e": "export", "s-tab": ""}

    def _acts(self) -> Mapping[str, Callable[[int], None]]:
        return {
            "tab": lambda _: self._turn(1),
            "s-tab": lambda _: self._turn(-1),
            "enter": self._show_rows_of,
            "a": lambda _: self._show_all(),
            "i": self._toggle_ignored,
            "k": self._toggle_key,
            "m": lambda _: self._again({"moved": True}),
            "t": lambda _: self._ask_tolerance(),
            "e": lambda _: self._export(),
        }

    def _turn(self, step: int) -> None:
        self._list = (self._list + step) % (_ABOUT + 1)

    def _show_all(self) -> None:
        """All changed rows, and all columns with changes in them."""
        self._only, self._picked = "", None
        self._places[_CHANGED] = Place(hidden=self._sheets.all_but(self._shown.outcome.columns.changed))

    def _show_rows_of(self, row: int) -> None:
        """The changed rows of one column alone."""
        entry = self._sheets.entries[row]
        if not entry.changed:
            self._said = f"No cell of {one_line(entry.label, 60)} changed."
            return
        self._show_all()
        if len(self._shown.outcome.pairing.changed) <= _LOOKED_THROUGH:
            self._picked = self._stage.work(lambda progress: self._rows_with(entry.label, progress))
            self._only = one_line(entry.label, 20)
        self._places[_CHANGED].hidden = self._sheets.all_but([entry.label])
        self._list = _CHANGED

    def _rows_with(self, label: str, progress: Progress) -> Sequence[int]:
        outcome = self._shown.outcome
        progress.start(f"Looking for {one_line(label, 40)}", len(outcome.pairing.changed), "rows")
        found = []
        for number, (i, j) in enumerate(outcome.pairing.changed):
            if number % _BATCH == 0:
                progress.update(number)
                progress.checkpoint()
            if any(cell.column == label for cell in outcome.changed_row(i, j).cells):
                found.append(number)
        return found

    def _toggle_ignored(self, row: int) -> None:
        label = self._sheets.entries[row].label
        ignored = self._shown.outcome.options.ignore
        self._again({"ignore": _toggled(ignored, label)}, label)

    def _toggle_key(self, row: int) -> None:
        """The column joins the key that was given, or leaves it; without any it is found again."""
        label = self._sheets.entries[row].label
        self._again({"key": _toggled(self._shown.outcome.options.key, label)}, label)

    def _ask_tolerance(self) -> None:
        from roforlmao.actions.compareoptions import tolerance_number

        now = self._shown.outcome.options.tolerance
        try:
            text = self._stage.questions.text(
                "Numbers that are no further apart are the same",
                default="" if now is None else str(now),
                note="Empty: every difference counts.",
                validate=lambda typed: tolerance_number(typed) if typed else None,
            )
        except Back:
            return
        self._again({"tolerance": tolerance_number(text) if text else None})

    def _again(self, changed: Mapping[str, Any], label: str = "") -> None:
        """Compares anew with other options, and points at the same column."""
        options = self._shown.outcome.options
        now = {name: getattr(options, name) for name in ("key", "ignore", "tolerance", "moved")}
        same = {"old": self._shown.old, "new": self._shown.new, "added_to": None, "output": None}
        self._take(self._stage.again({**same, **now, **changed}).view)
        rows = [number for number, entry in enumerate(self._sheets.entries) if entry.label == label]
        self._places[_COLUMNS].row = rows[0] if rows else 0

    def _export(self) -> None:
        try:
            self._said = take_along(self._shown, self._stage)
        except Back:
            return


def _toggled(names: Sequence[str], name: str) -> tuple[str, ...]:
    return tuple(one for one in names if one != name) if name in names else (*names, name)
