"""An invite: where a federation is and how to know it, in a file that holds no secret."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from roforlmao.errors import BadInput
from roforlmao.federation.certificates import check_authority, fingerprint, only_certificates
from roforlmao.names import check_name
from roforlmao.paths import write_atomic
from roforlmao.schema import SCHEMA
from roforlmao.text import one_line

FORMAT: Final = "roforlmao invite 1"
_LARGEST: Final = 100_000
_FIELDS: Final = ("format", "endpoints", "namespace", "ca", "ca_sha256", "invited_by", "made_at")
_HINT: Final = "Ask the one who invited you for a new one: `federation invite`."


@dataclass(frozen=True)
class Invite:
    """``ca`` is PEM text, empty for a cluster without TLS; ``made_at`` is ISO 8601 with offset."""

    endpoints: tuple[str, ...]
    namespace: str
    ca: str
    invited_by: str
    made_at: str

    @property
    def ca_sha256(self) -> str:
        return fingerprint(self.ca) if self.ca else ""


def make(
    endpoints: tuple[str, ...], namespace: str, ca: Path | None, operator: str, now: dt.datetime
) -> Invite:
    """Of the authority's file only the certificates are taken. Errors: BadInput."""
    text = ""
    if ca is not None:
        text = only_certificates(_read(ca, "The authority's file"))
        check_authority(text, now)
    return Invite(endpoints, namespace, text, operator, now.isoformat(timespec="seconds"))


def write(invite: Invite, path: Path) -> None:
    """Errors: StorageFailed."""
    own = {"format": FORMAT, **dataclasses.asdict(invite), "ca_sha256": invite.ca_sha256}
    write_atomic(path, json.dumps({name: own[name] for name in _FIELDS}, indent=2) + "\n")


def read(path: Path, now: dt.datetime) -> Invite:
    """Errors: BadInput for what an invite does not hold, a wrong fingerprint, an expired authority."""
    try:
        found = json.loads(_read(path, "The invite"))
    except (ValueError, RecursionError) as error:
        raise _wrong(path, "not JSON") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise _wrong(path, f"not of the format '{FORMAT}'")
    if set(found) != set(_FIELDS):
        odd = sorted(set(found) ^ set(_FIELDS))
        raise _wrong(path, f"odd in its fields: {one_line(', '.join(odd), 100)}")
    if not all(isinstance(found[name], str) for name in _FIELDS if name != "endpoints"):
        raise _wrong(path, "odd: a field of it is no text")
    return _checked(path, found, now)


def _checked(path: Path, found: dict[str, Any], now: dt.datetime) -> Invite:
    try:
        endpoints = SCHEMA["registry.etcd.endpoints"].check(found["endpoints"])
        namespace = SCHEMA["registry.namespace"].check(found["namespace"])
    except ValueError as error:
        raise _wrong(path, f"wrong: it names '{one_line(str(error), 60)}'") from error
    invite = Invite(
        endpoints,
        namespace,
        found["ca"],
        check_name(found["invited_by"], "name of an operator"),
        one_line(found["made_at"], 40),
    )
    if invite.ca:
        if only_certificates(invite.ca) != invite.ca:
            raise _wrong(path, "odd: its 'ca' holds more than certificates")
        check_authority(invite.ca, now)
    if invite.ca_sha256 != found["ca_sha256"]:
        raise _wrong(path, "damaged: the fingerprint is not that of its authority")
    return invite


def _read(path: Path, what: str) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_LARGEST + 1)
    except OSError as error:
        raise BadInput(
            f"{what} {path} cannot be read ({error.strerror}).", "Name a file that you may read."
        ) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{what} {path} is not text.", _HINT) from error
    if len(text) > _LARGEST:
        raise BadInput(f"{what} {path} is over {_LARGEST:,} characters long.", _HINT)
    return text


def _wrong(path: Path, why: str) -> BadInput:
    return BadInput(f"The invite {path} is {why}.", _HINT)
