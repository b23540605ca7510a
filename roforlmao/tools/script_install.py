"""Installs a script tool: clone, look, trust, clone its data, run its installer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from roforlmao.errors import BadInput
from roforlmao.models import Tool
from roforlmao.names import is_local_url
from roforlmao.paths import Places, make_directory, storage_failed
from roforlmao.tools import collect, definition, records
from roforlmao.tools import sweep as sweeping
from roforlmao.tools.data_clone import fetch_data
from roforlmao.tools.installer import run_installer
from roforlmao.tools.model import Definition
from roforlmao.tools.records import Installed
from roforlmao.tools.review import require
from roforlmao.tools.script_review import ScriptReview, review
from roforlmao.tools.wish import Wish


def check(tool: Tool) -> None:
    """Errors: BadInput for what has no code to clone."""
    if not tool.code_repo:
        raise BadInput(f"'{tool.name}' has no code repository.", "Register it with --code-repo URL.")


def install(tool: Tool, wish: Wish) -> Installed:
    """Errors: Untrusted, BadInput, ToolFailed, Cancelled, and those of ``git.clone``."""
    asked, found = fetch(tool, wish)
    require(asked, wish.trust)
    wish.progress.checkpoint()
    data_repo, notes = fetch_data(tool, found.data_remote, wish, local=is_local_url(tool.code_repo))
    wish.progress.checkpoint()
    put_in_place(tool.name, wish.places)
    run_installer(found, wish.places, wish.progress)
    return records.with_notes(as_record(tool, asked, found, data_repo, wish.places), notes)


def fetch(tool: Tool, wish: Wish) -> tuple[ScriptReview, Definition]:
    """Clones the code beside its place, reads its definition and says what there is to trust."""
    from roforlmao.git.clone import clone

    target = sweeping.staged(tool.name, wish.places)
    wish.progress.checkpoint()
    commit = clone(tool.code_repo, target, wish.progress, local=wish.local)
    wish.progress.checkpoint()
    if not commit:
        raise BadInput(f"The code repository of '{tool.name}' is empty.", "Its author has to push the code.")
    found = definition.read(target, tool.name)
    return review(tool.name, tool.code_repo, commit, tool.registered_by, target, found), found


def put_in_place(name: str, places: Places) -> Path:
    """The clone that was looked at becomes the tool's directory. Errors: StorageFailed."""
    place = make_directory(places.tools) / name
    try:
        sweeping.staged(name, places).rename(place)
    except OSError as error:
        raise storage_failed(place, error) from error
    return place


def as_record(
    tool: Tool, asked: ScriptReview, found: Definition, data_repo: str, places: Places
) -> Installed:
    """The tool as it stands now."""
    return Installed(
        name=tool.name,
        kind="script",
        path=places.tools / tool.name,
        data_path=places.data / tool.name if data_repo else None,
        data_repo=data_repo,
        code_repo=tool.code_repo,
        commit=asked.commit,
        digest="",
        fingerprint=asked.fingerprint,
        registered_by=tool.registered_by,
        installed_at=dt.datetime.now(dt.UTC).astimezone().isoformat(timespec="seconds"),
        definition=found,
    )


def only_here(tool: Installed) -> list[str]:
    """Results in the tool's directory that were not collected."""
    return collect.uncollected(tool) if tool.path.is_dir() else []
