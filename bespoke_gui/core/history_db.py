"""The history database: opened safely, moved aside when damaged, never made by reading."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bespoke_gui.core.errors import AppError, Problem

VERSION = 2
TABLES = {"texts", "snapshots", "entries", "versions", "reviews"}
CHECKED_UP_TO = 16_000_000  # bytes; a larger file is not read whole when it is opened
SCHEMA = """
CREATE TABLE IF NOT EXISTS texts (sha256 TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS snapshots (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created TEXT NOT NULL,
    note TEXT NOT NULL, automatic INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
    snapshot INTEGER NOT NULL REFERENCES snapshots(id) ON DELETE CASCADE,
    key TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL REFERENCES texts(sha256),
    PRIMARY KEY (snapshot, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS versions (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, created TEXT NOT NULL, source TEXT NOT NULL,
    text TEXT NOT NULL REFERENCES texts(sha256));
CREATE INDEX IF NOT EXISTS versions_by_key ON versions (key, id);
CREATE INDEX IF NOT EXISTS entries_by_text ON entries (text);
CREATE INDEX IF NOT EXISTS versions_by_text ON versions (text);
CREATE TABLE IF NOT EXISTS reviews (
    key TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL,
    changed TEXT NOT NULL, digest TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
"""
# What brings a file of each earlier version to the next one.
STEPS = {1: "ALTER TABLE reviews ADD COLUMN digest TEXT NOT NULL DEFAULT ''"}


class HistoryDatabase:
    """One connection to a history file; usable from several threads, one at a time.

    The file is made by the first write. A file that is no sound database is moved aside and
    told in `problems`; where the folder cannot be written `saved` is False and what is written
    lasts only as long as this object.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.saved = True
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        if path.exists():
            self._connection = self._open_file()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """Yield the connection, or None where there is no history yet."""
        with self._lock, self._translated():
            yield self._connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection inside one transaction: all of it is kept, or nothing."""
        with self._lock, self._translated():
            connection = self._connection or self._open_file()
            self._connection = connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file; a closed database opens again when it is written to."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _open_file(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return self._sound(self._connect(str(self.path)))
        except sqlite3.OperationalError as error:
            return self._in_memory(str(error))
        except sqlite3.DatabaseError:
            self._move_aside()
            return self._sound(self._connect(str(self.path)))
        except OSError as error:
            return self._in_memory(error.strerror or str(error))

    def _connect(self, target: str) -> sqlite3.Connection:
        return sqlite3.connect(target, timeout=10, isolation_level=None, check_same_thread=False)

    def _sound(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        """Prepare the connection; on any error it is closed, so that the file can be moved."""
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise AppError(
                "was written by a newer Bespoke", file=self.path, hint="update this Bespoke"
            )
        if version == 0:
            stamp = f"PRAGMA user_version = {VERSION};"
            connection.executescript(f"BEGIN IMMEDIATE;{SCHEMA}{stamp}COMMIT")
        elif self._size() <= CHECKED_UP_TO:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(found)
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        if not names >= TABLES:
            raise sqlite3.DatabaseError("tables are missing")
        if 0 < version < VERSION:
            self._bring_up_to_date(connection)

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        """Change the tables of an earlier version in one transaction: wholly or not at all."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another window may have done it since the version was read.
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            for step in range(version, VERSION):
                connection.execute(STEPS[step])
            connection.execute(f"PRAGMA user_version = {VERSION}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def _in_memory(self, reason: str) -> sqlite3.Connection:
        self.saved = False
        message = f"the history cannot be opened ({reason}); changes are not recorded"
        hint = "make the folder writable, or close the program that holds the file"
        self.problems.append(Problem("history_not_saved", "warning", message, str(self.path), hint))
        connection = self._connect(":memory:")
        connection.executescript(SCHEMA)
        return connection

    def _move_aside(self) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        aside = self.path.with_name(f"{self.path.stem}.damaged-{stamp}{self.path.suffix}")
        for tail in ("", "-wal", "-shm"):
            source = self.path.with_name(self.path.name + tail)
            if source.exists():
                source.replace(aside.with_name(aside.name + tail))
        message = f"the history was damaged and is kept as {aside.name}; a new one was begun"
        hint = "captions are not touched; snapshots made before are only in that file"
        self.problems.append(Problem("history_damaged", "warning", message, str(self.path), hint))

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            full = "full" in str(error)
            raise AppError(
                f"the history cannot be used: {error}",
                file=self.path,
                hint="free some space" if full else "close other programs, then open it again",
                kind="disk_full" if full else "bad_input",
            ) from error
