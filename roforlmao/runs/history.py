"""The history of runs; a run is written before and after each step, so that a crash leaves a truth."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import re
import secrets
import sqlite3
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from roforlmao.errors import NotFound
from roforlmao.models import Run, Sync, Verdict, as_json
from roforlmao.state import State
from roforlmao.transcript.logfile import parts

# Committed; a push that failed or was refused since then leaves it waiting.
_WAITS = (
    "json_extract(body, '$.sync.commit') != '' "
    "AND json_extract(body, '$.sync.state') IN ('committed', 'failed', 'refused')"
)


def new_id(now: dt.datetime) -> str:
    """A run id that sorts by time, also within a second: ``20261122-031500-1f3a7c``."""
    part = now.microsecond * 0x10000 // 1_000_000
    return f"{now:%Y%m%d-%H%M%S}-{part:04x}{secrets.token_hex(1)}"


def is_run_id(text: str) -> bool:
    """Whether ``new_id`` makes such ids, or made them when they were two digits shorter."""
    return re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{4}(?:[0-9a-f]{2})?", text, re.ASCII) is not None


class History:
    """Runs of one home. An unfinished run carries its owner: the launcher at work on it."""

    def __init__(self, state: State) -> None:
        self._state = state

    def save(self, run: Run, *, finished: bool) -> None:
        with self._state.write() as connection:
            write(connection, run, finished=finished)

    def get(self, run_id: str) -> Run:
        """Errors: NotFound."""
        run = self.find(run_id)
        if run is None:
            raise NotFound(f"There is no run '{run_id}'.", "`run list` shows them.")
        return run

    def find(self, run_id: str) -> Run | None:
        """The run, or None where it is forgotten."""
        with self._state.read() as connection:
            row = connection.execute("SELECT body FROM runs WHERE id = ?", (run_id,)).fetchone()
        return None if row is None else _decode(row[0])

    def break_off(self, run_id: str, reason: str = "") -> None:
        """Closes a run that an error ended before the tool did."""
        run = self.get(run_id)
        if run.state == "running":
            run = dataclasses.replace(run, state="failed", sync=Sync("skipped", reason=reason))
        self.save(run, finished=True)

    def newest(self, tool: str = "", limit: int = 50) -> list[Run]:
        """Newest first."""
        with self._state.read() as connection:
            rows = connection.execute(
                "SELECT body FROM runs WHERE ?1 = '' OR tool = ?1 ORDER BY id DESC LIMIT ?2", (tool, limit)
            ).fetchall()
        return [_decode(row[0]) for row in rows]

    def unpushed(self) -> int:
        """How many runs are committed and wait to be pushed."""
        with self._state.read() as connection:
            row = connection.execute(f"SELECT COUNT(*) FROM runs WHERE {_WAITS}").fetchone()  # noqa: S608 (a constant)
        return int(row[0])

    def waiting(self) -> list[Run]:
        """Those runs, the oldest first."""
        with self._state.read() as connection:
            rows = connection.execute(f"SELECT body FROM runs WHERE {_WAITS} ORDER BY id").fetchall()  # noqa: S608 (a constant)
        return [_decode(row[0]) for row in rows]

    def recover(self, still_running: Collection[str] = ()) -> list[Run]:
        """Closes runs whose launcher died: in mid-run they are lost, in mid-sync the sync failed.

        Those in ``still_running`` outlived it, as a container does, and stay open.
        """
        with self._state.read() as connection:
            rows = connection.execute("SELECT body, owner FROM runs WHERE owner IS NOT NULL").fetchall()
        orphans = [_decode(body) for body, owner in rows if not is_alive(owner)]
        recovered = [closed(run) for run in orphans if run.id not in still_running]
        for run in recovered:
            self.save(run, finished=True)
        return recovered

    def prune(self, keep: int, before: str = "") -> int:
        """Forgets all but the newest ``keep`` runs, and those with ids below ``before``; with their logs.

        What waits to be pushed is kept. Returns how many were forgotten.
        """
        forgotten = self._oldest(keep, before)
        for run in forgotten:
            for part in parts(Path(run.log)) if run.log else ():
                part.unlink(missing_ok=True)
            with self._state.write() as connection:
                connection.execute("DELETE FROM runs WHERE id = ?", (run.id,))
        return len(forgotten)

    def open_logs(self) -> set[Path]:
        """The logs of runs that somebody is at work on."""
        with self._state.read() as connection:
            rows = connection.execute("SELECT body FROM runs WHERE owner IS NOT NULL").fetchall()
        return {Path(_decode(row[0]).log) for row in rows}

    def _oldest(self, keep: int, before: str) -> list[Run]:
        last_kept = "SELECT id FROM runs WHERE owner IS NULL ORDER BY id DESC LIMIT 1 OFFSET ?"
        with self._state.read() as connection:
            rows = connection.execute(
                f"SELECT body FROM runs WHERE id < MAX(?, COALESCE(({last_kept}), '')) "  # noqa: S608 (constants)
                f"AND owner IS NULL AND ({_WAITS}) IS NOT TRUE",
                (before, keep - 1),
            ).fetchall()
        return [_decode(row[0]) for row in rows]


def write(connection: sqlite3.Connection, run: Run, *, finished: bool) -> None:
    """Saves a run in a transaction of the caller's."""
    owner = None if finished else this_process()
    connection.execute(
        "INSERT OR REPLACE INTO runs (id, tool, body, owner) VALUES (?, ?, ?, ?)",
        (run.id, run.tool, json.dumps(as_json(run)), owner),
    )


def resynced(connection: sqlite3.Connection, run_id: str, commit: str, changes: Mapping[str, Any]) -> None:
    """Says of a run, if it is closed, how the sync of that commit went on."""
    connection.execute(
        "UPDATE runs SET body = json_patch(body, ?) "
        "WHERE id = ? AND owner IS NULL AND json_extract(body, '$.sync.commit') = ?",
        (json.dumps({"sync": dict(changes)}), run_id, commit),
    )


def closed(run: Run) -> Run:
    """What the history says of a run whose launcher died, as far as it had come."""
    if run.state == "running":
        return dataclasses.replace(
            run, state="lost", sync=Sync("skipped", reason="the launcher ended in the middle of the run")
        )
    if run.state != "succeeded":
        return run
    reason = f"the launcher ended before the sync did; `run sync {run.id}` finishes it"
    return dataclasses.replace(run, sync=Sync("failed", run.sync.commit if run.sync else "", reason=reason))


def _decode(body: str) -> Run:
    fields: dict[str, Any] = json.loads(body)
    fields["args"] = tuple(fields["args"])
    fields["triggered_by"] = tuple(fields.get("triggered_by", ()))
    fields["verdict"] = Verdict(**fields["verdict"]) if fields["verdict"] else None
    fields["sync"] = Sync(**fields["sync"]) if fields["sync"] else None
    return Run(**fields)


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def this_process() -> str:
    """The owner of what this launcher does: boot, pid and start time as JSON."""
    return _owner(os.getpid())


@cache
def _owner(pid: int) -> str:
    import psutil

    return json.dumps([_boot(), pid, psutil.Process(pid).create_time()])


def is_alive(owner: str) -> bool:
    """Whether that very process still runs: same boot, same pid, same start; a zombie does not."""
    import psutil

    boot, pid, started = json.loads(owner)
    try:
        process = psutil.Process(pid)
        same = boot == _boot() and abs(process.create_time() - started) < 1
        return bool(same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
