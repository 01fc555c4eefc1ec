"""Local run: the courier's hand in the run folder on this computer, patient with a full disk."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from bespoke_gui.core.atomic import write_error, write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.remote.waits import Waits

T = TypeVar("T")
RESERVE = "courier.reserve"
RESERVE_BYTES = 64 * 1024


class LocalRun:
    """Writes events.jsonl, log.txt and job.json of a run elsewhere; nobody else does."""

    def __init__(self, run_dir: RunDir, waits: Waits) -> None:
        self.dir = run_dir
        self.waits = waits
        self._job = run_dir.read_job() or {}
        self._beaten = 0.0

    @property
    def job(self) -> dict[str, Any]:
        """What job.json holds; change it with `note`."""
        return self._job

    def note(self, **changes: Any) -> None:
        """Change fields of job.json where they differ."""
        if any(self._job.get(name, self) != value for name, value in changes.items()):
            self._job = {**self._job, **changes}
            write_json(self.dir.job_path, self._job)

    def emit(self, event: str, **fields: Any) -> None:
        """Append an event of this computer, which has no place in the remote file."""
        stamp = round(time.time(), 3)
        self.append(self.dir.events_path, as_line({"event": event, "time": stamp, **fields}))

    def say(self, text: str, level: str = "info") -> None:
        """Append a log event."""
        self.emit("log", level=level, text=text)

    def tell(self, event: str, **fields: Any) -> None:
        """What a provider is given: an event, or ("job") changes of job.json."""
        if event == "job":
            self.note(**fields)
        else:
            self.emit(event, **fields)

    def append(self, path: Path, data: bytes) -> None:
        """Add bytes to a file, all or none; AppError kind "disk_full" when they have no room."""
        try:
            _append(path, data)
        except OSError as error:
            raise write_error(path, error) from error

    def beat(self) -> None:
        """Show that the courier lives."""
        if time.monotonic() - self._beaten >= self.waits.heartbeat:
            self._beaten = time.monotonic()
            self.dir.beat()

    async def persist(self, work: Callable[[], T]) -> T:
        """Do a local write; while the disk is full say so, wait and try again, for ever."""
        waited = False
        while True:
            try:
                done = work()
            except AppError as error:
                if error.kind != "disk_full":
                    raise
                if not waited:
                    self._say_full()
                waited = True
                await asyncio.sleep(self.waits.disk_full)
                continue
            if waited:
                self._say_room()
            return done

    def hold_reserve(self) -> None:
        """Keep some room, so that a full disk can still be told of."""
        path = self.dir.folder / RESERVE
        try:
            if not path.is_file():
                path.write_bytes(bytes(RESERVE_BYTES))
        except OSError:
            path.unlink(missing_ok=True)

    def drop_reserve(self) -> None:
        """Give that room back."""
        (self.dir.folder / RESERVE).unlink(missing_ok=True)

    def _say_full(self) -> None:
        self.drop_reserve()
        text = "the disk of this computer is full: free some space, it then goes on by itself"
        try:
            self.say(text, "error")
            self.note(disk_full=True)
        except AppError:
            return

    def _say_room(self) -> None:
        self.hold_reserve()
        try:
            self.say("there is room on this computer's disk again; nothing was lost")
            self.note(disk_full=False)
        except AppError:
            return


def as_line(data: dict[str, Any]) -> bytes:
    """Return one line of events.jsonl."""
    # Half a surrogate, which JSON can say and UTF-8 cannot, must not stop the courier.
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _append(path: Path, data: bytes) -> None:
    handle = os.open(
        path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644
    )
    try:
        before = os.fstat(handle).st_size
        if os.write(handle, data) != len(data):
            os.ftruncate(handle, before)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(handle)
