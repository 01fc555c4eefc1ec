"""History that follows a renamed image: past texts, review and snapshots, and back again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from bespoke_gui.core.history_db import HistoryDatabase

TABLE = "CREATE TABLE IF NOT EXISTS pair_moves (id TEXT PRIMARY KEY, moved TEXT NOT NULL)"


# Old and new first part of names ("" for none), and first parts that belong to other folders.
FolderMove = tuple[str, str, list[str]]


def follow(
    home: Path,
    identity: str,
    keys: Iterable[tuple[str, str]],
    folders: Iterable[FolderMove] = (),
) -> None:
    """Give the history of each old name to its new one, once for each `identity`.

    folders: for all names in a folder at once. What the new name had left from an earlier image
    stays with it, except its review and its place in a snapshot that holds both. Nothing happens
    where there is no history. AppError.
    """

    def work(db: sqlite3.Connection) -> None:
        if db.execute("SELECT 1 FROM pair_moves WHERE id = ?", [identity]).fetchone():
            return
        moved: list[Any] = [_move(db, old, new) for old, new in keys]
        for move in folders:
            _move_folder(db, *move)
            moved.append(list(move))
        db.execute("INSERT INTO pair_moves VALUES (?, ?)", [identity, json.dumps(moved)])

    _in_history(home, work)


def followed_back(home: Path, identity: str) -> None:
    """Undo what `follow` did under this identity; what was written since comes along. AppError."""

    def work(db: sqlite3.Connection) -> None:
        query = "SELECT moved FROM pair_moves WHERE id = ?"
        row = db.execute(query, [identity]).fetchone()
        for move in reversed(json.loads(row[0]) if row else []):
            if isinstance(move, dict):
                _move_back(db, move)
            else:
                _move_folder(db, move[1], move[0], [])
        db.execute("DELETE FROM pair_moves WHERE id = ?", [identity])

    _in_history(home, work)


def _in_history(home: Path, work: Callable[[sqlite3.Connection], None]) -> None:
    """Do all of `work` in the history or nothing of it; nothing where there is no history."""
    path = home / ".bespoke" / "history.sqlite"
    if not path.exists():
        return
    database = HistoryDatabase(path)
    try:
        with database.writing() as db:
            db.execute(TABLE)
            work(db)
    finally:
        database.close()


def _move(db: sqlite3.Connection, old: str, new: str) -> dict[str, Any]:
    """Move all rows of one name; return what was under the new one before, and stays there."""
    old_key, new_key = _key(old), _key(new)
    stayed = {
        "old": old,
        "new": new,
        "versions": _column(db, "SELECT id FROM versions WHERE key = ?", new_key),
        "snapshots": _column(db, "SELECT snapshot FROM entries WHERE key = ?", new_key),
        "review": _review(db, new_key),
    }
    _set_all(db, old_key, new_key, stayed)
    return stayed


def _move_back(db: sqlite3.Connection, stayed: dict[str, Any]) -> None:
    """Move back what came with the rename and since; what was there before it stays."""
    new_key = _key(stayed["new"])
    _set_all(db, new_key, _key(stayed["old"]), stayed)
    if stayed["review"]:
        _set_review(db, stayed["review"])


def _move_folder(db: sqlite3.Connection, old: str, new: str, others: list[str]) -> None:
    """Give names below `old` another first part; those of other folders stay as they are."""
    cut, head = (f"{old}/" if old else ""), (f"{new}/" if new else "")
    where = "substr(key, 1, :length) = :cut"
    values: dict[str, Any] = {"cut": cut, "length": len(cut), "from": len(cut) + 1, "head": head}
    for number, other in enumerate(others):
        where += f" AND substr(key, 1, {len(other) + 1}) != :other{number}"
        values[f"other{number}"] = f"{other}/"
    key = "key = :head || substr(key, :from)"
    name = "name = :head || substr(name, :from)"
    db.execute(f"UPDATE versions SET {key} WHERE {where}", values)
    db.execute(f"UPDATE OR IGNORE entries SET {key}, {name} WHERE {where}", values)
    db.execute(f"UPDATE OR IGNORE reviews SET {key}, {name} WHERE {where}", values)


def _set_all(db: sqlite3.Connection, key: str, target: str, stayed: dict[str, Any]) -> None:
    """Give all rows of `key` the key `target`, except those that stay; names keep their suffix."""
    wanted = "SELECT id FROM versions WHERE key = ?"
    versions = [i for i in _column(db, wanted, key) if i not in set(stayed["versions"])]
    db.executemany("UPDATE versions SET key = ? WHERE id = ?", [(target, i) for i in versions])
    held = db.execute("SELECT snapshot, name FROM entries WHERE key = ?", [key]).fetchall()
    kept = set(stayed["snapshots"])
    rows = [(target, _named(target, name), s, key) for s, name in held if s not in kept]
    db.executemany("UPDATE entries SET key = ?, name = ? WHERE snapshot = ? AND key = ?", rows)
    review = _review(db, key)
    db.execute("DELETE FROM reviews WHERE key IN (?, ?)", [key, target])
    if review:
        _set_review(db, [target, _named(target, review[1]), *review[2:]])


def _column(db: sqlite3.Connection, query: str, key: str) -> list[int]:
    return [row[0] for row in db.execute(query, [key])]


def _review(db: sqlite3.Connection, key: str) -> list[Any] | None:
    """Return the whole row, whatever columns there are: key and name come first."""
    row = db.execute("SELECT * FROM reviews WHERE key = ?", [key]).fetchone()
    return list(row) if row else None


def _set_review(db: sqlite3.Connection, row: list[Any]) -> None:
    places = ", ".join("?" * len(row))
    db.execute(f"INSERT OR REPLACE INTO reviews VALUES ({places})", row)


def _named(key: str, old: str) -> str:
    return key + PurePosixPath(old).suffix


def _key(name: str) -> str:
    return PurePosixPath(name).with_suffix("").as_posix()
