"""The operator's own database: runs, notices, answers and jobs (SQLite, one file a home)."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from roforlmao import statefile
from roforlmao.errors import StorageFailed
from roforlmao.paths import make_directory

_RUNS = (
    """CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        tool TEXT NOT NULL,
        body TEXT NOT NULL,                -- the run as JSON
        owner TEXT                         -- the launcher at work on it, NULL once it is finished
    )""",
    "CREATE INDEX runs_of_tool ON runs (tool, id)",
    """CREATE TABLE notices (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        acknowledged INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE TABLE answers (question TEXT PRIMARY KEY, answer TEXT NOT NULL)",
)
_JOBS = (
    """CREATE TABLE jobs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        tool TEXT NOT NULL,
        body TEXT NOT NULL,                -- command, arguments, rule, hub and sync as JSON
        state TEXT NOT NULL,               -- active, paused, stopped
        created INTEGER NOT NULL,          -- instants here are seconds since the epoch
        next_at INTEGER,                   -- the next slot, NULL where there is none
        failures INTEGER NOT NULL DEFAULT 0,
        missed INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE INDEX jobs_by_time ON jobs (state, next_at)",
    """CREATE TABLE slots (
        job INTEGER NOT NULL REFERENCES jobs (id),
        scheduled_for INTEGER NOT NULL,
        tool TEXT NOT NULL,
        state TEXT NOT NULL,               -- queued, running, missed, skipped, or how the run ended
        not_before INTEGER NOT NULL DEFAULT 0,
        owner TEXT,                        -- the launcher at work on it, NULL unless it is running
        started INTEGER,
        finished INTEGER,
        run TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '',
        UNIQUE (job, scheduled_for)        -- a slot is claimed once, whatever the clock does
    )""",
    "CREATE INDEX slots_open ON slots (state) WHERE state IN ('queued', 'running')",
    "CREATE UNIQUE INDEX one_running_of_a_tool ON slots (tool) WHERE state = 'running'",
)
# SQLite cannot change a constraint: the table is made anew.
_CAUSES = (
    """CREATE TABLE slots_by_cause (
        job INTEGER NOT NULL REFERENCES jobs (id),
        scheduled_for INTEGER NOT NULL,
        cause TEXT NOT NULL DEFAULT '',    -- '' the rule, 'now' the operator, else what happened
        tool TEXT NOT NULL,
        state TEXT NOT NULL,               -- asking, queued, running, missed, skipped, or how the run ended
        not_before INTEGER NOT NULL DEFAULT 0,
        owner TEXT,                        -- the launcher at work on it, NULL unless it is running
        started INTEGER,
        finished INTEGER,
        run TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '',
        earlier TEXT NOT NULL DEFAULT '[]', -- tries that failed before: [[started, state, run, reason]]
        cancel INTEGER NOT NULL DEFAULT 0, -- 1: the operator wants it to end
        UNIQUE (job, scheduled_for, cause) -- a slot is claimed once, whatever the clock does
    )""",
    """INSERT INTO slots_by_cause
        (job, scheduled_for, tool, state, not_before, owner, started, finished, run, reason)
        SELECT job, scheduled_for, tool, state, not_before, owner, started, finished, run, reason
        FROM slots""",
    "DROP TABLE slots",
    "ALTER TABLE slots_by_cause RENAME TO slots",
    "CREATE INDEX slots_open ON slots (state) WHERE state IN ('asking', 'queued', 'running')",
    "CREATE UNIQUE INDEX one_running_of_a_tool ON slots (tool) WHERE state = 'running'",
    "CREATE INDEX slots_by_time ON slots (scheduled_for)",
    "CREATE UNIQUE INDEX once_for_what_happened ON slots (job, cause) WHERE cause NOT IN ('', 'now')",
    """CREATE TABLE listeners (              -- what a launcher does by itself
        name TEXT PRIMARY KEY,
        next_at INTEGER,
        last_at INTEGER,
        outcome TEXT NOT NULL DEFAULT ''
    )""",
)
_TRIGGERS = (
    """CREATE TABLE triggers (               -- what sources of event jobs were heard to have
        job INTEGER NOT NULL REFERENCES jobs (id),
        source TEXT NOT NULL,              -- a dataset, or a hub's operator; '' with mark '': listening began
        mark TEXT NOT NULL,                -- the commit; the day where none is told
        slot INTEGER,                      -- scheduled_for of the slot that it calls for, NULL: known before
        body TEXT NOT NULL,                -- where to get it, as JSON
        PRIMARY KEY (job, source, mark)    -- each commit counts once
    )""",
    "CREATE INDEX triggers_of_slot ON triggers (job, slot) WHERE slot IS NOT NULL",
)
_HANDED = (
    """CREATE TABLE handed (                 -- how far each target of notifications has come
        target TEXT PRIMARY KEY,
        upto INTEGER NOT NULL,             -- the newest notice that it has, or was not meant for it
        failures INTEGER NOT NULL DEFAULT 0,
        not_before REAL NOT NULL DEFAULT 0 -- seconds since the epoch
    )""",
)
_MARKS = (
    """CREATE TABLE marks (                  -- operators' words on the runs of a series
        series TEXT PRIMARY KEY,
        body TEXT NOT NULL,                -- the hub, and the marks by run, as JSON
        told INTEGER NOT NULL              -- 1: the registry need not be told (any more)
    )""",
)
_OUTBOX = (
    """CREATE TABLE outbox (                 -- what the registry is to be told once it answers, in this order
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,                  -- since when it waits
        body TEXT NOT NULL                 -- the letter as JSON
    )""",
)
_MIGRATIONS = (_RUNS, _JOBS, _CAUSES, _TRIGGERS, _HANDED, _MARKS, _OUTBOX)  # the n-th leads to version n
_VERSION = len(_MIGRATIONS)
_CONNECTIONS = itertools.count(1)  # what SQLite counts is counted by each connection for itself


class State:
    """Opens lazily; its one connection serves one thread at a time. Errors: StorageFailed.

    A damaged file is kept aside and a new one made; ``restore`` then puts back what is known from
    elsewhere, given the name of the file aside and what was wrong. It is also called where the file is
    empty though ``jobs_copy`` knows of jobs.
    """

    def __init__(self, path: Path, restore: Callable[[State, str, str], None] | None = None) -> None:
        self._path = path
        self._restore = restore
        self._inode = 0
        self._number = 0
        self._suspect = False
        self._lock = threading.RLock()
        self._opened: sqlite3.Connection | None = None

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock from its begin."""
        with self.read() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection for single statements."""
        with self._lock:
            try:
                yield self._connection()
            except sqlite3.Error as error:
                if statefile.is_damage(error):
                    self._suspect = True
                    self.close()  # the next use finds it out, and makes a new one
                raise self._failed(error) from error

    def version(self) -> tuple[int, ...]:
        """Another one after every change, whichever launcher made it."""
        with self.read() as connection:
            others = connection.execute("PRAGMA data_version").fetchone()[0]
            return self._number, others, connection.total_changes

    @property
    def jobs_copy(self) -> Path:
        """Where the jobs are written a second time, for when this file is damaged."""
        return self._path.with_name("jobs.json")

    def remembered(self, question: str) -> str:
        """The last answer to a question, or an empty text."""
        with self.read() as connection:
            row = connection.execute("SELECT answer FROM answers WHERE question = ?", (question,)).fetchone()
        return str(row[0]) if row else ""

    def remember(self, question: str, answer: str) -> None:
        with self.write() as connection:
            connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (question, answer))

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _connection(self) -> sqlite3.Connection:
        if self._opened is not None and self._inode != statefile.inode(self._path):
            self.close()  # another launcher put it aside
        if self._opened is None:
            make_directory(self._path.parent)
            self._opened = self._open()
            self._inode = statefile.inode(self._path)
            self._number = next(_CONNECTIONS)
            self._fill_anew()
        return self._opened

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if not statefile.is_damage(error):
                raise
            statefile.put_aside(self._path, error)
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        opened = sqlite3.connect(self._path, timeout=10, isolation_level=None, check_same_thread=False)
        try:
            if self._suspect or statefile.is_small(self._path):
                statefile.check(opened)
            self._prepare(opened)
        except BaseException:
            opened.close()
            raise
        return opened

    def _fill_anew(self) -> None:
        wanted = statefile.unrestored(self._path)
        if wanted is not None and self._restore is not None:
            self._restore(self, *wanted)
            statefile.restored(self._path)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if self._version(connection) < _VERSION:
            connection.execute("BEGIN IMMEDIATE")
            version = self._version(connection)  # another launcher may have done it meanwhile
            if version == 0 and self.jobs_copy.exists() and statefile.unrestored(self._path) is None:
                statefile.mark_lost(self._path)
            for statements in _MIGRATIONS[version:]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {max(version, _VERSION)}")
            connection.execute("COMMIT")
        if self._version(connection) > _VERSION:
            raise StorageFailed(
                f"{self._path} was written by a newer launcher.", "Update this one, or use another --home."
            )

    @staticmethod
    def _version(connection: sqlite3.Connection) -> int:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])

    def _failed(self, error: sqlite3.Error) -> StorageFailed:
        if "readonly" in str(error) or "unable to open" in str(error):
            hint = "Check that you may write there and that the file system is not read-only."
        elif "full" in str(error):
            hint = "Free some space there, then try again."
        elif isinstance(error, sqlite3.OperationalError):
            hint = "Try again; `doctor` looks at the disk."
        else:
            hint = "Try again: it is then kept aside and made anew from what is known elsewhere."
        return StorageFailed(f"Cannot use {self._path}: {error}.", hint)
