"""Follows one run: reads its events as they are written and notices when it ended or was lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.events import Event, decode
from bespoke_gui.core.rundir import RunDir

CHUNK = 256 * 1024
LONGEST_LINE = 1024 * 1024
TICK_MS = 150
STATE_EVERY_S = 1.0


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
        chunk = self._chunk()
        self.offset += len(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        events: list[Event] = []
        if self._skipping and lines:
            lines.pop(0)
            self._skipping = False
        if len(self._rest) > LONGEST_LINE:
            self._rest, self._skipping = b"", True
            events.append(_skipped())
        events += [decode(line.decode("utf-8", "replace")) for line in lines if line.strip()]
        return events, len(chunk) == CHUNK

    def _chunk(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                return file.read(CHUNK)
        except OSError:
            return b""


class RunWatcher(QObject):
    """Emits the events of one run in batches, and its state whenever that changes.

    `state_of` answers "running", "finished", "failed", "cancelled" or "lost" (a launch backend's
    `state`). The last events are always emitted before the state that ends the run.
    """

    events_read = Signal(list)
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
        self._tail = EventTail(run_dir.events_path)
        self._asked = 0.0
        self._interval = interval_ms
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Read what is there now and go on reading as long as the run lives."""
        self._timer.start(0)

    def stop(self) -> None:
        """Stop reading; the run itself is not touched."""
        self._timer.stop()

    @property
    def is_active(self) -> bool:
        """Say whether the run is still being read."""
        return self._timer.isActive()

    def _tick(self) -> None:
        if self._read():
            self._timer.setInterval(0)  # catching up: the next piece as soon as Qt is idle
            return
        self._timer.setInterval(self._interval)
        self._ask_state()

    def _read(self) -> bool:
        events, more = self._tail.read()
        if events:
            self.events_read.emit(events)
        return more

    def _ask_state(self) -> None:
        ended = self.run_dir.exit_path.exists()
        now = time.monotonic()
        if not ended and now - self._asked < STATE_EVERY_S:
            return
        self._asked = now
        state = self._state_of(self.run_dir)
        if state != "running":
            # What was written between the last read and the end belongs before the end.
            while self._read():
                pass
            self.stop()
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)


def _skipped() -> Event:
    text = f"a line of more than {LONGEST_LINE // 1024} kB in events.jsonl was skipped"
    return Event("log", {"level": "warning", "text": text})
