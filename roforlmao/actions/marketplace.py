"""A marketplace file: a JSON list of tool entries, registered one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roforlmao.actions import parse
from roforlmao.errors import AlreadyExists, BadInput, RegistryError
from roforlmao.models import Tool
from roforlmao.names import check_url
from roforlmao.progress import Progress
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.registry.catalog import Catalog

_FIELDS: Mapping[str, Callable[[str], str]] = {
    "name": parse.tool_name,
    "author": parse.line,
    "image": parse.image_name,
    "data_repo": str,  # checked below: paths depend on whether strangers' ones are allowed
    "code_repo": str,
    "artefact": parse.line,
    "description": parse.line,
}
_LIMIT = 20_000_000


@dataclass
class Outcome:
    """Names that went in, names that were there already, and entries that could not be read."""

    added: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)


def import_tools(file: Path, catalog: Catalog, author: str, progress: Progress) -> Outcome:
    """Registers every entry that keeps the rules. Errors: BadInput for the file as a whole."""
    entries = _read(file)
    outcome = Outcome()
    progress.start("Registering", len(entries), "entries")
    for number, entry in enumerate(entries):
        progress.checkpoint()
        progress.update(number)
        name = entry.get("name") if isinstance(entry, dict) else None
        shown = one_line(str(name), 100) if name else f"entry {number + 1}"
        try:
            added = catalog.add_tool(_tool(entry, author, local=catalog.trusts_paths_of("")))
            outcome.added.append(added.name)
        except AlreadyExists:
            outcome.skipped.append(shown)
        except BadInput as error:
            outcome.failed.append({"name": shown, "reason": f"{error.message} {error.hint}".strip()})
        except RegistryError as error:
            if error.exit_status == 4:
                raise
            outcome.failed.append({"name": shown, "reason": error.message})
    return outcome


def _read(file: Path) -> list[Any]:
    try:
        if file.stat().st_size > _LIMIT:
            raise BadInput(f"{file} is over {_LIMIT // 1_000_000} MB.", "Split it.")
        entries = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadInput(f"Cannot read {file}: {error.strerror}.", "Name a JSON file.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not UTF-8 text.", "Save it as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise BadInput(f"{file}, line {error.lineno}: not JSON ({error.msg}).", "Mend that line.") from error
    except RecursionError as error:
        raise BadInput(f"{file} is nested too deeply.", "It should be a list of entries.") from error
    if not isinstance(entries, list):
        raise BadInput(f"{file} is not a list.", "It should be [{...}, {...}].")
    return entries


def _tool(entry: Any, author: str, *, local: bool) -> Tool:
    if not isinstance(entry, Mapping):
        raise BadInput("It is not an object.", 'An entry looks like {"name": "...", "image": "..."}.')
    texts = {key: entry.get(key) or "" for key in _FIELDS}
    for key, text in texts.items():
        if not isinstance(text, str):
            raise BadInput(f"Its {key} is not a text.")
    values: dict[str, Any] = {key: read(texts[key]) for key, read in _FIELDS.items()}
    for key in ("data_repo", "code_repo"):
        if values[key]:
            check_url(values[key], local=local)
    if not (values["image"] or values["code_repo"]):
        raise BadInput("It has neither an image nor a code_repo.")
    values["author"] = values["author"] or author
    return Tool(**values, kind="container" if values["image"] else "script")
