"""History of captions: named states of the whole set, past texts and review of each caption."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.history_db import HistoryDatabase

STATES = ("todo", "accepted", "needs_work")


@dataclass(frozen=True)
class Snapshot:
    """A named state of all captions; `created` is ISO 8601 in UTC, `count` the captions in it."""

    name: str
    created: str
    count: int
    automatic: bool
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the snapshot as the command line prints it."""
        return asdict(self)


@dataclass(frozen=True)
class Version:
    """One past text of a caption; `source` says what wrote it ("edit", "rules: NAME" ...)."""

    text: str
    created: str
    source: str


@dataclass(frozen=True)
class Review:
    """What a person decided about a caption.

    `digest` is that of the text that was looked at, empty where that is not known.
    """

    state: str = "todo"
    note: str = ""
    digest: str = ""

    def state_for(self, digest: str) -> str:
        """Return the state for a text: one edited since it was accepted is to do again."""
        edited = self.state == "accepted" and self.digest not in ("", digest)
        return "todo" if edited else self.state


class History:
    """The history of one project or dataset folder, in `.bespoke/history.sqlite`.

    Captions are told apart by their path without suffix, so that "a.png" and "a.txt" are the
    same caption. Texts are kept once each, however many snapshots hold them. Deleting the file
    loses history, never a caption. Methods raise AppError when the database cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.path = Path(folder) / ".bespoke" / "history.sqlite"
        self._db = HistoryDatabase(self.path)

    @property
    def problems(self) -> list[Problem]:
        """What was wrong with the file when it was opened."""
        return self._db.problems

    @property
    def saved(self) -> bool:
        """Whether what is written here lasts longer than this object."""
        return self._db.saved

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> History:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def snapshot(
        self,
        name: str,
        captions: Mapping[str, str | None],
        note: str = "",
        automatic: bool = False,
    ) -> Snapshot:
        """Keep the state of all captions; missing ones (None) are left out.

        An automatic snapshot whose name is taken gets a number; for a named one that is an
        AppError (kind "usage").
        """
        name = name.strip()
        if not name:
            raise AppError("a snapshot needs a name", kind="usage")
        created = _now()
        kept = {key: text for key, text in captions.items() if text is not None}
        with self._db.writing() as db:
            if not self.saved:
                raise AppError("no snapshot can be kept here", file=self.path, hint=_hint(self))
            name = self._free_name(db, name, automatic)
            row = (name, created, note, int(automatic))
            insert = "INSERT INTO snapshots (name, created, note, automatic) VALUES (?, ?, ?, ?)"
            identity = db.execute(insert, row).lastrowid
            rows = [(identity, _key(n), n, _store(db, text)) for n, text in kept.items()]
            db.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", rows)
            count = db.execute("SELECT COUNT(*) FROM entries WHERE snapshot = ?", [identity])
            return Snapshot(name, created, count.fetchone()[0], automatic, note)

    def snapshots(self) -> list[Snapshot]:
        """Return all snapshots, the newest first."""
        query = """SELECT name, created, automatic, note,
            (SELECT COUNT(*) FROM entries WHERE snapshot = snapshots.id)
            FROM snapshots ORDER BY id DESC"""
        with self._db.reading() as db:
            rows = db.execute(query).fetchall() if db else []
        return [Snapshot(row[0], row[1], row[4], bool(row[2]), row[3]) for row in rows]

    def load(self, name: str, names: Iterable[str] = ()) -> dict[str, str]:
        """Return the texts of a snapshot; `names` of today's captions take over their keys.

        Raises AppError (kind "usage") when there is no such snapshot.
        """
        today: dict[str, str] = {_key(current): current for current in names}
        query = """SELECT entries.key, entries.name, body FROM entries
            JOIN texts ON texts.sha256 = entries.text
            WHERE snapshot = ? ORDER BY entries.key"""
        with self._db.reading() as db:
            identity = self._find(db, name)
            rows = db.execute(query, [identity]).fetchall() if db else []
        return {today.get(str(key), str(old)): _text(body) for key, old, body in rows}

    def delete(self, name: str) -> None:
        """Remove one snapshot and the texts that nothing else holds."""
        with self._db.writing() as db:
            db.execute("DELETE FROM snapshots WHERE id = ?", [self._find(db, name)])
            db.execute(
                """DELETE FROM texts WHERE NOT EXISTS
                (SELECT 1 FROM entries WHERE entries.text = texts.sha256) AND NOT EXISTS
                (SELECT 1 FROM versions WHERE versions.text = texts.sha256)"""
            )

    def rename(self, name: str, new: str) -> None:
        """Give a snapshot another name; AppError (kind "usage") when that is empty or taken."""
        new = new.strip()
        if not new:
            raise AppError("a snapshot needs a name", kind="usage")
        with self._db.writing() as db:
            identity = self._find(db, name)
            if new != name:
                self._free_name(db, new, automatic=False)
            # A name that a person gave is one to keep: it is automatic no longer.
            query = "UPDATE snapshots SET name = ?, automatic = 0 WHERE id = ?"
            db.execute(query, (new, identity))

    def annotate(self, name: str, note: str) -> None:
        """Give a snapshot a note in place of the one it has."""
        with self._db.writing() as db:
            query = "UPDATE snapshots SET note = ? WHERE id = ?"
            db.execute(query, (note.strip(), self._find(db, name)))

    def record(self, name: str, text: str, source: str = "edit") -> bool:
        """Add a text to the history of one caption; the text it already has last is not added."""
        return self.record_all({name: text}, source) == 1

    def record_all(self, texts: Mapping[str, str], source: str = "edit") -> int:
        """Add a text to the history of each caption in one go; return how many were new."""
        return self.record_rows((name, text, source) for name, text in texts.items())

    def record_rows(self, rows: Iterable[tuple[str, str, str]]) -> int:
        """Add (name, text, source) in this order, all or none; return how many were new."""
        with self._db.writing() as db:
            return sum(_add_version(db, _key(name), text, source) for name, text, source in rows)

    def move_texts(self, name: str, new: str) -> None:
        """Let the past texts of one name follow to another, behind those that has already."""
        with self._db.writing() as db:
            query = "UPDATE versions SET key = ? WHERE key = ?"
            db.execute(query, (_key(new), _key(name)))

    def texts(self, name: str) -> list[Version]:
        """Return the past texts of one caption, the newest first."""
        query = """SELECT body, created, source FROM versions
            JOIN texts ON sha256 = text WHERE key = ? ORDER BY id DESC"""
        with self._db.reading() as db:
            rows = db.execute(query, [_key(name)]).fetchall() if db else []
        return [Version(_text(row[0]), row[1], row[2]) for row in rows]

    def timeline(self, name: str) -> list[Version]:
        """Return every past text of one caption, in its own history or a snapshot, newest first.

        Of equal texts that follow each other the oldest is kept; the source of a text that a
        snapshot holds is "snapshot: NAME".
        """
        query = """SELECT body, created, source FROM (
                SELECT id, 0 AS kind, text, created, source FROM versions WHERE key = :key
                UNION ALL
                SELECT id, 1, text, created, 'snapshot: ' || snapshots.name
                FROM entries JOIN snapshots ON id = snapshot WHERE key = :key)
            JOIN texts ON sha256 = text ORDER BY created, kind, id"""
        with self._db.reading() as db:
            rows = db.execute(query, {"key": _key(name)}).fetchall() if db else []
        result: list[Version] = []
        for body, created, source in rows:
            text = _text(body)
            if not result or result[-1].text != text:
                result.append(Version(text, created, source))
        return result[::-1]

    def review(self, name: str) -> Review:
        """Return what was decided about one caption ("todo" when nothing was)."""
        query = "SELECT state, note, digest FROM reviews WHERE key = ?"
        with self._db.reading() as db:
            row = db.execute(query, [_key(name)]).fetchone() if db else None
        return Review(*row) if row else Review()

    def reviews(self, names: Iterable[str] = ()) -> dict[str, Review]:
        """Return all decisions; `names` of today's captions take over their keys."""
        today: dict[str, str] = {_key(current): current for current in names}
        with self._db.reading() as db:
            query = "SELECT key, name, state, note, digest FROM reviews ORDER BY key"
            rows = db.execute(query).fetchall() if db else []
        return {today.get(str(key), str(name)): Review(*review) for key, name, *review in rows}

    def set_review(self, name: str, state: str, note: str = "", text: str | None = None) -> None:
        """Keep a decision: "todo", "accepted" or "needs_work", with a note.

        `text` is what was looked at: when the caption becomes another, "accepted" ends.
        """
        digest = "" if text is None else text_digest(text)
        self.set_reviews({name: Review(state, note, digest)})

    def set_reviews(self, reviews: Mapping[str, Review]) -> None:
        """Keep decisions about several captions in one go. Raises AppError for unknown states."""
        for review in reviews.values():
            if review.state not in STATES:
                hint = f"choose one of: {', '.join(STATES)}"
                raise AppError(f"{review.state!r} is no review state", hint=hint, kind="usage")
        now = _now()
        rows = [(_key(n), n, r.state, r.note, now, r.digest) for n, r in reviews.items()]
        insert = """INSERT OR REPLACE INTO reviews (key, name, state, note, changed, digest)
            VALUES (?, ?, ?, ?, ?, ?)"""
        with self._db.writing() as db:
            db.executemany(insert, rows)

    def _find(self, db: sqlite3.Connection | None, name: str) -> int:
        query = "SELECT id FROM snapshots WHERE name = ?"
        row = db.execute(query, [name]).fetchone() if db else None
        if row is None:
            known = [snapshot.name for snapshot in self.snapshots()]
            hint = f"there are: {', '.join(known[:8])}" if known else "make one first"
            raise AppError(f"there is no snapshot {name!r}", hint=hint, kind="usage")
        return row[0]

    def _free_name(self, db: sqlite3.Connection, name: str, automatic: bool) -> str:
        taken = {row[0] for row in db.execute("SELECT name FROM snapshots")}
        if name not in taken:
            return name
        if not automatic:
            hint = "choose another name, or delete that one first"
            raise AppError(f"there is already a snapshot {name!r}", hint=hint, kind="usage")
        numbered = (f"{name} ({number})" for number in range(2, len(taken) + 3))
        return next(candidate for candidate in numbered if candidate not in taken)


