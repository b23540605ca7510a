"""Brings an installed tool to the newest version of its code, after a look at what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.errors import BadInput, GitFailed
from roforlmao.models import Tool
from roforlmao.paths import Places
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line
from roforlmao.tools import definition, environment, journal, records, runlock
from roforlmao.tools import sweep as sweeping
from roforlmao.tools.install import check_script_tool, fetch, fetch_data, put_in_place, record
from roforlmao.tools.installer import run_installer
from roforlmao.tools.journal import Work
from roforlmao.tools.model import Definition
from roforlmao.tools.records import Installed
from roforlmao.tools.trust import Review, differences, require, review

if TYPE_CHECKING:
    from roforlmao.git.repository import Repository

_SUBJECTS = 10


def update(
    tool: Tool,
    places: Places,
    progress: Progress,
    *,
    operator: str,
    local: bool,
    trust: bool | str = False,
) -> Installed:
    """Moves the clone on and runs the installer again; ``notes`` of the result say what changed.

    The new version is cloned beside the old one and asks for trust before anything of it runs;
    a failure, Ctrl-C or (with ``sweep``) a kill leaves the old version working. A clone or an
    environment that is gone is made again. Errors: NotFound, Untrusted, GitFailed (the history
    was rewritten, or own changes are in the way), ToolFailed, Busy, Cancelled.
    """
    check_script_tool(tool)
    local = local or tool.registered_by == operator
    with runlock.running(tool.name, places):
        sweeping.take_back_unfinished(tool.name, places)
        present = records.get_installed(tool.name, places)
        work = Work(tool.name, "update", before=present.commit)
        journal.begin(work, places)
        try:
            done = _update(tool, present, places, progress, local=local, trusted=trust)
        except BaseException:
            sweeping.take_back(work, places)
            raise
        sweeping.settle(work, places)
        return done


def _update(
    tool: Tool, present: Installed, places: Places, progress: Progress, *, local: bool, trusted: bool | str
) -> Installed:
    asked, found = fetch(tool, places, progress, local=local)
    notes = _history(present, asked, places)
    if asked.fingerprint != present.fingerprint:
        notes += _changes(present, asked)
        require(asked, trusted, changes=notes)
    progress.checkpoint()
    data_repo, data_notes = _data(tool, found, present, places, progress, local=local)
    if asked.commit != present.commit or not _is_whole(present, found, places):
        environment.set_aside(tool.name, places)
        _move_on(present, asked, places, progress)
        run_installer(found, places, progress)
        progress.checkpoint()
    now = records.save(record(tool, asked, found, data_repo, places), places)
    return records.with_notes(now, [*notes, *data_notes])


def _is_whole(present: Installed, found: Definition, places: Places) -> bool:
    return present.path.is_dir() and (found.installer is None or environment.ready(present.name, places))


def _changes(present: Installed, asked: Review) -> list[str]:
    """Against what is on disk, which may be gone or damaged."""
    try:
        found = definition.read(present.path, present.name)
        before = review(
            present.name, present.code_repo, present.commit, present.registered_by, present.path, found
        )
    except BadInput as error:
        return [f"What is installed cannot be compared: {error.message}"]
    return differences(before, asked)


def _history(present: Installed, asked: Review, places: Places) -> list[str]:
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


def _grew(repository: Repository, present: Installed, asked: Review) -> bool:
    known = repository.resolve(f"{present.commit}^{{commit}}")
    return bool(known) and repository.has_ancestor(asked.commit, present.commit)


def _data(
    tool: Tool, found: Definition, present: Installed, places: Places, progress: Progress, *, local: bool
) -> tuple[str, list[str]]:
    """The data clone stays as it is; one that is gone, or was never there, is made."""
    wanted = tool.data_repo or found.data_remote
    if present.data_path is None or not present.data_path.is_dir():
        return fetch_data(tool, found, places, progress, local=local)
    if wanted == present.data_repo:
        return present.data_repo, []
    note = f"Its data repository is now {one_line(wanted, 120) or 'none'}; the clone of the old one stays."
    return present.data_repo, [note, "To change over: uninstall, then install."]


def _move_on(present: Installed, asked: Review, places: Places, progress: Progress) -> None:
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
