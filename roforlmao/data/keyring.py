"""Whose key signed an entry that is about to be used: the first key of an operator is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from roforlmao.experiment import Experiment
from roforlmao.models import Announcement, Dataset, Tool
from roforlmao.registry.catalog import Catalog
from roforlmao.registry.signatures import Seal, Signer, fingerprint_of
from roforlmao.state import State
from roforlmao.text import one_line

Entry = Tool | Dataset | Experiment | Announcement

_LOOKED_AT: Final = 50
"""Signatures in one list; each takes ``ssh-keygen`` some 5 ms."""


@dataclass(frozen=True)
class Standing:
    """An entry's signature in words; ``doubt`` says why a person has to look at it, else it is empty."""

    seal: Seal
    words: str
    doubt: str = ""
    known: str = ""

    @property
    def token(self) -> str:
        """What an operator vouches for: just this signature."""
        return self.seal.fingerprint or self.seal.state

    @property
    def tells(self) -> bool:
        """Whether there is anything to show: most entries are unsigned."""
        return self.seal.state != "unsigned" or bool(self.doubt)

    @property
    def document(self) -> dict[str, Any]:
        """For programs; nothing where there is nothing to tell."""
        if not self.tells:
            return {}
        told = {"state": self.seal.state, "fingerprint": self.seal.fingerprint, "words": self.words}
        return {"signed": told}


@dataclass(frozen=True)
class Keyring:
    """The keys that this home knows its peers by; ``signer`` is the operator's own, if any."""

    catalog: Catalog
    state: State
    operator: str
    signer: Signer | None

    def standing(self, entry: Entry) -> Standing:
        """How an entry's signature stands to what is known of its owner's key; nothing is remembered."""
        return self._judged(self.catalog.seal(entry), owner_of(entry))

    def standings(self, entries: Sequence[Entry]) -> list[Standing]:
        """Of entries of one kind, for a list: of many signatures only the first are looked at."""
        seals = self.catalog.seals(entries, _LOOKED_AT)
        return [self._judged(seal, owner_of(entry)) for seal, entry in zip(seals, entries, strict=True)]

    def admit(self, entry: Entry, vouched: bool | str = False) -> Standing:
        """As ``standing``; a new key is remembered, unless there is a doubt that nobody ``vouched`` for."""
        found, owner = self.standing(entry), owner_of(entry)
        passes = not found.doubt or vouched is True or vouched == found.token
        if passes and found.seal.state == "signed" and found.known != found.seal.fingerprint and owner:
            self.state.remember(_question(owner), found.seal.fingerprint)
        return found

    def _judged(self, seal: Seal, owner: str) -> Standing:
        known, who = self._known(owner), one_line(owner, 100) or "somebody"
        if seal.state == "mismatch":
            return Standing(seal, "signature does not match", "its signature does not match what it says")
        if seal.state == "unchecked":
            return Standing(seal, "signed, not looked at in this list", known=known)
        if seal.state == "unsigned":
            doubt = f"it is unsigned, though {who} signs" if known else ""
            return Standing(seal, "unsigned", doubt, known)
        if known in ("", seal.fingerprint):
            new = "" if known else ", a key that was not seen before"
            return Standing(seal, f"signed by {who} ({seal.fingerprint}{new})", known=known)
        doubt = f"it is signed with another key than {who} used before"
        return Standing(seal, f"signed with a key that is not {who}'s ({seal.fingerprint})", doubt, known)

    def _known(self, owner: str) -> str:
        """The key that is remembered for an operator; one's own is the configured one."""
        if self.signer is not None and owner == self.operator:
            return fingerprint_of(self.signer.key)
        return self.state.remembered(_question(owner)) if owner else ""


def owner_of(entry: Entry) -> str:
    """Whose entry it says it is."""
    return entry.operator if isinstance(entry, Announcement) else entry.registered_by


def _question(owner: str) -> str:
    return f"ssh key of {owner}"
