"""Run desk: makes run folders, and ends runs by the ladder of their backend."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.run_request import write_run
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.launch.base import BACKENDS, Backend
from bespoke_gui.qtmodels.tasks import run_task

LADDER_MS = 1000
LOCAL = "local"
_turns: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)


def backend_of(run_dir: RunDir) -> Backend:
    """Return the backend that runs a run: the one named in job.json, else this machine's."""
    name = str((run_dir.read_job() or {}).get("backend") or LOCAL)
    return BACKENDS[name if name in set(BACKENDS) else LOCAL]


def state_of(run_dir: RunDir) -> str:
    """Return running, finished, failed, cancelled or lost."""
    return backend_of(run_dir).state(run_dir)


def turn_of(run_dir: RunDir) -> threading.Lock:
    """Return what is held while a run is stopped, and while one begins in the same folder: a stop
    that is under way must not reach the run that goes on from there. Never on the GUI thread."""
    return _turns[run_dir.folder.absolute()]


def prepare_run(runs_dir: Path, spec: RunSpec, config_text: str = "") -> RunDir:
    """Make the run folder with spec.json and config.toml; raises AppError."""
    return write_run(runs_dir / spec.run, spec, config_text)


class RunDesk(QObject):
    """Ends a run step by step, off the GUI thread: a backend may wait for files or a network.

    A run lives on when the desk is gone: nothing is ended at close.
    """

    ladder_changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stopping: RunDir | None = None
        self._forgotten = 0
        self._is_climbing = False
        self._timer = QTimer(self, interval=LADDER_MS)
        self._timer.timeout.connect(self._climb)

    def stop(self, run_dir: RunDir) -> None:
        """Begin the cancel ladder: ask, then terminate, then kill what does not end."""
        self._stopping = run_dir
        self._timer.start()
        self._climb()

    def forget(self, run_dir: RunDir) -> None:
        """Climb no further: this run has ended, and a new one may begin in its folder."""
        self._forgotten += 1
        if self.is_stopping(run_dir):
            self._stopping = None
            self._timer.stop()

    def resume_ladder(self, run_dir: RunDir) -> None:
        """Go on with a ladder that another window began."""

        def is_due() -> bool:
            job = run_dir.read_job() or {}
            return bool(job.get("asked") or job.get("rung")) and state_of(run_dir) == "running"

        forgotten = self._forgotten

        def told(due: bool) -> None:
            # Meanwhile the run may have ended and another one begun in its folder.
            if due and forgotten == self._forgotten:
                self.stop(run_dir)

        run_task(is_due, told, parent=self)

    def ask(self, run_dir: RunDir, control: str, failed: Callable[[Exception], object]) -> None:
        """Ask for something that whoever follows the run does, and see that somebody does."""

        def work() -> None:
            run_dir.request(control)
            backend_of(run_dir).attach(run_dir, by_hand=True)

        run_task(work, None, failed, parent=self)

    def follow(self, run_dir: RunDir, failed: Callable[[Exception], object]) -> None:
        """Have a run elsewhere followed again, where that was given up."""
        run_task(
            lambda: backend_of(run_dir).attach(run_dir, by_hand=True), None, failed, parent=self
        )

    def is_stopping(self, run_dir: RunDir) -> bool:
        """Say whether the ladder is being climbed for this run."""
        return self._stopping is not None and self._stopping.folder == run_dir.folder

    def _climb(self) -> None:
        run_dir = self._stopping
        if run_dir is None:
            self._timer.stop()
        if run_dir is None or self._is_climbing:
            return

        def climb() -> str:
            with turn_of(run_dir):
                return backend_of(run_dir).stop(run_dir) if run_dir is self._stopping else ""

        def climbed(rung: str) -> None:
            if run_dir is not self._stopping:
                return
            if rung == "ended":
                self._stopping = None
                self._timer.stop()
            self.ladder_changed.emit(rung)

        def ended() -> None:
            self._is_climbing = False

        self._is_climbing = True
        run_task(climb, climbed, parent=self, ended=ended)
