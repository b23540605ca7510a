"""The input of an event job: what its sources brought, and through whose runs that came about."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from roforlmao.data.arrival import Arrival, freeze, lay_out, thaw
from roforlmao.errors import GitFailed
from roforlmao.git.receipt import Receipt
from roforlmao.git.repository import Repository
from roforlmao.paths import Places, write_atomic
from roforlmao.progress import Progress
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.slot import Slot
from roforlmao.schedule.triggers import Trigger

OWN = "it holds the operator's own commits only"
LONGEST_CHAIN = 8  # runs that called for each other, one after another
_LINK = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True)
class Input:
    """``directory`` is for the tool to read; ``chain`` names the runs that led to it, newest first.

    Where ``refused`` says why, the run is not to be: nothing of it is new, or it called for itself.
    """

    directory: Path
    chain: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True)
class Arrivals:
    """Makes inputs in the home of ``operator``; ``doubt`` says why what called is not believed, if so."""

    places: Places
    operator: str
    doubt: Callable[[Rule, Trigger], str]

    @contextmanager
    def of_slot(self, slot: Slot, triggers: Sequence[Trigger], progress: Progress) -> Iterator[Input]:
        """The input of a slot, which is gone after the block.

        Errors: Unreachable, GitFailed, NotFound, Busy, StorageFailed, Cancelled.
        """
        directory = self.places.state / "inputs" / f"{slot.job.id}-{slot.scheduled_for}"
        _remove(directory)
        try:
            yield self._made(slot, triggers, directory, progress)
        finally:
            _remove(directory)

    def sweep(self, jobs: Collection[str]) -> None:
        """Removes what a killed launcher left, and the sources of other than these jobs."""
        for left in (*_in(self.places.state / "inputs"), *_in(self.places.state / "sources")):
            if left.name not in jobs:
                _remove(left)

    def _made(self, slot: Slot, triggers: Sequence[Trigger], directory: Path, progress: Progress) -> Input:
        me = f"{self.operator}/{slot.job.plan.tool}"
        told: list[dict[str, object]] = []
        chains: list[str] = []
        refusals: list[str] = []
        for trigger in triggers:
            if doubt := self.doubt(slot.job.plan.rule, trigger):
                refusals.append(doubt)
                continue
            repository, spanned = self._fetched(slot, trigger, progress)
            commits = _commits(repository, spanned)
            chain, refused = judge(commits, self.operator, me)
            if refused:
                refusals.append(refused)
                continue
            chains += chain
            place = directory / trigger.source
            arrival = lay_out(repository, spanned.before, spanned.commit, place, progress)
            told.append(_described(slot, spanned, arrival))
        if not told:
            return Input(directory, refused="; ".join(dict.fromkeys(refusals)) or "nothing called for it")
        write_atomic(directory / "input.json", json.dumps(told, indent=2) + "\n")
        freeze(directory)
        return Input(directory, tuple(dict.fromkeys(chains)))

    def _fetched(self, slot: Slot, trigger: Trigger, progress: Progress) -> tuple[Repository, Trigger]:
        """The source's clone, and the trigger with commits that are in it."""
        from roforlmao.git.clone import checkout, clone_or_update

        target = self.places.state / "sources" / slot.job.id / trigger.source
        try:
            newest, _ = clone_or_update(trigger.url, target, progress, local=trigger.local)
        except GitFailed:  # moved, or its history was rewritten: nothing here is the operator's
            shutil.rmtree(target, ignore_errors=True)
            newest, _ = clone_or_update(trigger.url, target, progress, local=trigger.local)
        commit = trigger.commit or newest
        checkout(target, commit, progress)
        repository = Repository(target, progress)
        before = repository.resolve(f"{trigger.before}^{{commit}}") if trigger.before else ""
        before = before or repository.resolve(f"{commit}^")
        return repository, dataclasses.replace(trigger, commit=commit, before=before)


def judge(commits: Sequence[Receipt], operator: str, me: str) -> tuple[tuple[str, ...], str]:
    """The runs through which commits came about, newest first, and why they call for no run.

    ``me`` is ``operator/tool`` of the job. Commits of the operator's own, and those that its own run
    called for, count for nothing; without a receipt a commit is a peer's.
    """
    chains = [_chain(one) for one in commits if one.trailers.get("Operator") != operator]
    if not chains:
        return (), OWN
    fresh = [chain for chain in chains if me not in chain]
    if not fresh:
        looped = max(chains, key=len)
        way = " <- ".join([me, *looped[: looped.index(me) + 1]])
        return (), f"a loop: {way}"
    longest = max(fresh, key=len)
    if len(longest) >= LONGEST_CHAIN:
        return (), f"a chain of {len(longest)} runs that called for each other: {' <- '.join(longest)}"
    return longest, ""


def _chain(one: Receipt) -> tuple[str, ...]:
    """The run behind a commit, and those that called for it; foreign text, so only links are taken."""
    made = f"{one.trailers.get('Operator', '')}/{one.trailers.get('Tool', '')}"
    words = [made, *one.trailers.get("Triggered-by", "").split()]
    return tuple(word for word in words if _LINK.fullmatch(word))


def _commits(repository: Repository, span: Trigger) -> list[Receipt]:
    from roforlmao.git.receipts import commits

    return commits(repository, f"{span.before}..{span.commit}" if span.before else span.commit)


def _described(slot: Slot, span: Trigger, arrival: Arrival) -> dict[str, object]:
    rule = slot.job.plan.rule
    told = {"directory": span.source, "commit": span.commit, "before": span.before, "url": span.url}
    kind = rule.kind.removeprefix("when-")
    return {kind: rule.source, **told, "date": span.date, **arrival.as_json()}


def _in(directory: Path) -> list[Path]:
    return list(directory.iterdir()) if directory.is_dir() else []


def _remove(directory: Path) -> None:
    if directory.exists():
        thaw(directory)
        shutil.rmtree(directory, ignore_errors=True)
