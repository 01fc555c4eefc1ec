"""Mirror: events.jsonl and log.txt of the remote run, here, exactly once over any interruption."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from bespoke_gui.launch.remote.clean import clean_line
from bespoke_gui.launch.remote.local_run import LocalRun, as_line

LONGEST_LINE = 256 * 1024
MOST_EVENTS = 1024**3
MOST_LOG = 1024**3
WINDOW = 256 * 1024


class EventMirror:
    """Remote event lines, cleaned, each with `at`: the remote byte offset behind it.

    `offset` is where to go on reading there. A last `done` is held back until `settle`: it is
    said here when everything is here, and nobody believes a machine that says it too early.
    """

    def __init__(self, local: LocalRun, folder: str) -> None:
        self.local = local
        self.folder = folder
        self.path = local.dir.events_path
        cut_torn_line(self.path)
        self.offset = last_offset(self.path)
        self._rest = b""
        self._unsaved = b""
        self._skipping = False
        self._done: tuple[dict[str, Any], int] | None = None
        self.full = False

    def restart(self) -> int:
        """Forget an unfinished line, for a new connection; return where to read from."""
        self._rest = b""
        return self.offset

    async def take(self, chunk: bytes) -> list[dict[str, Any]]:
        """Write the lines that `chunk` completes; return their events."""
        found, data = [], b""
        for line, behind in self._lines(chunk):
            event = clean_line(line, self.folder) if line.strip() else None
            if event is not None:
                found.append(event)
                data += self._ordered(event, behind)
        if data and not self.full:
            self._unsaved += data
            await self.local.persist(self._save)
            await self._look_at_size()
        return found

    def _save(self) -> None:
        """Write what is due. `offset` is ahead of it: a write given up half way is made later."""
        if self._unsaved:
            self.local.append(self.path, self._unsaved)
            self._unsaved = b""

    async def settle(self, believe: bool) -> None:
        """Write the held `done`, or drop it where the run did not really end that way."""
        await self.local.persist(self._save)
        if self._done is not None and believe:
            event, behind = self._done
            line = as_line({**event, "at": behind})
            await self.local.persist(lambda: self.local.append(self.path, line))
        self._done = None

    def _lines(self, chunk: bytes) -> list[tuple[bytes, int]]:
        """The whole lines with the offset behind each; a line without end is not kept."""
        *whole, rest = (self._rest + chunk).split(b"\n")
        found = []
        for line in whole:
            self.offset += len(line) + 1
            too_long = self._skipping or len(line) > LONGEST_LINE
            self._skipping = False
            found.append((_skipped() if too_long else line, self.offset))
        if len(rest) > LONGEST_LINE:
            self._skipping = True
        if self._skipping:
            self.offset += len(rest)
            rest = b""
        self._rest = rest
        return found

    def _ordered(self, event: dict[str, Any], behind: int) -> bytes:
        """The lines to write for one event: what was held back comes before it."""
        data = b""
        if self._done is not None:
            held, at = self._done
            data = as_line({**held, "at": at})
            self._done = None
        if event["event"] == "done":
            self._done = (event, behind)
            return data
        return data + as_line({**event, "at": behind})

    async def _look_at_size(self) -> None:
        if self.offset > MOST_EVENTS:
            self.full = True
            text = f"more than {MOST_EVENTS >> 20} MB of events: the rest is left out"
            await self.local.persist(lambda: self.local.say(text, "warning"))


class LogMirror:
    """log.txt there and here are the same bytes; its size is where to go on."""

    def __init__(self, local: LocalRun) -> None:
        self.local = local
        self.path = local.dir.log_path
        self.full = False

    @property
    def offset(self) -> int:
        """The bytes that are here."""
        return size_of(self.path)

    async def take(self, chunk: bytes) -> None:
        """Append; beyond MOST_LOG nothing more."""
        if self.full:
            return
        if self.offset + len(chunk) > MOST_LOG:
            self.full = True
            text = f"more than {MOST_LOG >> 20} MB of log: the rest stays on the machine"
            await self.local.persist(lambda: self.local.say(text, "warning"))
            return
        await self.local.persist(lambda: self.local.append(self.path, chunk))


def cut_torn_line(path: Path) -> None:
    """Take away the unfinished line that a killed courier left."""
    size = size_of(path)
    if not size:
        return
    with path.open("rb+") as file:
        end = size
        while end > 0:
            start = max(0, end - WINDOW)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                end = start + found + 1
                break
            end = start
        if end < size:
            file.truncate(end)
            file.flush()
            os.fsync(file.fileno())


def last_offset(path: Path) -> int:
    """The largest `at` of the file, 0 where there is none; read from its end."""
    window, size = WINDOW, size_of(path)
    while size:
        with path.open("rb") as file:
            file.seek(max(0, size - window))
            lines = file.read().split(b"\n")
        found = max((_at(line) for line in lines if b'"at"' in line), default=-1)
        if found >= 0:
            return found
        if window >= size:
            break
        window *= 4
    return 0


def size_of(path: Path) -> int:
    """Bytes of a file, 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _at(line: bytes) -> int:
    try:
        found = json.loads(line)["at"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return -1
    return found if isinstance(found, int) else -1


def _skipped() -> bytes:
    text = f"a line of more than {LONGEST_LINE // 1024} kB was left out"
    return json.dumps({"event": "log", "level": "warning", "text": text}).encode()
