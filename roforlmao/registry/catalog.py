"""The typed view of the registry that actions use: tools, datasets, and who announced what.

All of it is untrusted when read: names, URLs and types are checked, and what breaks a rule is
refused with its key and a reason while the rest is shown. Free text is kept as it came; whoever
shows it cleans it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import cast

from roforlmao.experiment import Experiment
from roforlmao.models import Announcement, Audit, Ballot, Dataset, Notes, Retraction, Tool, Vote
from roforlmao.names import is_local_url
from roforlmao.registry.base import Registry
from roforlmao.registry.board import Board
from roforlmao.registry.entries import (
    DATASET_FIELDS,
    EXPERIMENT_FIELDS,
    TOOL_FIELDS,
    Rules,
    decode_dataset,
    decode_tool,
)
from roforlmao.registry.experiments import decode_experiment
from roforlmao.registry.fence import Fence
from roforlmao.registry.judgements import Judgements
from roforlmao.registry.notes import Noteboard
from roforlmao.registry.shelf import Entries, Refusal, Shelf
from roforlmao.registry.signatures import Seal, Signer

__all__ = ["Catalog", "Entries", "Refusal"]


class Catalog:
    """Below ``namespace``; ``operator`` signs what is written.

    Only the operator's own entries may name repositories on this machine, unless ``allow_local``.
    With a ``fence`` it announces only while that claim holds (LeaseLost), and settles it thereby.
    Before anything is written in the operator's name it asks whether that is ``admitted`` (NameTaken).
    Each method raises what the registry raises, besides what it says.
    """

    def __init__(
        self,
        registry: Registry,
        namespace: str,
        operator: str,
        allow_local: bool,
        fence: Fence | None = None,
        signer: Signer | None = None,
        admitted: Callable[[], None] = lambda: None,
    ) -> None:
        self._admitted = admitted
        root = namespace.rstrip("/") + "/"
        rules = self._rules = Rules(operator, allow_local, signer)
        self._tools = Shelf(registry, f"{root}tools/", "tool", TOOL_FIELDS, decode_tool, Tool, rules)
        self._datasets = Shelf(
            registry, f"{root}data/", "dataset", DATASET_FIELDS, decode_dataset, _blank_dataset, rules
        )
        self._experiments = Shelf(
            registry,
            f"{root}experiments/",
            "experiment",
            EXPERIMENT_FIELDS,
            decode_experiment,
            _blank_experiment,
            rules,
        )
        self._board = Board(registry, f"{root}hubs/", rules, fence)
        self._judgements = Judgements(registry, root, operator)
        self._noteboard = Noteboard(registry, f"{root}notes/")

    def admit(self) -> None:
        """Whether somebody else is there under the operator's name. Errors: NameTaken, Unavailable."""
        self._admitted()

    def trusts_paths_of(self, owner: str, *urls: str) -> bool:
        """Whether an entry of that operator may name repositories on this machine.

        One that was read with such URLs may; where entries are signed, others' words for who wrote one with
        none of them count for nothing.
        """
        proven = self._rules.signer is None or any(url and is_local_url(url) for url in urls)
        return self._rules.local(owner) and (proven or self._rules.allow_local)

    def seal(self, entry: Tool | Dataset | Experiment | Announcement) -> Seal:
        """What the signature says of an entry that was read."""
        return self.seals([entry], 1)[0]

    def seals(self, entries: Sequence[Tool | Dataset | Experiment | Announcement], most: int) -> list[Seal]:
        """Of entries of one kind that were read; at most ``most`` signatures are looked at."""
        match entries[:1]:
            case [Tool()]:
                return self._tools.seals(cast("Sequence[Tool]", entries), most)
            case [Dataset()]:
                return self._datasets.seals(cast("Sequence[Dataset]", entries), most)
            case [Experiment()]:
                return self._experiments.seals(cast("Sequence[Experiment]", entries), most)
        return self._board.seals(cast("Sequence[Announcement]", entries), most)

    def tools(self) -> Entries[Tool]:
        """All registered tools, sorted by name."""
        return self._tools.all()

    def tool(self, name: str) -> Tool:
        """Errors: NotFound, which offers the nearest names; BadInput where the entry cannot be used."""
        return self._tools.one(name)

    def add_tool(self, tool: Tool, *, replace: bool = False) -> Tool:
        """The tool as written, with who and when. Errors: AlreadyExists, BadInput, Conflict, TooLarge."""
        self.admit()
        return self._tools.add(tool, replace=replace)

    def remove_tool(self, name: str) -> Tool:
        """What was removed; an entry that could not be used goes too. Errors: NotFound."""
        return self._tools.remove(name)

    def datasets(self) -> Entries[Dataset]:
        """All registered datasets, sorted by name."""
        return self._datasets.all()

    def dataset(self, name: str) -> Dataset:
        """Errors: NotFound, which offers the nearest names; BadInput where the entry cannot be used."""
        return self._datasets.one(name)

    def add_dataset(self, dataset: Dataset, *, replace: bool = False) -> Dataset:
        """The dataset as written, with who and when. Errors: AlreadyExists, BadInput, Conflict, TooLarge."""
        self.admit()
        return self._datasets.add(dataset, replace=replace)

    def remove_dataset(self, name: str) -> Dataset:
        """What was removed; an entry that could not be used goes too. Errors: NotFound."""
        return self._datasets.remove(name)

    def experiments(self) -> Entries[Experiment]:
        """All published experiments, sorted by name."""
        return self._experiments.all()

    def experiment(self, name: str) -> Experiment:
        """Errors: NotFound, which offers the nearest names; BadInput where the entry cannot be used."""
        return self._experiments.one(name)

    def add_experiment(self, experiment: Experiment, *, replace: bool = False) -> Experiment:
        """The experiment as written. Errors: AlreadyExists, BadInput, Conflict, TooLarge."""
        self.admit()
        return self._experiments.add(experiment, replace=replace)

    def remove_experiment(self, name: str) -> Experiment:
        """What was removed; an entry that could not be used goes too. Errors: NotFound."""
        return self._experiments.remove(name)

    def announce(self, announcement: Announcement, *, replace: bool = False) -> str:
        """Says who has data of a hub and day; returns the key.

        Errors: BadInput, Conflict; LossRefused where another key signed what is there, unless ``replace``.
        """
        self.admit()
        return self._board.announce(announcement, replace=replace)

    def hubs(self) -> list[str]:
        """The hubs with announcements, sorted."""
        return self._board.hubs()

    def dates(self, hub: str) -> list[str]:
        """The days (``YYYY-MM-DD``) with announcements of the hub, newest first."""
        return self._board.dates(hub)

    def announcements(self, hub: str, date: str | None = None) -> Entries[Announcement]:
        """Those of the hub, or of a day or month (``YYYY-MM``) of it: newest day first, then by operator."""
        return self._board.all(hub, date)

    def disputable(self, hub: str) -> Entries[Announcement]:
        """Those of the hub that are the operator's own, and all that were retracted; no other is decoded."""
        return self._board.all(hub, None, own_or_retracted=True)

    def announcement(self, hub: str, date: str, operator: str) -> Announcement:
        """Errors: NotFound, which says who has that day; BadInput where the entry cannot be used."""
        return self._board.one(hub, date, operator)

    def retract(self, hub: str, date: str, operator: str, retraction: Retraction | None) -> Announcement:
        """Marks an announcement as wrong, or with None as right. Errors: NotFound, BadInput, Conflict."""
        self.admit()
        return self._board.retract((hub, date, operator), retraction)

    def publish_audit(self, audit: Audit) -> str:
        """Writes the operator's own outcome and returns its key. Errors: Conflict, TooLarge."""
        self.admit()
        return self._judgements.publish(audit)

    def audits(self, hub: str) -> Entries[Audit]:
        """All published audits of the hub, by date and auditor."""
        return self._judgements.audits(hub)

    def ballot(self, hub: str, date: str) -> Ballot:
        """The votes for a day."""
        return self._judgements.ballot(hub, date)

    def vote(self, hub: str, date: str, vote: Vote) -> Ballot:
        """Casts or changes a vote; two at once both count. Errors: BadInput, Conflict."""
        self.admit()
        return self._judgements.vote(hub, date, vote)

    def publish_notes(self, notes: Notes) -> str:
        """Writes the operator's own notes on a series and returns their key. Errors: Conflict, TooLarge."""
        self.admit()
        return self._noteboard.publish(dataclasses.replace(notes, operator=self._rules.operator))

    def notes(self, series: str = "") -> Entries[Notes]:
        """Everybody's notes, on one series or on all."""
        return self._noteboard.all(series)


def _blank_dataset(name: str) -> Dataset:
    return Dataset(name, "")


def _blank_experiment(name: str) -> Experiment:
    return Experiment(name, "")
