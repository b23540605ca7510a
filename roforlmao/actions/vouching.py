"""Who signed an entry that the operator is about to use: the first key of an operator is remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from roforlmao.actions.base import Parameter
from roforlmao.errors import Remedy, Untrusted
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.experiment import Experiment
    from roforlmao.models import Announcement, Dataset, Tool
    from roforlmao.registry.signatures import Seal

VOUCHED = Parameter("vouched", "go on though its signature is not its operator's", form="flag", asked=False)


@dataclass(frozen=True)
class Standing:
    """An entry's signature in words; ``doubt`` says why a person has to look at it, else it is empty."""

    seal: Seal
    words: str
    doubt: str = ""
    known: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """For programs; nothing where an entry is unsigned, as most are."""
        if self.seal.state == "unsigned" and not self.doubt:
            return {}
        told = {"state": self.seal.state, "fingerprint": self.seal.fingerprint, "words": self.words}
        return {"signed": told}


def standing(app: App, entry: Tool | Dataset | Experiment | Announcement, owner: str) -> Standing:
    """How the signature of an entry stands to what is known of its owner's key. Nothing is remembered."""
    seal, known = app.catalog.seal(entry), _known(app, owner)
    who = one_line(owner, 100) or "somebody"
    if seal.state == "mismatch":
        return Standing(seal, "signature does not match", "its signature does not match what it says")
    if seal.state == "unsigned":
        doubt = f"it is unsigned, though {who} signs" if known else ""
        return Standing(seal, "unsigned", doubt, known)
    if known in ("", seal.fingerprint):
        new = "" if known else ", a key that was not seen before"
        return Standing(seal, f"signed by {who} ({seal.fingerprint}{new})", known=known)
    doubt = f"it is signed with another key than {who} used before"
    return Standing(seal, f"signed with a key that is not {who}'s ({seal.fingerprint})", doubt, known)


def vouch(
    app: App, entry: Tool | Dataset | Experiment | Announcement, owner: str, vouched: bool | str
) -> Standing:
    """Passes what is signed as before, or unsigned as ever; remembers a key that is new.

    Errors: Untrusted, whose remedy is to go on with just this signature.
    """
    found = standing(app, entry, owner)
    token = found.seal.fingerprint or found.seal.state
    if found.doubt and vouched is not True and vouched != token:
        raise Untrusted(
            f"Not used: {found.doubt}.",
            f"Ask {one_line(owner, 100) or 'who registered it'} by another way whether that is right.",
            remedy=Remedy("vouched", token, "Go on all the same?", _details(found)),
        )
    if found.seal.state == "signed" and found.known != found.seal.fingerprint and owner:
        app.state.remember(_question(owner), found.seal.fingerprint)
    return found


def _details(found: Standing) -> tuple[str, ...]:
    now = found.seal.fingerprint or found.seal.state
    return (f"The key before: {found.known or 'none known'}", f"Now: {now}")


def _known(app: App, owner: str) -> str:
    """The key that is remembered for an operator; one's own is the configured one."""
    from roforlmao.registry.signatures import fingerprint_of

    if app.signer is not None and owner == app.operator:
        return fingerprint_of(app.signer.key)
    return app.state.remembered(_question(owner)) if owner else ""


def _question(owner: str) -> str:
    return f"ssh key of {owner}"
