"""Follows one run on a thread of its own: its events as they are written, its job, its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.events import Event, decode
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.qtmodels import relay

CHUNK = 48 * 1024
LONGEST_LINE = 1024 * 1024
TICK_MS = 20
IDLE_TICK_MS = 60
IDLE_AFTER_S = 10.0
PART = ".part"
STATE_EVERY_S = 1.0
JOB_EVERY_S = 0.5
# How many pieces may be on their way to the window: a busy window slows the reading down
# instead of being buried in it.
UNDER_WAY = 2


class EventTail:
    """Reads events.jsonl from a byte offset, whole lines only, a bounded piece at a time.

    A line longer than LONGEST_LINE is skipped and named in a log event, so that a broken or
    malicious engine cannot fill the memory of the window.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0
        self._rest = b""
        self._skipping = False

    def read(self) -> tuple[list[Event], bool]:
        """Return the next events and whether more is waiting in the file."""
        lines, more = self.read_lines()
        return decoded(lines), more

    def read_lines(self) -> tuple[list[bytes | Event], bool]:
        """Return the next lines, not decoded yet, and whether more is waiting in the file."""
        chunk = self._chunk()
        self.offset += len(chunk)
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        found: list[bytes | Event] = [*whole]
        if self._skipping and found:
            found.pop(0)
            self._skipping = False
        if len(self._rest) > LONGEST_LINE:
            self._rest, self._skipping = b"", True
            found.append(_skipped())
        return found, len(chunk) == CHUNK

    def _chunk(self) -> bytes:
        try:
            size = self.path.stat().st_size
            if size == self.offset:
                return b""
            if size < self.offset:
                self._forget(self.offset - size)
            with self.path.open("rb") as file:
                file.seek(self.offset)
                return file.read(CHUNK)
        except OSError:
            return b""

    def _forget(self, count: int) -> None:
        """The last bytes were taken away: a line torn by a lost link is written anew."""
        if count <= len(self._rest):
            self._rest = self._rest[: len(self._rest) - count]
            self.offset -= count
        else:
            self.offset, self._rest, self._skipping = 0, b"", False


def decoded(lines: list[bytes | Event]) -> list[Event]:
    """Return lines of events.jsonl as events; empty ones are passed over."""
    return [
        line if isinstance(line, Event) else decode(line.decode("utf-8", "replace"))
        for line in lines
        if isinstance(line, Event) or line.strip()
    ]


@dataclass(frozen=True)
class _Read:
    """What one look at a run brought. Lines are decoded by the window's own thread: two threads
    that both work in Python hold each other up, and the window is the one that is noticed."""

    lines: list[bytes | Event] = field(default_factory=list)
    job: dict[str, Any] | None = None
    state: str = ""
    coming: dict[str, int] | None = None


