"""Secrets of a tool: read where the configuration says, handed over, and kept out of what is printed."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from roforlmao.errors import BadInput
from roforlmao.limits import Secret
from roforlmao.paths import storage_failed

REDACTED = b"[secret]"
_SIZE_LIMIT = 64 * 1024
_MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of our own is made in it, by mkdtemp
_PREFIX = "roforlmao-"


def read(sources: Mapping[str, Secret], environ: Mapping[str, str]) -> dict[str, str]:
    """The values by name. Errors: BadInput, which never holds a value."""
    return {name: _value(name, source, environ) for name, source in sources.items()}


def _value(name: str, source: Secret, environ: Mapping[str, str]) -> str:
    if source.file is None:
        value = environ.get(source.env, "")
        where, hint = f"${source.env}", f"Set it before you start the launcher: export {source.env}=..."
    else:
        value = _content(name, source.file)
        where, hint = str(source.file), "Write the value into that file."
    if not value or "\0" in value:
        raise BadInput(f"The secret {name} is {'not text' if value else 'empty'}: {where}.", hint)
    return value


def _content(name: str, path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as handle:
            content = handle.read(_SIZE_LIMIT + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise BadInput(f"The secret {name} cannot be read from {path}: {reason}.", "Look there.") from error
    if len(content) > _SIZE_LIMIT:
        raise BadInput(f"The secret {name} in {path} is over 64 KB.", "Is that the right file?")
    return content.rstrip("\n")


@contextmanager
def as_files(values: Mapping[str, str], run_id: str) -> Iterator[dict[str, Path]]:
    """A file of mode 0400 for each value, in memory where the machine has such a place; gone afterwards."""
    if not values:
        yield {}
        return
    place = _MEMORY if _MEMORY.is_dir() else None
    directory = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{run_id}-", dir=place))
    try:
        yield {name: _write(directory / name, value) for name, value in values.items()}
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def forget_files(run_id: str) -> None:
    """Those of a launcher that was killed."""
    for place in {_MEMORY, Path(tempfile.gettempdir())}:
        for directory in place.glob(f"{_PREFIX}{run_id}-*"):
            shutil.rmtree(directory, ignore_errors=True)


def _write(path: Path, value: str) -> Path:
    try:
        path.write_text(value, encoding="utf-8")
        path.chmod(0o400)
    except OSError as error:
        raise storage_failed(path, error) from error
    return path


class Redactor:
    """Replaces secrets in a stream, also where a piece ends inside one.

    Of a value with several lines, each line of eight characters or more counts as well.
    """

    def __init__(self, values: Iterable[str]) -> None:
        found = {value for value in values if value}
        found |= {line for value in found for line in value.splitlines() if len(line) >= 8}
        self._words = sorted((word.encode() for word in found), key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, self._words)))
        self._longest = max(map(len, self._words), default=0)
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """What may be shown now; the beginning of what may become a secret is held back."""
        if not self._words:
            return data
        data = self._pattern.sub(REDACTED, self._held + data)
        begun = self._begun(data)
        self._held = data[len(data) - begun :]
        return data[: len(data) - begun]

    def rest(self) -> bytes:
        held, self._held = self._held, b""
        return held

    def _begun(self, data: bytes) -> int:
        """The length of the longest end of the data that begins a secret."""
        end = data[-(self._longest - 1) :] if self._longest > 1 else b""
        return max((_overlap(end, word) for word in self._words), default=0)


def _overlap(end: bytes, word: bytes) -> int:
    """How many bytes at the end are the beginning of the word, and not all of it."""
    lengths = range(min(len(word) - 1, len(end)), 0, -1)
    return next((length for length in lengths if end.endswith(word[:length])), 0)
