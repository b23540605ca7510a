"""Installs a script tool: clone, look, trust, clone its data, run its installer, record."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from roforlmao.errors import AlreadyExists, BadInput
from roforlmao.models import Tool
from roforlmao.names import check_name, is_local_url
from roforlmao.paths import Places, make_directory, storage_failed
from roforlmao.progress import Progress
from roforlmao.text import one_line
from roforlmao.tools import definition, journal, records, runlock
from roforlmao.tools import sweep as sweeping
from roforlmao.tools.argv import argv
from roforlmao.tools.installer import run_installer
from roforlmao.tools.journal import Work
from roforlmao.tools.model import Definition
from roforlmao.tools.records import Installed, get_installed, help_of, installed
from roforlmao.tools.sweep import sweep
from roforlmao.tools.trust import Review, require, review
from roforlmao.tools.uninstall import uninstall

__all__ = ["Installed", "argv", "get_installed", "help_of", "install", "installed", "sweep", "uninstall"]


def install(
    tool: Tool,
    places: Places,
    progress: Progress,
    *,
    operator: str,
    local: bool,
    trust: bool | str = False,
) -> Installed:
    """Installs it, or leaves nothing: a failure, Ctrl-C or (with ``sweep``) a kill takes all back.

    ``local`` allows repositories on this machine, as do the operator's own entries; ``trust``
    is True or the fingerprint that was shown. Errors: BadInput, AlreadyExists, Untrusted,
    ToolFailed, Busy, Cancelled, and those of ``git.clone``.
    """
    check_script_tool(tool)
    local = local or tool.registered_by == operator
    with runlock.running(tool.name, places):
        _check_free(tool.name, places)
        work = Work(tool.name, "install", new_data=not (places.data / tool.name).exists())
        journal.begin(work, places)
        try:
            return _install(tool, places, progress, local=local, trusted=trust)
        finally:
            sweeping.take_back(work, places)  # with the record written this only ends the journal


def check_script_tool(tool: Tool) -> None:
    """Errors: BadInput for what has no code to clone."""
    check_name(tool.name, "tool name")
    if tool.kind != "script" or not tool.code_repo:
        raise BadInput(
            f"'{tool.name}' is a container tool ({one_line(tool.image, 80) or 'without an image'}).",
            "This version runs script tools: those with a --code-repo and no image.",
        )


def _check_free(name: str, places: Places) -> None:
    sweeping.take_back_unfinished(name, places)
    if records.find(name, places) is not None:
        raise AlreadyExists(f"The tool '{name}' is installed already.", f"Update it: `tool update {name}`.")
    if (places.tools / name).exists():
        raise AlreadyExists(f"{places.tools / name} is there, but not an installed tool.", "Move it away.")


def _install(
    tool: Tool, places: Places, progress: Progress, *, local: bool, trusted: bool | str
) -> Installed:
    asked, found = fetch(tool, places, progress, local=local)
    require(asked, trusted)
    progress.checkpoint()
    data_repo, notes = fetch_data(tool, found, places, progress, local=local)
    progress.checkpoint()
    put_in_place(tool.name, places)
    run_installer(found, places, progress)
    progress.checkpoint()
    tool_now = record(tool, asked, found, data_repo, places)
    records.save(tool_now, places)
    return records.with_notes(tool_now, notes)


def fetch(tool: Tool, places: Places, progress: Progress, *, local: bool) -> tuple[Review, Definition]:
    """Clones the code beside its place, reads its definition and says what there is to trust."""
    from roforlmao.git.clone import clone

    target = sweeping.staged(tool.name, places)
    progress.checkpoint()
    commit = clone(tool.code_repo, target, progress, local=local)
    progress.checkpoint()
    if not commit:
        raise BadInput(f"The code repository of '{tool.name}' is empty.", "Its author has to push the code.")
    found = definition.read(target, tool.name)
    return review(tool.name, tool.code_repo, commit, tool.registered_by, target, found), found


def fetch_data(
    tool: Tool, found: Definition, places: Places, progress: Progress, *, local: bool
) -> tuple[str, list[str]]:
    """Clones the data repository and says which it is; the registered one wins.

    A definition may name a path on this machine only if its own repository is on this machine.
    """
    from roforlmao.git.clone import clone_or_update

    url = tool.data_repo or found.data_remote
    notes = []
    if not url:
        notes.append("It names no data repository: results stay in its own directory and are not published.")
    elif found.data_remote and found.data_remote != url:
        named = one_line(found.data_remote, 120)
        notes.append(f"The registered data repository is used; the definition names another one: {named}.")
    for note in notes:
        progress.log(note)
    local = local and (bool(tool.data_repo) or is_local_url(tool.code_repo))
    if url:
        clone_or_update(url, places.data / tool.name, progress, local=local)
    return url, notes


def put_in_place(name: str, places: Places) -> Path:
    """The clone that was looked at becomes the tool's directory. Errors: StorageFailed."""
    place = make_directory(places.tools) / name
    try:
        sweeping.staged(name, places).rename(place)
    except OSError as error:
        raise storage_failed(place, error) from error
    return place


def record(tool: Tool, asked: Review, found: Definition, data_repo: str, places: Places) -> Installed:
    """The tool as it stands now."""
    return Installed(
        name=tool.name,
        kind=tool.kind,
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
