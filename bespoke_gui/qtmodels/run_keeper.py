"""Run keeper: looks after all runs of the open project, whichever room is shown."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.processes import alive
from bespoke_gui.core.project import Project
from bespoke_gui.core.rundir import RunDir, read_json
from bespoke_gui.core.runs import JOB, LOST
from bespoke_gui.qtmodels.run_desk import backend_of
from bespoke_gui.qtmodels.run_model import title_of
from bespoke_gui.qtmodels.run_place import is_remote
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.qtmodels.train_work import run_folders

LOOK_MS = 2000
ATTACH_EVERY_S = 20.0


@dataclass(frozen=True)
class RunEnd:
    """A run that ended while the window was open; state: finished, failed, cancelled or lost."""

    folder: Path
    title: str
    state: str
    message: str = ""
    generates: bool = False


@dataclass
class Look:
    """What one look at the runs brought: those going on, those that ended, what went wrong."""

    running: set[Path] = field(default_factory=set)
    ended: list[RunEnd] = field(default_factory=list)
    problems: list[AppError] = field(default_factory=list)


class RunKeeper(QObject):
    """Has runs on other machines followed again after a restart, and tells of every end.

    `ended` comes with a RunEnd, once a run. All looking is done in the background.
    """

    ended = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.running: set[Path] = set()
        self._attached: dict[Path, float] = {}
        self._told: set[str] = set()
        self._is_looking = False
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        session.project_changed.connect(self._on_project)
        session.runs_changed.connect(self.look)
        self._on_project()

    def look(self) -> None:
        """Look at the runs now."""
        project = self._session.project
        if project is None or self._is_looking:
            return
        running, attached = set(self.running), self._attached

        def done(found: Look) -> None:
            if project is self._session.project:
                self._take(found)

        def ended() -> None:
            self._is_looking = False

        self._is_looking = True
        run_task(lambda: look(project, running, attached), done, parent=self, ended=ended)

    def _take(self, found: Look) -> None:
        moved = found.running != self.running
        self.running = found.running
        for error in found.problems:
            if str(error) not in self._told:
                self._told.add(str(error))
                self._session.show_error(error)
        for one in found.ended:
            self.ended.emit(one)
        if moved:
            self._session.runs_changed.emit()

    def _on_project(self) -> None:
        project = self._session.project
        self._timer.stop()
        self.running, self._attached = set(), {}
        if project is not None:
            self._timer.start()
            self.look()


def look(project: Project, running: set[Path], attached: dict[Path, float]) -> Look:
    """Look at every run that has not ended, and have those elsewhere followed.

    running: those that were going on at the look before; attached: when each was last attached
    to (time.monotonic), kept up here.
    """
    found = Look()
    for folder in {*_unended(project), *running}:
        run_dir = RunDir(folder)
        state = backend_of(run_dir).state(run_dir)
        if state == "running":
            found.running.add(folder)
            _follow(run_dir, attached, found)
        elif folder in running:
            found.ended.append(run_end(run_dir, state))
    return found


def run_end(run_dir: RunDir, state: str) -> RunEnd:
    """Return how a run ended, in words."""
    spec = read_json(run_dir.spec_path) or {}
    told = LOST if state == "lost" else (run_dir.read_exit() or {})
    message = "" if state == "finished" else str(told.get("message") or "")
    is_job = run_dir.folder.name == JOB
    title = run_dir.folder.parent.name if is_job else title_of(run_dir.run)
    return RunEnd(run_dir.folder, title, state, message, bool(spec.get("loras")))


def _unended(project: Project) -> Iterable[Path]:
    jobs = (path.parent for path in project.galleries_dir.glob(f"*/{JOB}/spec.json"))
    for folder in (*run_folders(project.runs_dir), *jobs):
        if not RunDir(folder).exit_path.exists():
            yield folder


def _follow(run_dir: RunDir, attached: dict[Path, float], found: Look) -> None:
    """Have a run elsewhere followed where nobody does; not more often than every few seconds."""
    job = run_dir.read_job() or {}
    courier = job.get("courier")
    known = courier if isinstance(courier, dict) else {}
    if not is_remote(job) or alive(known.get("pid"), known.get("started")):
        return
    if time.monotonic() - attached.get(run_dir.folder, float("-inf")) < ATTACH_EVERY_S:
        return
    attached[run_dir.folder] = time.monotonic()
    try:
        backend_of(run_dir).attach(run_dir)
    except AppError as error:
        found.problems.append(error)