def automatic_name(before: str) -> str:
    """Return the name of an automatic snapshot, as "2026-11-22 23:55:01 before rules: hats"."""
    return f"{datetime.now().strftime('%Y-%m-%d %H:%M:%S')} before {before}"


def _add_version(db: sqlite3.Connection, key: str, text: str, source: str) -> bool:
    last = "SELECT text FROM versions WHERE key = ? ORDER BY id DESC LIMIT 1"
    row = db.execute(last, [key]).fetchone()
    digest = _store(db, text)
    if row is not None and row[0] == digest:
        return False
    insert = "INSERT INTO versions (key, created, source, text) VALUES (?, ?, ?, ?)"
    db.execute(insert, (key, _now(), source, digest))
    return True


def text_digest(text: str) -> str:
    """Return the SHA-256 by which a text is kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _store(db: sqlite3.Connection, text: str) -> str:
    body = text.encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(body).hexdigest()
    db.execute("INSERT OR IGNORE INTO texts VALUES (?, ?)", (digest, body))
    return digest


def _text(body: bytes) -> str:
    return body.decode("utf-8", "surrogatepass")


def _key(name: str) -> str:
    return PurePosixPath(name).with_suffix("").as_posix()


def _now() -> str:
    # Two writes of one moment must keep their order.
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _hint(history: History) -> str:
    return "; ".join(problem.message for problem in history.problems)
