"""Journal: unsaved caption texts on disk as they are typed, so that a kill loses nothing typed.

One JSON line is appended for each change, of the changed captions only, so that the work does not
grow with the set. Every opening of a project writes a file of its own, so that two windows never
write into one. What was left over lies in another file until a person has decided about it.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core import atomic
from bespoke_gui.core.errors import AppError

COMPACT_ABOVE = 1_000_000  # bytes, and only when most of them are outdated
KEPT_DISCARDED = 5_000_000


@dataclass(frozen=True)
class Entry:
    """An unsaved text and the digest of the file it was typed over (None: no file)."""

    text: str
    digest: str | None


@dataclass(frozen=True)
class Record:
    """One line of the journal: the newest `number` of a caption counts; no entry: it is saved."""

    number: int
    name: str
    entry: Entry | None

    def line(self) -> str:
        """Return the record as it lies in the file."""
        entry = self.entry
        data: dict[str, Any] = {"n": self.number, "name": self.name}
        data |= {"text": entry.text, "digest": entry.digest} if entry else {"saved": True}
        return json.dumps(data) + "\n"


class Journal:
    """The unsaved captions of one project. Records may be written from any thread in any order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / f"captions-{os.getpid()}-{uuid.uuid4().hex[:8]}.jsonl"
        self._left = folder / "left_over.jsonl"
        self._discarded = folder / "discarded.jsonl"
        self._lock = threading.Lock()
        self._live: dict[str, Record] = {}
        self._unsaved: set[str] = set()
        self._number = 0
        self._grown = 0
        self._is_synced = True

    def read(self) -> dict[str, Entry]:
        """Return what was unsaved when the project was last open; empty when all was saved.

        Lines that cannot be read are passed over; a copy of such a file is kept beside it.
        """
        entries: dict[str, Entry] = {}
        for path in self._files():
            entries |= self._read(path)
        return entries

    def begin(self, left_over: Mapping[str, Entry], gone: Mapping[str, Entry]) -> None:
        """Start anew: `left_over` is kept until `decided`, `gone` put aside, all else was saved.

        Raises AppError or OSError when the folder cannot be written; nothing is lost then.
        """
        files, entries = self._files(), dict[str, Entry]()
        for path in files:
            newer = self._read(path)
            self.keep_aside({name: entries[name] for name in entries.keys() & newer.keys()})
            entries |= newer
        self.keep_aside(gone)
        if left_over:
            self._write_anew(self._left, _records(left_over))
        for path in files:
            if path != self._left or not left_over:
                path.unlink(missing_ok=True)

    def decided(self, discarded: Mapping[str, Entry]) -> None:
        """Forget what was left over; texts nobody wanted go to a file of their own for a while."""
        self.keep_aside(discarded)
        self._left.unlink(missing_ok=True)

    def note(self, entries: Mapping[str, Entry | None]) -> list[Record]:
        """Take over texts (None: it is saved now); what is returned goes to `write`. No file work.

        Captions that are saved and were not noted before need no record.
        """
        records = []
        for name, entry in entries.items():
            if entry is None and name not in self._live:
                continue
            self._number += 1
            records.append(Record(self._number, name, entry))
            (self._unsaved.add if entry else self._unsaved.discard)(name)
        self._live.update({record.name: record for record in records})
        return records

    def write(self, records: Iterable[Record]) -> None:
        """Append records that are still the newest. Raises OSError or AppError."""
        with self._lock:
            if not self._unsaved:
                self._live.clear()
                self.path.unlink(missing_ok=True)
                return
            lines = "".join(r.line() for r in records if self._live.get(r.name) is r)
            if lines:
                self._append(self.path, lines)
                self._grown += len(lines)
                self._is_synced = False

    def sync(self) -> None:
        """Have all that was written survive a power cut too; drop what is outdated."""
        with self._lock, contextlib.suppress(OSError, AppError):
            if not self._is_synced:
                self._is_synced = True
                self._compact()
                with self.path.open("rb") as file:
                    os.fsync(file.fileno())

    def _files(self) -> list[Path]:
        """Return what was left over, then the files of all openings, the oldest first."""
        found = self._folder.glob("captions-*[0-9a-f].jsonl")
        by_age = sorted((path.stat().st_mtime_ns, path) for path in found)
        return [*([self._left] if self._left.exists() else []), *(path for _, path in by_age)]

    def _append(self, path: Path, lines: str) -> None:
        data = lines.encode("ascii")
        try:
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "ab", buffering=0) as file:
            # A line that an earlier process could not finish must not spoil this one.
            file.write(b"\n" + data)

    def _compact(self) -> None:
        if self._grown < COMPACT_ABOVE:
            return
        self._grown = 0
        live = [record for record in list(self._live.values()) if record.entry]
        if self.path.stat().st_size > 4 * sum(len(r.entry.text) for r in live if r.entry):
            self._write_anew(self.path, live)

    def _write_anew(self, path: Path, records: Iterable[Record]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_text(path, "".join(record.line() for record in records))

    def keep_aside(self, entries: Mapping[str, Entry]) -> None:
        """Add texts to the file of discarded ones, the last resort of somebody who regrets."""
        if not entries:
            return
        with contextlib.suppress(OSError, AppError):
            if self._discarded.exists() and self._discarded.stat().st_size > KEPT_DISCARDED:
                self._discarded.replace(self._discarded.with_suffix(".old.jsonl"))
            self._append(self._discarded, "".join(r.line() for r in _records(entries)))

    def _read(self, path: Path) -> dict[str, Entry]:
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError:
            return {}
        newest: dict[str, Record] = {}
        damaged = False
        for line in filter(None, lines):
            record = _parsed(line)
            # The last line may be half: the program was killed while it wrote it.
            damaged = damaged or (record is None and line is not lines[-1])
            if record and record.number >= newest.get(record.name, record).number:
                newest[record.name] = record
        if damaged:
            self._copy_aside(path)
        return {record.name: record.entry for record in newest.values() if record.entry}

    def _copy_aside(self, path: Path) -> None:
        aside = path.with_name(f"damaged-{path.name}")
        with contextlib.suppress(OSError, AppError):
            atomic.write_bytes(aside, path.read_bytes())


def _records(entries: Mapping[str, Entry]) -> list[Record]:
    return [Record(0, name, entry) for name, entry in entries.items()]


def _parsed(line: bytes) -> Record | None:
    """Read one line; None when it is not whole or not ours."""
    try:
        data = json.loads(line)
        name, number = str(data["name"]), int(data["n"])
        if data.get("saved"):
            return Record(number, name, None)
        digest = data["digest"]
        return Record(
            number, name, Entry(str(data["text"]), None if digest is None else str(digest))
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
