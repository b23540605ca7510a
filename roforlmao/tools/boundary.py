"""Paths named by a stranger's file, kept inside the repository that names them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from roforlmao.errors import BadInput
from roforlmao.text import one_line

_HINT = "Write a path inside the repository."


def is_git_name(part: str) -> bool:
    """``.git`` under any spelling that a file system without letter case takes for it."""
    return part.lower().rstrip(". ") == ".git"


def relative(text: str, what: str) -> PurePosixPath:
    """``text`` as a path below the repository, by its letters alone. Errors: BadInput."""
    shown = one_line(text, 60)
    path = PurePosixPath(text)
    if not text or not text.isprintable():
        raise BadInput(f"{what} is empty or holds control characters.", _HINT)
    if path.is_absolute() or ".." in path.parts or text.startswith("~"):
        raise BadInput(f"{what} '{shown}' leads out of the repository.", _HINT)
    if any(is_git_name(part) for part in path.parts):
        raise BadInput(f"{what} '{shown}' is in git's own directory.", "Name a file of the tool's own.")
    if any(len(part.encode()) > 255 for part in path.parts) or len(text.encode()) > 4000:
        raise BadInput(f"{what} '{shown}' is too long for a path.", _HINT)
    return path


def existing_file(root: Path, text: str, what: str) -> Path:
    """The file with its symbolic links resolved, inside ``root``. Errors: BadInput."""
    shown = one_line(text, 60)
    path = _resolved(root, root / relative(text, what), what, shown)
    if path is None or not path.is_file():
        raise BadInput(f"{what} '{shown}' is not a file in the repository.", "Look at the path's spelling.")
    return path


def directory_or_nothing(root: Path, text: str, what: str) -> Path:
    """A directory inside ``root``, there or yet to be made, reached without symbolic links.

    Errors: BadInput.
    """
    path = root / relative(text, what)
    for step in [path, *path.parents]:
        if step == root:
            break
        if step.is_symlink():
            raise BadInput(
                f"{what} '{one_line(text, 60)}' is, or lies behind, a symbolic link.",
                "Name a real directory inside the repository.",
            )
        if step.exists() and not step.is_dir():
            raise BadInput(f"{what} '{one_line(text, 60)}' is not a directory.", "Name a directory.")
    return path


def _resolved(root: Path, path: Path, what: str, shown: str) -> Path | None:
    top = root.resolve()
    try:
        real = path.resolve(strict=True)
    except FileNotFoundError:
        return None
    except (OSError, RuntimeError):  # a loop of links: RuntimeError before Python 3.13
        raise BadInput(f"{what} '{shown}' cannot be followed.", "Look at its symbolic links.") from None
    if not real.is_relative_to(top) or any(is_git_name(p) for p in real.relative_to(top).parts):
        raise BadInput(
            f"{what} '{shown}' is a symbolic link that leads out of the repository.",
            "Put the file itself into the repository.",
        )
    return real
