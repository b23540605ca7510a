"""Where configuration, state, imports and work live, and how files are replaced there."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Mapping
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
    def audits(self) -> Path:
        """Copies of peers' files of a day, ``<hub>/<date>/<operator>``; they may be deleted."""
        return self.imports / "audits"

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


def write_atomic(path: Path, text: str | Iterable[str]) -> None:
    """Replaces the file at once, durably: after a crash it holds the old text or the new.

    The text may come in pieces; where making them fails, the old file stays.

    Errors: StorageFailed.
    """
    make_directory(path.parent)
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as handle:
            temporary = Path(handle.name)
            handle.writelines([text] if isinstance(text, str) else text)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    except OSError as error:
        raise storage_failed(path, error) from error
    finally:
        if temporary:
            temporary.unlink(missing_ok=True)


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


@dataclass(frozen=True)
class Home:
    """The root of one operator's data, and the file that holds their own configuration.

    ``options`` are the global options that lead here, for a verb that shall be repeated.
    """

    root: Path
    config: Path
    options: tuple[str, ...] = ()

    @classmethod
    def locate(cls, config: str | None, home: str | None, environ: Mapping[str, str]) -> Home:
        """From ``--config`` and ``--home``, the environment, or the platform's directories.

        With a home, its own ``config.yaml`` is the operator's, so that two homes on one
        machine are two operators.
        """
        given = (("--home", home), ("--config", config))
        options = tuple(word for flag, value in given if value for word in (flag, value))
        home = home or environ.get("ROFORLMAO_HOME")
        config = config or environ.get("ROFORLMAO_CONFIG")
        if home:
            root = Path(home).expanduser().absolute()
            own = Path(config).expanduser().absolute() if config else root / "config.yaml"
            return cls(root, own, options)
        from platformdirs import user_config_path, user_data_path

        own = (
            Path(config).expanduser().absolute() if config else user_config_path("roforlmao") / "config.yaml"
        )
        return cls(user_data_path("roforlmao"), own, options)

    def places(self, work: Path, imports: Path) -> Places:
        """The directories; relative ones are under the home."""
        return Places(self.root / "state", self.root / imports, self.root / work)
