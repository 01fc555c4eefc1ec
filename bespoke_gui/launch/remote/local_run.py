"""Local run: the courier's hand in the run folder here, patient with what cannot be written."""

from __future__ import annotations

import asyncio
import contextlib
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
RECENT = 10
"""Tries, or looks, after which what was seen is no longer true."""


class CannotKeep(AppError):
    """This computer could not write what belongs into the run folder; it may be able to later."""

    def __init__(self, cause: AppError) -> None:
        super().__init__(cause.message, file=cause.file, hint=cause.hint, kind=cause.kind)


class LocalRun:
    """Writes events.jsonl, log.txt and job.json of a run elsewhere; nobody else does."""

    def __init__(self, run_dir: RunDir, waits: Waits) -> None:
        self.dir = run_dir
        self.waits = waits
        self._job = run_dir.read_job() or {}
        self._beaten = 0.0
        self.trouble = ""
        self._troubled: float | None = None
        self._tried = 0.0
        self._worked = -float("inf")

    @property
    def job(self) -> dict[str, Any]:
        """What job.json holds; change it with `note`."""
        return self._job

    def note(self, **changes: Any) -> None:
        """Change fields of job.json where they differ."""
        if any(self._job.get(name, self) != value for name, value in changes.items()):
            self._write({**self._job, **changes})

    def rewrite(self) -> None:
        """Write job.json as it is once more, to see whether that works again."""
        self._write(self._job)

    def _write(self, job: dict[str, Any]) -> None:
        try:
            write_json(self.dir.job_path, job)
        except AppError as error:
            raise CannotKeep(error) from error
        self._job = job

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
            raise CannotKeep(write_error(path, error)) from error

    def beat(self) -> None:
        """Show that the courier lives."""
        if time.monotonic() - self._beaten >= self.waits.heartbeat:
            self._beaten = time.monotonic()
            with contextlib.suppress(OSError):
                self.dir.beat()

    async def persist(self, work: Callable[[], T]) -> T:
        """Do a local write; while that is not possible say so, wait and try again, for ever."""
        waited = False
        while True:
            try:
                done = work()
            except AppError as error:
                self._fails(error)
                if not waited:
                    self._say_trouble(error)
                waited = True
                await asyncio.sleep(self.waits.disk_full)
                continue
            if waited:
                self._troubled = None
                self._say_mended()
            return done

    @property
    def trouble_lasts(self) -> float:
        """For how many seconds something could not be written here, in spite of all tries."""
        if self._troubled is None or time.monotonic() - self._tried > RECENT * self.waits.disk_full:
            return 0.0
        return time.monotonic() - self._troubled

    @property
    def far_works(self) -> bool:
        """Whether the run on the machine was seen to go on just now: that is worth its money."""
        patience = self.waits.connect + RECENT * self.waits.state
        return time.monotonic() - self._worked < patience

    def saw(self, works: bool) -> None:
        """Take note of a look at the run on the machine."""
        self._worked = time.monotonic() if works else -float("inf")

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

    def _fails(self, error: AppError) -> None:
        now = time.monotonic()
        # Tries end with a lost connection, and begin anew with the next one.
        if self._troubled is None or now - self._tried > RECENT * self.waits.disk_full:
            self._troubled = now
        self._tried, self.trouble = now, str(error)

    def _say_trouble(self, error: AppError) -> None:
        self.drop_reserve()
        full = error.kind == "disk_full"
        why = "the disk of this computer is full: free some space" if full else (
            f"this computer cannot keep what the machine makes: {error}"
        )  # fmt: skip
        words = f"{why}; it stays there, and goes on by itself once that is mended"
        with contextlib.suppress(AppError):
            self.note(disk_full=full, local_trouble=words)
        with contextlib.suppress(AppError):
            self.say(words, "error")

    def _say_mended(self) -> None:
        self.hold_reserve()
        with contextlib.suppress(AppError):
            self.note(disk_full=False, local_trouble="")
        with contextlib.suppress(AppError):
            self.say("this computer can keep what the machine makes again; nothing was lost")


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
