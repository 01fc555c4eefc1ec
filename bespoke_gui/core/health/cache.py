"""Facts about images kept beside the project, so that only new and changed files are read."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from bespoke_gui.core.health.facts import ImageFacts, facts_from

FILE_NAME = "health.sqlite"
# Part of every key: raise it when facts are found in another way than before.
VERSION = 1
_TABLE = "CREATE TABLE IF NOT EXISTS facts (stamp TEXT PRIMARY KEY, data TEXT, cells BLOB)"


def stamp(path: Path, native: int) -> str:
    """Return what tells this state of a file from any other: path, time, length; "" if gone."""
    try:
        facts = path.stat()
    except OSError:
        return ""
    key = f"{VERSION}|{path}|{facts.st_mtime_ns}|{facts.st_size}|{native}"
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]


class FactsCache:
    """One file. It may be deleted at any time; where it cannot be used all images are read."""

    def __init__(self, folder: Path) -> None:
        self.path = Path(folder) / FILE_NAME

    def read(self, stamps: Mapping[str, str]) -> dict[str, ImageFacts]:
        """Return the facts of files that are as they were, by name. stamps: by name."""
        if not self.path.is_file():
            return {}
        names: dict[str, list[str]] = {}
        for name, key in stamps.items():
            names.setdefault(key, []).append(name)
        found: dict[str, ImageFacts] = {}
        try:
            with contextlib.closing(sqlite3.connect(self.path)) as database:
                for key, data, cells in database.execute("SELECT stamp, data, cells FROM facts"):
                    for name in names.get(key, ()):
                        found[name] = facts_from({**json.loads(data), "name": name}, cells)
        except (sqlite3.Error, ValueError, TypeError, LookupError):
            self._discard()
            return {}
        return found

    def write(self, stamps: Mapping[str, str], fresh: Iterable[ImageFacts]) -> None:
        """Keep new facts and drop those of files that are gone; a failure costs time, no more."""
        rows = [
            (stamps[facts.name], json.dumps(facts.as_dict()), facts.packed)
            for facts in fresh
            if stamps[facts.name]
        ]
        with contextlib.suppress(sqlite3.Error, OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(sqlite3.connect(self.path)) as database, database:
                database.execute(_TABLE)
                database.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", rows)
                kept = [(row[0],) for row in database.execute("SELECT stamp FROM facts")]
                gone = {key for (key,) in kept} - set(stamps.values())
                database.executemany("DELETE FROM facts WHERE stamp = ?", [(key,) for key in gone])

    def _discard(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink()
