"""Queue runner: starts what is in line when its machine is free, and sees how it ended.

An entry is claimed in the file before anything is started for it, with the claiming process and a
run id. Whoever finds a claim whose process is dead looks whether that run was begun, and starts it
only where it was not: however often programs are killed, an entry is started once.
"""

from __future__ import annotations

import os
import platform
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from bespoke_gui.core import processes, settings
from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.project import Project, open_project
from bespoke_gui.core.queue.entry import LOCAL, Entry, machine_of
from bespoke_gui.core.queue.request import run_of
from bespoke_gui.core.queue.store import Queue, QueueFile
from bespoke_gui.core.run_request import new_run_id
from bespoke_gui.core.rundir import RunDir, read_json
from bespoke_gui.core.runs import JOB, run_state
from bespoke_gui.launch.base import BACKENDS, Backend

OUTCOMES = {"finished": "done", "failed": "failed", "lost": "failed", "cancelled": "cancelled"}
ELSEWHERE_S = 600.0
"""How long a claim of another computer, which shares the project's folder, is left alone."""
SLACK_S = 3.0
"""How far the clock and a process' start time may differ."""


@dataclass
class Step:
    """What one look at the queue did. waiting: entries that still wait; running: those that run."""

    started: list[Entry] = field(default_factory=list)
    ended: list[Entry] = field(default_factory=list)
    waiting: int = 0
    running: int = 0
    paused: bool = False

    @property
    def idle(self) -> bool:
        """Nothing runs, and nothing will start by itself."""
        return not self.running and (not self.waiting or self.paused)


class QueueRunner:
    """Runs the queue of one project. `backends` and `busy` may be others, for tests.

    busy: which machines are used by a run that is not in the queue.
    """

    def __init__(
        self,
        project: Project,
        backends: Mapping[str, Backend] | Any = BACKENDS,
        busy: Callable[[], set[str]] | None = None,
    ) -> None:
        self.project = project
        self.file = QueueFile(project)
        self._backends = backends
        self._busy = busy or (lambda: busy_machines(project))
        self._one = threading.Lock()
        self._token = uuid.uuid4().hex

    def step(self) -> Step:
        """Look once: note what ended, start what can start. May take a while; AppError for a
        queue that cannot be read or written."""
        with self._one:
            step = Step()
            queue = self.file.read()
            if not queue.entries:
                return step
            for entry in queue.entries:
                if entry.state == "running":
                    self._look_at(entry, step)
            self._start_next(step)
            queue = self.file.read()
            step.waiting = sum(entry.state == "waiting" for entry in queue.entries)
            step.running = sum(entry.state == "running" for entry in queue.entries)
            step.paused = queue.paused
            return step

    def backend(self, entry: Entry) -> Backend:
        """Return where an entry runs; AppError kind "usage" for one that is not known."""
        return self._backends[entry.backend]

    # -- what runs ----------------------------------------------------------------------------

    def _look_at(self, entry: Entry, step: Step) -> None:
        if entry.launcher:
            self._take_over(entry, step)
            return
        run_dir = RunDir(self.project.runs_dir / entry.run)
        state = self.backend(entry).state(run_dir) if run_dir.spec_path.is_file() else "lost"
        if state in OUTCOMES:
            note = _why(run_dir, state)
            self._note(entry, step.ended, state=OUTCOMES[state], note=note, ended=time.time())
            return
        with suppress(AppError):  # tried again at the next look
            self.backend(entry).attach(run_dir)

    def _take_over(self, entry: Entry, step: Step) -> None:
        """Finish a start that another process began, where that one is dead."""
        # A claim of ours that is still there was given up: one step runs at a time.
        ours = entry.launcher.get("token") == self._token
        if not ours and _is_alive(entry.launcher):
            return
        run_dir = RunDir(self.project.runs_dir / entry.run)
        since = float(entry.launcher.get("since") or 0.0)
        mine = self.me()
        with self.file.edit() as queue:
            now = queue.find(entry.id)
            if now is None or now.launcher != entry.launcher:
                return  # somebody else was quicker
            if was_begun(run_dir, since):
                queue.change(entry.id, launcher={})
                return
            entry = queue.change(entry.id, launcher=mine)
        self._launch(entry, step)

    # -- what is next -------------------------------------------------------------------------

    def _start_next(self, step: Step) -> None:
        if not _startable(self.file.read()):
            return
        outside = self._busy()
        claimed = []
        with self.file.edit() as queue:
            taken = {one.machine for one in queue.entries if one.state == "running"} | outside
            for entry in _startable(queue):
                if entry.machine in taken:
                    continue
                taken.add(entry.machine)
                claimed.append(self._claim(queue, entry))
        for entry in claimed:
            self._launch(entry, step)

    def _claim(self, queue: Queue, entry: Entry) -> Entry:
        run, now = entry.run or new_run_id(entry.title), time.time()
        if any(one.run == run for one in queue.entries if one.id != entry.id):
            run = f"{run}-{entry.id}"  # two of one name within the same moment
        claimed = replace(entry, state="running", run=run, launcher=self.me(), note="", started=now)
        queue.put(claimed)
        return claimed

    def me(self) -> dict[str, Any]:
        """Return what a claim of this runner looks like in the file."""
        pid = os.getpid()
        started = processes.start_time(pid)
        return {
            "pid": pid, "started": started, "since": time.time(), "token": self._token,
            "host": platform.node(),
        }  # fmt: skip

    def _launch(self, entry: Entry, step: Step) -> None:
        """Start a claimed entry; what goes wrong is its failure, and the others go on."""
        try:
            run_dir = run_of(entry, self.project)
            self.backend(entry).start(run_dir)
        except AppError as error:
            run_dir = RunDir(self.project.runs_dir / entry.run)
            if was_begun(run_dir, float(entry.launcher["since"])):
                self._note(entry, step.started)  # somebody else had begun it
                return
            self._note(entry, step.ended, state="failed", note=str(error), ended=time.time())
        except Exception as error:  # noqa: BLE001 - one entry must not stop the queue
            text = f"unexpected {type(error).__name__}: {error}"
            self._note(entry, step.ended, state="failed", note=text, ended=time.time())
        else:
            self._note(entry, step.started)

    def _note(self, entry: Entry, told: list[Entry], **values: Any) -> None:
        """Write what became of an entry, unless it was taken out or changed meanwhile."""
        with self.file.edit() as queue:
            now = queue.find(entry.id)
            if now is None or (now.state, now.run, now.launcher) != (
                entry.state, entry.run, entry.launcher,
            ):  # fmt: skip
                return
            told.append(queue.change(entry.id, launcher={}, **values))


