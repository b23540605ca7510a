"""Takes back what a killed install or update left half done; finishes a killed uninstall."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from roforlmao.errors import Busy
from roforlmao.paths import Places, storage_failed
from roforlmao.progress import Progress
from roforlmao.tools import environment, journal, pulled, records, runlock
from roforlmao.tools.journal import Work


def sweep(places: Places, environ: Mapping[str, str] = os.environ) -> list[str]:
    """For the start of a launcher: the names of the tools that were cleared up.

    What a launcher that still runs is doing is left alone, and so are images where the engine does
    not run. Errors: StorageFailed, GitFailed.
    """
    swept = []
    for work in journal.unfinished(places):
        try:
            with runlock.running(work.name, places):
                _after_a_kill(work, places, environ)
        except Busy:
            continue
        swept.append(work.name)
    pulled.drop_unused(places, environ, older_than_s=pulled.GRACE_S)
    return swept


def take_back(work: Work, places: Places) -> None:
    """As if it had never begun; the caller holds the tool. Errors: StorageFailed, GitFailed."""
    if work.action == "update":
        _take_back_update(work, places)
    elif records.find(work.name, places) is None:
        _remove_all(work, places)
    journal.finish(work.name, places)


def take_back_unfinished(name: str, places: Places, environ: Mapping[str, str]) -> None:
    """What a kill left of one tool, whose lock the caller holds. Errors: StorageFailed, GitFailed."""
    for work in journal.unfinished(places):
        if work.name == name:
            _after_a_kill(work, places, environ)


def _after_a_kill(work: Work, places: Places, environ: Mapping[str, str]) -> None:
    take_back(work, places)
    pulled.drop_unused(places, environ, tool=work.name)


def settle(work: Work, places: Places, environ: Mapping[str, str]) -> None:
    """An update is done: what it kept for a way back goes. Errors: StorageFailed."""
    pulled.drop_unused(places, environ, tool=work.name)
    environment.forget_aside(work.name, places)
    remove_staged(work.name, places)
    journal.finish(work.name, places)


def _remove_all(work: Work, places: Places) -> None:
    environment.remove(work.name, places)
    remove_tree(places.tools / work.name)
    if work.new_data:
        remove_tree(places.data / work.name)
    remove_staged(work.name, places)


def _take_back_update(work: Work, places: Places) -> None:
    remove_staged(work.name, places)
    tool = records.find(work.name, places)
    if tool is not None and tool.commit == work.before:
        environment.put_back(work.name, places)
        if work.before and tool.path.is_dir():
            _stand_at(tool.path, work.before)
    environment.forget_aside(work.name, places)


def _stand_at(path: Path, commit: str) -> None:
    """Back to the commit; files that the tool itself wrote stay as they are."""
    from roforlmao.git.lock import exclusive
    from roforlmao.git.repository import open_repository
    from roforlmao.git.worktree import recover

    repository = open_repository(path, Progress())
    with exclusive(repository) as place:
        recover(repository, place)
        if repository.head != commit:
            repository.git("reset", "--quiet", "--keep", commit)


def staged(name: str, places: Places) -> Path:
    """Where the code is cloned to before it is looked at."""
    return places.tools / f".{name}.new"


def remove_staged(name: str, places: Places) -> None:
    """Clones that are not in their place yet, whole or half."""
    patterns = {
        places.tools: (f".{name}.new", f"..{name}.new.part-*", f".{name}.removing"),
        places.data: (f".{name}.part-*", f".{name}.removing"),
    }
    for directory, names in patterns.items():
        for pattern in names:
            for path in directory.glob(pattern):
                remove_tree(path)


def remove_tree(path: Path) -> None:
    """Renamed first, so that a kill never leaves a half-removed clone in its place."""
    if not path.exists() and not path.is_symlink():
        return
    aside = path.with_name(f".{path.name}.removing") if not path.name.startswith(".") else path
    try:
        if aside != path:
            if aside.exists():
                shutil.rmtree(aside)
            path.rename(aside)
        shutil.rmtree(aside)
    except OSError as error:
        raise storage_failed(path, error) from error
