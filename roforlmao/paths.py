"""Where configuration, state, imports and work live, and how files are replaced there."""

from __future__ import annotations

import errno
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from roforlmao.errors import StorageFailed


@dataclass(frozen=True)
class Places:
    """The directories of one operator: state is ours, imports are clones, work is the operator's."""

    state: Path
    imports: Path
    work: Path

    @property
    def tools(self) -> Path:
        """Clones of script tools, by name."""
        return self.imports / "tools"

    @property
    def data(self) -> Path:
        """Clones of the installed tools' data repositories, by tool name."""
        return self.imports / "data"

    @property
    def datasets(self) -> Path:
        """Clones of registered datasets, by name."""
        return self.imports / "datasets"

    @property
    def peers(self) -> Path:
        """Retrieved data, ``<hub>/<operator>``."""
        return self.imports / "peers"

    @property
    def logs(self) -> Path:
        """Logs of runs and installers, and of unexpected errors."""
        return self.state / "logs"


def make_directory(path: Path) -> Path:
    """The directory, made with its parents. Errors: StorageFailed."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_failed(path, error) from error
    return path


def write_atomic(path: Path, text: str) -> None:
    """Replaces the file at once, durably: after a crash it holds the old text or the new.

    Errors: StorageFailed.
    """
    make_directory(path.parent)
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as handle:
            temporary = Path(handle.name)
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        raise storage_failed(path, error) from error


def storage_failed(path: Path, error: OSError) -> StorageFailed:
    """The error as a sentence with what to do."""
    hints = {
        "ENOSPC": "Free some space there, then try again.",
        "EDQUOT": "Your quota is used up; free some space, then try again.",
        "EROFS": "That file system is read-only; choose another place with --home DIR.",
        "EACCES": "You may not write there; choose another place with --home DIR.",
        "EPERM": "You may not write there; choose another place with --home DIR.",
        "ENOTDIR": "A file stands where a directory is needed; choose another place with --home DIR.",
        "EEXIST": "A file stands where a directory is needed; choose another place with --home DIR.",
    }
    name = errno.errorcode.get(error.errno or 0, "")
    return StorageFailed(
        f"Cannot write {path}: {error.strerror or error}.", hints.get(name, "Look at that path.")
    )
