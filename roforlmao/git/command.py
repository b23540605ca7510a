"""One git command: run without prompts, watched, bounded in time, and gone when it is ended."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import IO

from roforlmao.errors import Cancelled, OperationFailed
from roforlmao.git.environment import environment, options, unwanted
from roforlmao.git.failures import explain, timed_out
from roforlmao.progress import Progress

SILENCE = 180.0  # seconds without a byte after which a network command is given up
_TICK = 0.1  # seconds between looks at the clock and the cancel token
_GRACE = 2.0  # seconds that git gets to clean up after SIGTERM
_ERROR_LIMIT = 64 * 1024  # bytes of standard error that are kept


@dataclass(frozen=True)
class Bounds:
    """When to give up: ``total`` seconds altogether, ``silence`` seconds without output."""

    total: float | None = None
    silence: float | None = None


@dataclass(frozen=True)
class Output:
    """What a command left."""

    status: int
    out: bytes
    error: str


def run(
    arguments: Sequence[str],
    *,
    cwd: Path,
    where: str = "",
    local: bool = True,
    progress: Progress | None = None,
    given: bytes | None = None,
    env: Mapping[str, str] | None = None,
    bounds: Bounds | None = None,
    on_line: Callable[[str], None] | None = None,
    allowed: Collection[int] = (0,),
) -> Output:
    """Runs ``git <arguments>`` in ``cwd`` and returns what it wrote.

    ``where`` names the repository in errors; ``given`` is its standard input; ``on_line`` gets
    each line of standard error as it comes. Errors: Cancelled, Unreachable, GitFailed,
    StorageFailed, Refused.
    """
    watched = progress or Progress()
    limit = bounds or Bounds()
    subject = where or str(cwd)
    with _started(arguments, cwd, local=local, given=given, env=env) as process:
        collected = _Collected(on_line)
        reason = _pump(process, collected, watched, limit)
        if reason is not None:
            end(process)
            if watched.cancelled:
                raise Cancelled("Stopped.")
            raise timed_out(arguments[0], subject, reason)
        status = process.wait()
    output = Output(status, bytes(collected.out), collected.error_text())
    if status not in allowed:
        raise explain(arguments[0], subject, output.error)
    return output


@contextmanager
def stream(arguments: Sequence[str], *, cwd: Path, given: bytes) -> Iterator[IO[bytes]]:
    """The standard output of a local command as it comes; the command is ended with the block."""
    with _started(arguments, cwd, local=True, given=given, env=None) as process:
        if process.stdout is None:
            raise OperationFailed("git gave no output.")
        try:
            yield process.stdout
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends the command and all that it started: SIGTERM, then SIGKILL, then waits until they are gone."""
    _signal_group(process.pid, signal.SIGTERM)
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()
    _signal_group(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 0.3  # an orphan may stay a zombie until init looks
    while _signal_group(process.pid, 0) and time.monotonic() < deadline:
        time.sleep(0.01)


@contextmanager
def _started(
    arguments: Sequence[str], cwd: Path, *, local: bool, given: bytes | None, env: Mapping[str, str] | None
) -> Iterator[subprocess.Popen[bytes]]:
    git = _library()
    words = ["git", "-C", str(cwd), *options(), *arguments]
    added = {**environment(local=local, ceiling=cwd.parent), **(env or {})}
    if inherited := unwanted(added):  # GitPython adds to the inherited environment; env(1) can take away
        words = ["env", *(f"--unset={name}" for name in inherited), *words]
    with tempfile.TemporaryFile() as handle:
        if given:
            handle.write(given)
            handle.seek(0)
        wrapped = git.cmd.Git().execute(
            words, istream=handle if given else None, as_process=True, env=added, start_new_session=True
        )
    process = wrapped.proc
    try:
        yield process
    finally:
        if process.poll() is None:
            end(process)
        for pipe in (process.stdout, process.stderr):
            pipe.close()


def _library() -> ModuleType:
    try:
        import git
        import git.cmd
    except ImportError as error:  # GitPython looks for the git program when it is imported
        raise OperationFailed(
            "git cannot be used: the program was not found.", "Install git (apt install git)."
        ) from error
    return git


class _Collected:
    """Both outputs of a command; standard error is cut into lines as it comes."""

    def __init__(self, on_line: Callable[[str], None] | None) -> None:
        self.out = bytearray()
        self._error = bytearray()
        self._rest = b""
        self._on_line = on_line

    def add(self, *, is_error: bool, data: bytes) -> None:
        if not is_error:
            self.out += data
            return
        self._error += data
        del self._error[:-_ERROR_LIMIT]
        if self._on_line:
            *lines, self._rest = (self._rest + data).replace(b"\r", b"\n").split(b"\n")
            for line in lines:
                self._on_line(line.decode(errors="replace"))
            self._rest = self._rest[-_ERROR_LIMIT:]

    def error_text(self) -> str:
        return self._error.replace(b"\r", b"\n").decode(errors="replace")


def _pump(
    process: subprocess.Popen[bytes], collected: _Collected, progress: Progress, bounds: Bounds
) -> float | None:
    """Reads until both outputs end; gives the seconds of the broken bound, or 0 when cancelled."""
    started = heard = time.monotonic()
    with selectors.DefaultSelector() as selector:
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, pipe is process.stderr)
        while selector.get_map():
            ready = selector.select(_TICK)
            if progress.cancelled:
                return 0.0
            now = time.monotonic()
            for key, _ in ready:
                data = os.read(key.fd, 1 << 16)
                heard = now
                if data:
                    collected.add(is_error=bool(key.data), data=data)
                else:
                    selector.unregister(key.fileobj)
            if bounds.total is not None and now - started > bounds.total:
                return bounds.total
            if bounds.silence is not None and now - heard > bounds.silence:
                return bounds.silence
            if not ready and process.poll() is not None and now - heard > 1.0:
                return None  # a grandchild keeps the pipe open; the command itself has ended
    return None


def _signal_group(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