class RunWatcher(QObject):
    """Emits the events of one run in batches, its job.json and its state whenever they change.

    `coming_read` tells how many bytes of each file that is on its way here have arrived.

    `state_of` answers "running", "finished", "failed", "cancelled" or "lost" (a launch backend's
    `state`); it is called on the reading thread. The last events are always emitted before the
    state that ends the run.
    """

    events_read = Signal(list)
    job_read = Signal(dict)
    coming_read = Signal(dict)
    state_changed = Signal(str)

    def __init__(
        self,
        run_dir: RunDir,
        state_of: Callable[[RunDir], str],
        interval_ms: int = TICK_MS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.run_dir = run_dir
        self.state = ""
        self._state_of = state_of
        self._interval = interval_ms / 1000
        self._reader: _Reader | None = None

    def start(self) -> None:
        """Read what is there now and go on reading as long as the run lives."""
        self.stop()
        key = relay.receive(self._on_told)
        reader = _Reader(self.run_dir, self._state_of, self._interval, key)
        self._reader = reader
        self.destroyed.connect(partial(_end, key, reader.stopped))
        reader.start()

    def stop(self) -> None:
        """Stop reading; the run itself is not touched, and nothing more is emitted."""
        if self._reader is not None:
            _end(self._reader.key, self._reader.stopped)
            self._reader = None

    @property
    def is_active(self) -> bool:
        """Say whether the run is still being read."""
        return self._reader is not None

    def _on_told(self, reader: _Reader, read: _Read) -> None:
        reader.taken()
        if reader is not self._reader:
            return
        if read.job is not None:
            self.job_read.emit(read.job)
        if read.coming is not None:
            self.coming_read.emit(read.coming)
        events = decoded(read.lines)
        if events:
            self.events_read.emit(events)
        if read.state and read.state != self.state:
            if read.state != "running":
                self.stop()
            self.state = read.state
            self.state_changed.emit(read.state)


def _end(key: int, stopped: threading.Event, *_: object) -> None:
    stopped.set()
    relay.forget(key)


class _Reader:
    """The thread that looks at the files; it holds nothing of Qt."""

    def __init__(
        self,
        run_dir: RunDir,
        state_of: Callable[[RunDir], str],
        interval: float,
        key: int,
    ) -> None:
        self._run_dir, self._state_of = run_dir, state_of
        self._interval, self.key = interval, key
        self._tail = EventTail(run_dir.events_path)
        self.stopped = threading.Event()
        self._free = threading.Semaphore(UNDER_WAY)
        self._asked = self._looked = float("-inf")
        self._job_time = 0
        self._coming: dict[str, int] = {}
        self._state = ""
        self._thread = threading.Thread(target=self._work, name="run watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def taken(self) -> None:
        """One piece has arrived: there is room for another."""
        self._free.release()

    def _work(self) -> None:
        quiet_since = time.monotonic()
        while not self.stopped.is_set():
            if self._look():
                quiet_since = time.monotonic()
            is_idle = time.monotonic() - quiet_since > IDLE_AFTER_S
            self.stopped.wait(max(self._interval, IDLE_TICK_MS / 1000 * is_idle))

    def _look(self) -> bool:
        """Send what is new; return whether there was an event."""
        # An end seen now lies after everything that is read from here on.
        state = self._new_state()
        if state not in ("", "running"):
            self._looked = float("-inf")
        job, coming = self._new_job()
        found, more = False, True
        while more and not self.stopped.is_set():
            lines, more = self._tail.read_lines()
            found = found or bool(lines)
            self._send(_Read(lines, job, "" if more else state, coming))
            job = coming = None
        return found

    def _send(self, read: _Read) -> None:
        if read == _Read():
            return
        while not self._free.acquire(timeout=0.1):
            if self.stopped.is_set():
                return
        if read.state not in ("", "running"):
            self.stopped.set()
        relay.send(self.key, self, read)

    def _new_job(self) -> tuple[dict[str, Any] | None, dict[str, int] | None]:
        """Return job.json and the files on their way here, None for what is as it was."""
        now = time.monotonic()
        if now - self._looked < JOB_EVERY_S:
            return None, None
        self._looked = now
        found = {
            f"outputs/{path.name[: -len(PART)]}": _size(path)
            for path in self._run_dir.outputs.glob(f"*{PART}")
        }
        coming = found if found != self._coming else None
        self._coming = found
        try:
            changed = self._run_dir.job_path.stat().st_mtime_ns
        except OSError:
            return None, coming
        if changed == self._job_time:
            return None, coming
        self._job_time = changed
        return self._run_dir.read_job(), coming

    def _new_state(self) -> str:
        now = time.monotonic()
        if now - self._asked < STATE_EVERY_S and not self._run_dir.exit_path.exists():
            return ""
        self._asked = now
        state = self._state_of(self._run_dir)
        if state == self._state:
            return ""
        self._state = state
        return state


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _skipped() -> Event:
    text = f"a line of more than {LONGEST_LINE // 1024} kB in events.jsonl was skipped"
    return Event("log", {"level": "warning", "text": text})
