"""A directory beside its target that becomes the target when it is whole, and else vanishes."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from roforlmao.git.lock import flock
from roforlmao.paths import make_directory, storage_failed


def beside(target: Path, stack: ExitStack) -> Path:
    """A locked directory, removed with ``stack``; what killed launchers left for this target goes first.

    Errors: StorageFailed; Busy where another launcher is at work on the same target.
    """
    make_directory(target.parent)
    prefix = f".{target.name}.part-"
    busy = f"Another launcher is fetching to {target}."
    for leftover in target.parent.iterdir():
        if leftover.name.startswith(prefix) and leftover.is_dir() and not leftover.is_symlink():
            with flock(leftover, busy):  # one that still lives holds its directory's lock
                shutil.rmtree(leftover, ignore_errors=True)
    try:
        part = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    except OSError as error:
        raise storage_failed(target.parent, error) from error
    stack.callback(shutil.rmtree, part, ignore_errors=True)
    stack.enter_context(flock(part, busy))
    return part
