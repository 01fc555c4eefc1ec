"""Queue desk: the line of trainings of the open project; looks at it and starts what can start."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.project import Project
from bespoke_gui.core.queue.entry import Entry
from bespoke_gui.core.queue.store import Queue, QueueFile
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.qtmodels import queue_steps as steps
from bespoke_gui.qtmodels.queue_steps import Step, Undo
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

if TYPE_CHECKING:
    from bespoke_gui.core.queue.sweep import SweepRun
    from bespoke_gui.launch.queue_runner import QueueRunner
    from bespoke_gui.launch.queue_runner import Step as Looked

LOOK_MS = 2000
TOLD = {"done": "good", "failed": "error", "cancelled": "info"}
ENDED_WORDS = {"done": "is finished", "failed": "failed", "cancelled": "was stopped"}


class QueueDesk(QObject):
    """`changed`: entries, whether the queue is paused, or the `progress` of what runs, in words by
    id; `run_wanted` asks to show a run.

    Edits are written one after the other, each over what the file has by then. `offer` returns the
    entry of the training that is set up now, or None and tells why; `agreed` asks about what stands
    in its way or what it costs, where there is something to ask.
    """

    changed = Signal()
    run_wanted = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.queue = Queue()
        self.progress: dict[int, str] = {}
        self.offer: Callable[[], Entry | None] = lambda: None
        self.agreed: Callable[[], bool] = lambda: True
        self._project: Project | None = None
        self._runner: QueueRunner | None = None
        self._undo: list[Undo] = []
        self._edits: deque[tuple[Step, bool]] = deque()
        self._is_writing = self._is_looking = False
        self._problem = ""
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        session.project_changed.connect(self._on_project)
        self._on_project()

    @property
    def entries(self) -> list[Entry]:
        """The line, in the order in which it starts."""
        return self.queue.entries

    @property
    def can_undo(self) -> bool:
        """Whether there is a step of the person to take back."""
        return bool(self._undo)

    def start(self) -> None:
        """Look at the queue from now on, as long as the window is open."""
        self._timer.start()
        self.look()

    def look(self) -> None:
        """See what ended, and start what can start, in the background."""
        project = self._project
        if project is None or self._is_looking:
            return
        self._is_looking = True

        def done(found: tuple[Looked, Queue, dict[int, str]]) -> None:
            if project is self._project:
                self._problem = ""
                self._tell(found[0])
                self._take(found[1], found[2])

        run_task(
            lambda: self._looked_at(project), done, self._on_error, parent=self,
            ended=self._looked,
        )  # fmt: skip

    # -- edits --------------------------------------------------------------------------------

    def add(self, entries: Sequence[Entry]) -> None:
        """Put trainings at the end of the line."""

        def step(queue: Queue) -> Undo:
            numbers = []
            for entry in entries:
                numbers.append(queue.next_id)
                queue.entries.append(replace(entry, id=queue.next_id))
                queue.next_id += 1
            return steps.removed(numbers)

        self._edit(step)

    def add_sweep(self, runs: Sequence[SweepRun], like: Entry, name: str) -> None:
        """Write the configs of a sweep and put them in line, each as `like` is."""
        project = self.session.project
        if project is None:
            return

        def written() -> list[Entry]:
            from bespoke_gui.core.queue.sweep import write_sweep

            paths = write_sweep(project, runs, f"sweep of {name}")
            return [
                replace(
                    like, title=path.stem, text=run.text, sweep=name,
                    config=path.relative_to(project.folder).as_posix(),
                )
                for run, path in zip(runs, paths, strict=True)
            ]  # fmt: skip

        def done(entries: list[Entry]) -> None:
            if project is self.session.project:
                self.add(entries)
                self.session.packages_changed.emit()  # the configs are read again

        run_task(written, done, self.session.show_error, parent=self)

    def move(self, number: int, by: int) -> None:
        """Move an entry up (-1) or down (1) among those that wait."""
        self._edit(steps.moved(number, lambda now: now + by))

    def move_to(self, number: int, place: int) -> None:
        """Make an entry the `place`-th of those that wait."""
        self._edit(steps.moved(number, lambda _: place))

    def pause(self, numbers: Sequence[int]) -> None:
        """Leave entries in line without starting them."""
        self._edit(steps.paused(numbers))

    def resume(self, numbers: Sequence[int]) -> None:
        """Let entries start again; a failed one goes on with its run."""
        self._edit(steps.resumed(numbers))

    def remove(self, numbers: Sequence[int]) -> None:
        """Take entries out; their runs and configs stay."""
        self._edit(steps.removed(numbers))

    def pause_all(self, is_paused: bool) -> None:
        """Start nothing new, or go on."""
        self._edit(steps.whole(is_paused))

    def undo(self) -> None:
        """Take the last step back."""
        if self._undo:
            back = self._undo.pop()

            def step(queue: Queue) -> None:
                back(queue)

            self._edit(step, can_undo=False)

    def _edit(self, step: Step, can_undo: bool = True) -> None:
        if self.session.project is not None:
            self._edits.append((step, can_undo))
            self._write_next()

    def _write_next(self) -> None:
        project = self.session.project
        if self._is_writing or not self._edits or project is None:
            return
        step, can_undo = self._edits.popleft()
        self._is_writing = True

        def done(found: tuple[Undo | None, Queue]) -> None:
            if project is self.session.project:
                if found[0] is not None and can_undo:
                    self._undo.append(found[0])
                self._take(found[1])
                self.look()

        run_task(
            lambda: _written(project, step), done, self.session.show_error, parent=self,
            ended=self._wrote,
        )  # fmt: skip

    # -- what was found -------------------------------------------------------------------------

    def _wrote(self) -> None:
        self._is_writing = False
        self._write_next()

    def _looked_at(self, project: Project) -> tuple[Looked, Queue, dict[int, str]]:
        """On a background thread: the window opens without what starts trainings."""
        from bespoke_gui.core.queue.progress import progress_words
        from bespoke_gui.launch.queue_runner import QueueRunner

        runner = self._runner
        if runner is None or runner.project is not project:
            runner = self._runner = QueueRunner(project)
        looked, queue = runner.step(), runner.file.read()
        words = {
            entry.id: progress_words(RunDir(project.runs_dir / entry.run))
            for entry in queue.entries
            if entry.state == "running"
        }
        return looked, queue, words

    def _looked(self) -> None:
        self._is_looking = False

    def _take(self, queue: Queue, progress: dict[int, str] | None = None) -> None:
        progress = self.progress if progress is None else progress
        if (queue, progress) != (self.queue, self.progress):
            self.queue, self.progress = queue, progress
            self.changed.emit()

    def _tell(self, looked: Looked) -> None:
        for entry in looked.ended:
            words = f"{entry.title} {ENDED_WORDS[entry.state]}"
            self.session.notify(TOLD[entry.state], words, entry.note)
        if looked.started or looked.ended:
            self.session.runs_changed.emit()

    def _on_error(self, error: Exception) -> None:
        """Show what is wrong once, not every two seconds."""
        if str(error) != self._problem:
            self._problem = str(error)
            self.session.show_error(error)

    def _on_project(self) -> None:
        project = self.session.project
        if project and self._project and self._project.folder == project.folder:
            return
        self._project, self._runner = project, None
        self._undo, self._problem = [], ""
        self._edits.clear()
        self._take(Queue(), {})
        if self._timer.isActive():
            self.look()


def queue_of(session: Session) -> QueueDesk:
    """Return the queue desk of a window; there is one."""
    return session.findChild(QueueDesk) or QueueDesk(session)


def _written(project: Project, step: Step) -> tuple[Undo | None, Queue]:
    with QueueFile(project).edit() as queue:
        undo = step(queue)
    return undo, queue
