"""Which home a member is: a random id made once, and where that home lies."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from roforlmao.paths import make_directory, storage_failed
from roforlmao.text import one_line

_ID: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Origin:
    """``instance`` goes with the home's files, also into a copy; ``place`` tells copy and original apart.

    ``host`` is for people: a laptop's name changes with the network.
    """

    instance: str
    place: str
    host: str

    def is_same(self, other: Origin) -> bool:
        """Whether both are launchers of one home."""
        return (self.instance, self.place) == (other.instance, other.place)


def origin_of(state: Path) -> Origin:
    """That of the home with this state directory. Errors: StorageFailed."""
    machine = _machine() or socket.gethostname()
    place = hashlib.sha256(f"roforlmao\n{machine}\n{state.resolve()}".encode()).hexdigest()[:16]
    return Origin(_instance(state / "instance"), place, one_line(socket.gethostname(), 60))


def _machine() -> str:
    """Only a hash of it is shown (https://www.freedesktop.org/software/systemd/man/machine-id.html)."""
    try:
        return Path("/etc/machine-id").read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _instance(path: Path) -> str:
    """The id in the file, which is made by the first of those who ask at once."""
    try:
        found = _read(path)
        while not _ID.fullmatch(found):
            path.unlink(missing_ok=True)  # it was damaged
            _make(path)
            found = _read(path)
        return found
    except OSError as error:
        raise storage_failed(path, error) from error


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", errors="replace").strip()
    except FileNotFoundError:
        return ""


def _make(path: Path) -> None:
    make_directory(path.parent)
    with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=path.parent, prefix=".instance.") as new:
        new.write(f"{secrets.token_hex(16)}\n")
        new.flush()
        os.fsync(new.fileno())
        try:
            os.link(new.name, path)  # whole or not at all, and never over another's
        except FileExistsError:
            return
