"""Brings a script tool to the newest version of its code, after a look at what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.errors import BadInput, GitFailed
from roforlmao.models import Tool
from roforlmao.names import is_local_url
from roforlmao.paths import Places
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line
from roforlmao.tools import definition, environment, records
from roforlmao.tools import sweep as sweeping
from roforlmao.tools.data_clone import keep_data
from roforlmao.tools.installer import run_installer
from roforlmao.tools.model import Definition
from roforlmao.tools.records import Installed
from roforlmao.tools.review import require
from roforlmao.tools.script_install import as_record, fetch, put_in_place
from roforlmao.tools.script_review import ScriptReview, differences, review
from roforlmao.tools.wish import Wish

if TYPE_CHECKING:
    from roforlmao.git.repository import Repository

_SUBJECTS = 10


def update(tool: Tool, present: Installed, wish: Wish) -> Installed:
    """Asks before anything new of it runs; a clone or environment that is gone is made again.

    Errors: Untrusted, GitFailed (the history was rewritten, or own changes are in the way), ToolFailed,
    Cancelled.
    """
    asked, found = fetch(tool, wish)
    places, progress = wish.places, wish.progress
    notes = _history(present, asked, places)
    if asked.fingerprint != present.fingerprint:
        notes += _changes(present, asked)
        require(asked, wish.trust, changes=notes)
    progress.checkpoint()
    local = is_local_url(tool.code_repo)
    data_repo, data_notes = keep_data(tool, found.data_remote, present, wish, local=local)
    if asked.commit != present.commit or not _is_whole(present, found, places):
        environment.set_aside(tool.name, places)
        _move_on(present, asked, places, progress)
        run_installer(found, places, progress)
        progress.checkpoint()
    now = as_record(tool, asked, found, data_repo, places)
    return records.with_notes(now, [*notes, *data_notes])


def _is_whole(present: Installed, found: Definition, places: Places) -> bool:
    return present.path.is_dir() and (found.installer is None or environment.ready(present.name, places))


def _changes(present: Installed, asked: ScriptReview) -> list[str]:
    """Against what is on disk, which may be gone or damaged."""
    try:
        found = definition.read(present.path, present.name)
        before = review(
            present.name, present.code_repo, present.commit, present.registered_by, present.path, found
        )
    except BadInput as error:
        return [f"What is installed cannot be compared: {error.message}"]
    return differences(before, asked)


def _history(present: Installed, asked: ScriptReview, places: Places) -> list[str]:
    """How many commits are new, and the first lines of the newest ones."""
    from roforlmao.git.repository import open_repository

    if asked.commit == present.commit:
        return ["The code is at its newest commit already."]
    repository = open_repository(sweeping.staged(present.name, places))
    if not _grew(repository, present, asked):
        return ["The history of its repository was rewritten."]
    span = f"{present.commit}..{asked.commit}"
    number = int(repository.text("rev-list", "--count", span))
    subjects = repository.text("log", f"--max-count={_SUBJECTS}", "--format=%s", span).splitlines()
    title = f"From {present.commit[:12]} to {asked.commit[:12]}, {counted(number, 'commit')}:"
    return [title, *("    " + one_line(subject, 100) for subject in subjects)]


def _grew(repository: Repository, present: Installed, asked: ScriptReview) -> bool:
    known = repository.resolve(f"{present.commit}^{{commit}}")
    return bool(known) and repository.has_ancestor(asked.commit, present.commit)


def _move_on(present: Installed, asked: ScriptReview, places: Places, progress: Progress) -> None:
    from roforlmao.git.clone import update as pull
    from roforlmao.git.repository import open_repository

    if not present.path.is_dir():
        put_in_place(present.name, places)
        return
    if asked.commit == present.commit:
        return
    staged = sweeping.staged(present.name, places)
    if not _grew(open_repository(staged), present, asked):
        raise GitFailed(
            f"The history of {one_line(asked.code_repo, 120)} was rewritten: '{present.name}' cannot follow.",
            f"`tool uninstall {present.name}`, then `tool install {present.name}`.",
        )
    open_repository(present.path).git("remote", "set-url", "origin", asked.code_repo)
    progress.checkpoint()
    if pull(present.path, progress).after != asked.commit:
        raise GitFailed(
            f"The repository of '{present.name}' changed while it was being looked at.", "Try again."
        )
    progress.checkpoint()
