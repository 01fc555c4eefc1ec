"""Run desk: makes run folders, and ends runs by the ladder of their backend."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.run_request import write_run
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.launch.base import BACKENDS, Backend

LADDER_MS = 1000
LOCAL = "local"


def backend_of(run_dir: RunDir) -> Backend:
    """Return the backend that runs a run: the one named in job.json, else this machine's."""
    name = str((run_dir.read_job() or {}).get("backend") or LOCAL)
    return BACKENDS[name if name in set(BACKENDS) else LOCAL]


def state_of(run_dir: RunDir) -> str:
    """Return running, finished, failed, cancelled or lost."""
    return backend_of(run_dir).state(run_dir)


def prepare_run(runs_dir: Path, spec: RunSpec, config_text: str = "") -> RunDir:
    """Make the run folder with spec.json and config.toml; raises AppError."""
    return write_run(runs_dir / spec.run, spec, config_text)


class RunDesk(QObject):
    """Ends a run step by step. A run lives on when the desk is gone: nothing is ended at close."""

    ladder_changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stopping: RunDir | None = None
        self._timer = QTimer(self, interval=LADDER_MS)
        self._timer.timeout.connect(self._climb)

    def stop(self, run_dir: RunDir) -> None:
        """Begin the cancel ladder: ask, then terminate, then kill what does not end."""
        self._stopping = run_dir
        self._timer.start()
        self._climb()

    def resume_ladder(self, run_dir: RunDir) -> None:
        """Go on with a ladder that another window began."""
        if (run_dir.read_job() or {}).get("asked") and state_of(run_dir) == "running":
            self.stop(run_dir)

    def is_stopping(self, run_dir: RunDir) -> bool:
        """Say whether the ladder is being climbed for this run."""
        return self._stopping is not None and self._stopping.folder == run_dir.folder

    def _climb(self) -> None:
        if self._stopping is None:
            self._timer.stop()
            return
        rung = backend_of(self._stopping).stop(self._stopping)
        if rung == "ended":
            self._stopping = None
            self._timer.stop()
        self.ladder_changed.emit(rung)
