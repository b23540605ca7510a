"""Another operator's files of a day, taken into a clone of one's own."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from roforlmao.anomaly.readings import undated
from roforlmao.errors import BadInput, LossRefused, Refused, Remedy
from roforlmao.paths import make_directory, storage_failed
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line


@dataclass(frozen=True)
class Taken:
    """A foreign file: its path in the other repository, and a copy on this machine."""

    path: str
    copy: Path


def refuse_unpublished(clone: Path, progress: Progress) -> None:
    """Raises BadInput where the clone holds what no commit has: the receipt would claim it for another."""
    from roforlmao.git.sync import prepare

    prepared = prepare(clone, progress, as_decided=True)
    if prepared.dirty:
        changed = [one_line(change.path, 60) for change in prepared.changes]
        raise BadInput(
            f"{clone} holds what is not committed: {', '.join(changed[:3]) or 'a deletion'}.",
            "Publish or remove that first: dataset sync",
        )


@contextmanager
def placed(files: Sequence[Taken], clone: Path, *, replace: bool) -> Iterator[list[str]]:
    """The files in the clone, for a commit in the block; gone again where the block fails.

    Each stands beside the clone's own files of its stream, else where the other repository has it;
    the paths of those that are new here are given. Errors: LossRefused where an own file that is not
    empty would be overwritten, unless ``replace``; Refused for a path that leads elsewhere;
    StorageFailed.
    """
    targets = {_target(one, clone): one.copy for one in files}
    new = {target: copy for target, copy in targets.items() if not _is_same(target, copy)}
    in_the_way = [target for target in new if target.is_file() and target.stat().st_size]
    if in_the_way and not replace:
        raise _would_overwrite(in_the_way, clone)
    with ExitStack() as undo:
        for target, copy in new.items():
            make_directory(target.parent)
            undo.callback(_restore, target, target.read_bytes() if target.is_file() else None)
            _copy(copy, target)
        yield [target.relative_to(clone).as_posix() for target in new]
        undo.pop_all()


def _target(one: Taken, clone: Path) -> Path:
    name = PurePosixPath(one.path).name
    own = sorted(_own_files(clone, undated(name)))
    target = own[-1].parent / name if own else clone / one.path
    inside = target.relative_to(clone).parts
    leads_out = ".." in inside or not target.parent.resolve().is_relative_to(clone.resolve())
    if leads_out or target.is_symlink() or any(part.lower() == ".git" for part in inside):
        raise Refused(
            f"'{one_line(one.path, 80)}' leads out of the data.", "Ask the operator who published it."
        )
    return target


def _own_files(clone: Path, stream: str) -> Iterator[Path]:
    """Of the same stream, by the date in their names."""
    for path in clone.rglob("*"):
        if ".git" not in path.relative_to(clone).parts and path.is_file() and undated(path.name) == stream:
            yield path


def _is_same(target: Path, copy: Path) -> bool:
    return target.is_file() and filecmp.cmp(target, copy, shallow=False)


def _would_overwrite(targets: Sequence[Path], clone: Path) -> LossRefused:
    named = [one_line(target.relative_to(clone).as_posix(), 80) for target in targets]
    files = counted(len(named), "file")
    return LossRefused(
        f"Not taken: your own {', '.join(named[:3])} would be overwritten.",
        "A day that you have is no gap; look at both first: compare",
        remedy=Remedy("allow_loss", True, f"Overwrite {files} of your own?", tuple(named)),
    )


def _copy(source: Path, target: Path) -> None:
    beside = target.with_name(f".{target.name[:200]}.taken")
    try:
        shutil.copyfile(source, beside)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise storage_failed(target, error) from error


def _restore(target: Path, content: bytes | None) -> None:
    if content is None:
        target.unlink(missing_ok=True)
    else:
        target.write_bytes(content)
