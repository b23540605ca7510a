"""What makes a tool installed: one record per tool, written last; and the cache of definitions."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from roforlmao.errors import NotFound, StorageFailed
from roforlmao.models import Kind
from roforlmao.names import check_name
from roforlmao.paths import Places, storage_failed, write_atomic
from roforlmao.tools import model
from roforlmao.tools.model import Definition

_KEPT = ("name", "kind", "data_repo", "code_repo", "commit", "digest", "fingerprint", "registered_by")
_OF_IMAGES = ("image", "pinned")  # records of before container tools lack them
_SAVED = (*_KEPT, *_OF_IMAGES, "installed_at")


@dataclass(frozen=True)
class Installed:
    """An installed tool. ``data_path`` is None without a data repository; a container tool has no ``path``.

    ``fingerprint`` is what the operator trusted; ``notes`` says what the last operation met.
    Of a container tool ``image`` is the registered name, ``digest`` what it stood for when it was
    trusted (of a local build, which has none, the image id), and ``pinned`` what the engine is told
    to run: ``repository@digest`` or that id, never the tag, which moves.
    """

    name: str
    kind: Kind
    path: Path
    data_path: Path | None
    data_repo: str
    code_repo: str
    commit: str
    digest: str
    fingerprint: str
    registered_by: str
    installed_at: str
    definition: Definition
    notes: tuple[str, ...] = ()
    image: str = ""
    pinned: str = ""

    @property
    def results(self) -> Path:
        """Where a run leaves its files; a container writes into the data clone itself."""
        if self.kind == "container":
            return self.data_path or self.path / "data"
        return self.path / self.definition.data_local


def save(tool: Installed, places: Places) -> Installed:
    """Writes the record, and the definition into the cache. Errors: StorageFailed."""
    data = {key: value for key, value in asdict(tool).items() if key in _SAVED}
    data["definition"] = model.to_json(tool.definition)
    write_atomic(_help(places, tool.name), json.dumps(data["definition"], indent=1))
    write_atomic(_record(places, tool.name), json.dumps(data, indent=1))
    return tool


def get_installed(name: str, places: Places) -> Installed:
    """The tool of that name. Errors: NotFound; StorageFailed where its record cannot be read."""
    found = find(name, places)
    if found is None:
        raise NotFound(f"The tool '{name}' is not installed.", f"Install it: `tool install {name}`.")
    return found


def find(name: str, places: Places) -> Installed | None:
    """The tool of that name, or None. Errors: BadInput, StorageFailed."""
    data = _load(_record(places, check_name(name, "tool name")))
    return None if data is None else _decode(data, places)


def installed(places: Places) -> list[Installed]:
    """All installed tools by name; a record that cannot be read shows its error when it is asked for."""
    found = []
    for path in sorted((places.state / "tools").glob("*.json")):
        try:
            found.append(get_installed(path.stem, places))
        except StorageFailed:
            continue  # one broken record must not hide the other tools
    return found


def help_of(name: str, places: Places) -> Definition:
    """The cached definition; it outlives clone and record. Errors: NotFound, StorageFailed."""
    path = _help(places, check_name(name, "tool name"))
    data = _load(path)
    if data is None:
        raise NotFound(f"The tool '{name}' was never installed here.", f"Install it: `tool install {name}`.")
    try:
        return model.from_json(data)
    except (KeyError, TypeError) as error:
        raise _broken(path) from error


def remove(name: str, places: Places) -> None:
    """From now on the tool is not installed; its help stays. Errors: StorageFailed."""
    path = _record(places, name)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise storage_failed(path, error) from error


def with_notes(tool: Installed, notes: list[str]) -> Installed:
    return replace(tool, notes=tuple(notes))


def _decode(data: dict[str, Any], places: Places) -> Installed:
    try:
        name = str(data["name"])
        return Installed(
            **{key: data[key] for key in _KEPT},
            **{key: data.get(key, "") for key in _OF_IMAGES},
            path=places.tools / name,
            data_path=places.data / name if data["data_repo"] else None,
            installed_at=data["installed_at"],
            definition=model.from_json(data["definition"]),
        )
    except (KeyError, TypeError) as error:
        raise _broken(places.state / "tools") from error


def _load(path: Path) -> dict[str, Any] | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageFailed(f"Cannot read {path}: {error.strerror}.", "Look at that file.") from error
    except ValueError as error:
        raise _broken(path) from error
    if not isinstance(data, dict):
        raise _broken(path)
    return data


def _broken(path: Path) -> StorageFailed:
    return StorageFailed(f"The record {path} is damaged.", "Remove that file and install the tool again.")


def _record(places: Places, name: str) -> Path:
    return places.state / "tools" / f"{name}.json"


def _help(places: Places, name: str) -> Path:
    return places.state / "definitions" / f"{name}.json"
