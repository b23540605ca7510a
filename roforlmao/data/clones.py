"""Clones on this machine: registered datasets, data of installed tools, what peers have."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.errors import NotFound, OperationFailed, Refused, Remedy
from roforlmao.models import Announcement, Clone, Dataset
from roforlmao.paths import Places
from roforlmao.progress import Progress
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.registry.catalog import Catalog


def clone_dataset(dataset: Dataset, catalog: Catalog, places: Places, progress: Progress) -> Clone:
    """Clones a registered dataset without its tool, or pulls it where it is there already."""
    from roforlmao.git.clone import clone_or_update

    target = places.datasets / dataset.name
    commit, action = clone_or_update(
        dataset.url, target, progress, local=catalog.trusts_paths_of(dataset.registered_by, dataset.url)
    )
    return Clone(dataset.name, target, commit, action)


def retrieve(found: Announcement, catalog: Catalog, places: Places, progress: Progress) -> Clone:
    """A peer's data as announced for a day, in the import directory.

    The clone stands at the announced commit, so that a day which the peer changed or dropped
    later is still what was announced.
    """
    from roforlmao.git.clone import checkout, clone_or_update

    target = places.peers / found.hub / found.operator
    commit, action = clone_or_update(
        found.url, target, progress, local=catalog.trusts_paths_of(found.operator, found.url)
    )
    if found.commit:
        checkout(target, found.commit, progress)
    return Clone(f"{found.hub}/{found.operator}", target, found.commit or commit, action)


def local_clones(places: Places) -> list[Clone]:
    """Datasets and peers' data in the import directory, by name."""
    found = [(path.name, path) for path in _below(places.datasets)]
    found += [(f"{hub.name}/{path.name}", path) for hub in _below(places.peers) for path in _below(hub)]
    return list(_clones(found))


def find_directory(text: str, places: Places) -> Path:
    """The local clone of that name (a dataset, or ``hub/operator``), else the directory at that path.

    Errors: NotFound.
    """
    for clone in local_clones(places):
        if clone.name == text:
            return clone.path
    path = Path(text).expanduser().absolute()
    if not path.is_dir():
        raise NotFound(
            f"There is no dataset or directory '{one_line(text, 80)}' here.",
            "`dataset clone NAME` fetches one; `dataset list-local` shows what is here.",
        )
    return path


def data_clones(places: Places) -> list[Clone]:
    """The data repositories of installed tools, by tool name."""
    return list(_clones([(path.name, path) for path in _below(places.data)]))


def remove_clone(name: str, places: Places, *, allow_loss: bool = False) -> Clone:
    """Deletes a local clone. Errors: NotFound, Refused where it holds what is nowhere else."""
    for clone in local_clones(places):
        if clone.name == name:
            lost = _unpublished(clone.path)
            if lost and not allow_loss:
                raise Refused(
                    f"{name} holds what is not published: {', '.join(lost[:5])}.",
                    f"`dataset sync {clone.path} --hub HUB` publishes it.",
                    remedy=Remedy("allow_loss", True, "Delete it all the same?", tuple(lost)),
                )
            try:
                shutil.rmtree(clone.path)
            except OSError as error:
                raise OperationFailed(f"Cannot delete {clone.path}: {error.strerror}.") from error
            return clone
    raise NotFound(f"There is no local clone '{name}'.", "`dataset list-local` shows them.")


def _unpublished(path: Path) -> list[str]:
    from roforlmao.git.sync import prepare

    return [change.path for change in prepare(path, ignored=False).changes]


def _below(directory: Path) -> list[Path]:
    if not directory.is_dir():
        return []
    return sorted(path for path in directory.iterdir() if path.is_dir() and not path.name.startswith("."))


def _clones(found: list[tuple[str, Path]]) -> Iterator[Clone]:
    from roforlmao.git.clone import head

    for name, path in found:
        if (path / ".git").exists():
            yield Clone(name, path, head(path), "pulled")
