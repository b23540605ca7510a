"""Signatures on registry entries, made and checked by ``ssh-keygen`` with the operator's own key.

A signature holds the public key that made it, in OpenSSH's format
(https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig). Whether that key is the
operator's is for whoever remembers their keys to say.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from roforlmao.errors import BadInput, ConfigurationError
from roforlmao.registry.base import Record
from roforlmao.registry.values import read_object
from roforlmao.text import one_line

FIELD: Final = "signature"
_NAMESPACE: Final = "roforlmao-entry"
_TIMEOUT_S: Final = 10.0
_LONGEST: Final = 10_000  # characters of a signature; one of RSA with 4,096 bits has some 1,600
_GOOD: Final = re.compile(r'Good "roforlmao-entry" signature with \S+ key (SHA256:[A-Za-z0-9+/]{43})\s*')

SealState = Literal["unsigned", "signed", "mismatch", "unchecked"]


@dataclass(frozen=True)
class Seal:
    """What an entry's signature says: with ``signed`` the fingerprint of the key that made it.

    ``unchecked`` is one that nobody has looked at.
    """

    state: SealState
    fingerprint: str = ""


@dataclass(frozen=True)
class Signer:
    """Signs with one key: a private key's file, or the public one's where an agent holds the private."""

    key: Path

    def sealed(self, key: str, value: bytes) -> bytes:
        """The value of that registry key with its signature. Errors: ConfigurationError, BadInput."""
        fields = json.loads(value)
        fields.pop(FIELD, None)
        done = _keygen(["-Y", "sign", "-q", "-f", str(self.key), "-n", _NAMESPACE], _message(key, fields))
        if done.returncode != 0:
            why = one_line(done.stderr.decode(errors="replace"), 120)
            raise ConfigurationError(
                f"sign.key: {self.key} does not sign ({why}).",
                "Name a key of yours; one with a passphrase has to be in your ssh-agent.",
            )
        return json.dumps({**fields, FIELD: done.stdout.decode("ascii")}).encode()

    def is_own(self, key: str, value: bytes) -> bool:
        """Whether this signer's key signed that. Errors: ConfigurationError."""
        seal = seal_of(key, value)
        return seal.state == "signed" and seal.fingerprint == fingerprint_of(self.key)


def seal_of(key: str, value: bytes, *, look: bool = True) -> Seal:
    """What the signature of an entry says of it; foreign text, whatever it is."""
    try:
        fields = read_object(value, "url")
    except BadInput:
        return Seal("unsigned")
    found = fields.pop(FIELD, None)
    if found is None:
        return Seal("unsigned")
    if not look:
        return Seal("unchecked")
    if not isinstance(found, str) or len(found) > _LONGEST or not found.isascii():
        return Seal("mismatch")
    return _checked(_message(key, fields), found)


def seals_of(found: Iterable[Record | None], most: int) -> list[Seal]:
    """Of several entries; what is not there does not match. At most ``most`` signatures are looked at."""
    seals: list[Seal] = []
    for record in found:
        seal = seal_of(record.key, record.value, look=most > 0) if record else Seal("mismatch")
        most -= seal.state in ("signed", "mismatch")
        seals.append(seal)
    return seals


@lru_cache(maxsize=4096)
def _checked(message: bytes, signature: str) -> Seal:
    with tempfile.NamedTemporaryFile("w", encoding="ascii", suffix=".sig") as file:
        file.write(signature)
        file.flush()
        done = _keygen(["-Y", "check-novalidate", "-n", _NAMESPACE, "-s", file.name], message)
    match = _GOOD.match(done.stdout.decode(errors="replace"))
    return Seal("signed", match[1]) if done.returncode == 0 and match else Seal("mismatch")


@lru_cache(maxsize=16)
def fingerprint_of(key: Path) -> str:
    """Of a key's file, as ``ssh-keygen -l`` shows it. Errors: ConfigurationError."""
    done = _keygen(["-l", "-E", "sha256", "-f", str(key)])
    words = done.stdout.decode(errors="replace").split()
    if done.returncode != 0 or len(words) < 2:
        raise ConfigurationError(
            f"sign.key: {key} is not an ssh key that can be read.", "Name a key of yours."
        )
    return words[1]


def _message(key: str, fields: Mapping[str, Any]) -> bytes:
    """What is signed: the entry and the key where it lies, so that it cannot be moved to another."""
    return f"{key}\n{json.dumps(fields, sort_keys=True, separators=(',', ':'))}".encode()


def _keygen(words: list[str], given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Without a terminal it asks for no passphrase. Errors: ConfigurationError."""
    environ = {**os.environ, "LC_ALL": "C", "SSH_ASKPASS_REQUIRE": "never"}
    try:
        return subprocess.run(
            ["ssh-keygen", *words],
            input=given,
            capture_output=True,
            timeout=_TIMEOUT_S,
            env=environ,
            start_new_session=True,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigurationError(
            f"ssh-keygen cannot be run ({one_line(str(error), 80)}).", "Install OpenSSH 8.2 or newer."
        ) from error
