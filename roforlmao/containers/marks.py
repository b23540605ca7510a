"""A file for each container that may exist, so that a start without leftovers asks no engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from roforlmao.errors import StorageFailed
from roforlmao.paths import Places, storage_failed, write_atomic


@dataclass(frozen=True)
class Mark:
    """Of one run of a tool; it lies there from before the creation to after the removal."""

    path: Path
    tool: str

    @property
    def run_id(self) -> str:
        return self.path.name

    def put(self) -> None:
        """From now on there may be a container. Errors: StorageFailed."""
        write_atomic(self.path, self.tool)

    def remove(self) -> None:
        """There is none any more. Errors: StorageFailed."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise storage_failed(self.path, error) from error


def mark(run_id: str, tool: str, places: Places) -> Mark:
    """The mark of a run, which is not put yet."""
    return Mark(_directory(places) / run_id, tool)


def unfinished(places: Places) -> list[Mark]:
    """All marks, of living launchers too. Errors: StorageFailed."""
    try:
        found = sorted(p for p in _directory(places).glob("*") if not p.name.startswith("."))
        return [Mark(path, path.read_text(encoding="utf-8")) for path in found]
    except FileNotFoundError:
        return unfinished(places)  # another launcher removed one meanwhile
    except (OSError, UnicodeDecodeError) as error:
        raise StorageFailed(
            f"Cannot read {_directory(places)}: {error}.", "Look at that directory."
        ) from error


def _directory(places: Places) -> Path:
    return places.state / "containers"