def _startable(queue: Queue) -> list[Entry]:
    return [] if queue.paused else [one for one in queue.entries if one.state == "waiting"]


def _is_alive(launcher: Mapping[str, Any]) -> bool:
    """Whether a claim's process may still be at work; of another computer only time tells."""
    if launcher.get("host", platform.node()) != platform.node():
        return time.time() - float(launcher.get("since") or 0.0) < ELSEWHERE_S
    return processes.alive(launcher.get("pid"), launcher.get("started"))


def was_begun(run_dir: RunDir, since: float) -> bool:
    """Say whether a run's engine was started after `since`, by whoever is dead now.

    A process that was started but not written down is looked for and written down.
    """
    job = run_dir.read_job() or {}
    for started in (job.get("started"), job.get("since")):  # here, and on another machine
        if isinstance(started, (int, float)) and started >= since - SLACK_S:
            return True
    found = _process_of(run_dir.folder)
    if found is not None:
        write_json(run_dir.job_path, {**job, "backend": job.get("backend", LOCAL), **found})
        return True
    return any(_newer(path, since) for path in (run_dir.events_path, run_dir.exit_path))


def _process_of(folder: Path) -> dict[str, Any] | None:
    """Return pid and start time of the process whose arguments name this run folder."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = process.cmdline()
            if str(folder) in words and any("bespoke" in word for word in words):
                return {"pid": process.pid, "started": process.create_time()}
    return None


def _newer(path: Path, since: float) -> bool:
    try:
        return path.stat().st_mtime >= since - SLACK_S
    except OSError:
        return False


def _why(run_dir: RunDir, state: str) -> str:
    if state == "lost":
        return "the engine ended without a word"
    ended = run_dir.read_exit() or {}
    return str(ended.get("message", "")) if state == "failed" else ""


def busy_machines(project: Project) -> set[str]:
    """Return the machines on which something of this or a recent project runs, as queues name them.

    Pictures that are being generated keep this computer busy. Reads run folders.
    """
    found: set[str] = set()
    for folder in _run_folders(project):
        if not (folder / "exit.json").exists() and (folder / "spec.json").is_file():
            run_dir = RunDir(folder)
            if run_state(run_dir) == "running":
                found.add(_machine(run_dir))
    return found


def _machine(run_dir: RunDir) -> str:
    place = (read_json(run_dir.spec_path) or {}).get("place")
    backend = str((run_dir.read_job() or {}).get("backend") or LOCAL)
    return machine_of(backend, place if isinstance(place, Mapping) else {})


def _run_folders(project: Project) -> list[Path]:
    projects = [project]
    for text in settings.load().recent:
        if Path(text) != project.folder:
            with suppress(AppError):
                projects.append(open_project(Path(text)))
    found: list[Path] = []
    for one in projects:
        found += _children(one.runs_dir)
        made = [*_children(one.galleries_dir), *_children(one.tries_dir)]
        found += [path / JOB for path in made]
    return found


def _children(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir()]
    except OSError:
        return []
