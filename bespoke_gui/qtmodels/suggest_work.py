"""Work of suggestions: asks a model about many captions in the background, with a way out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.suggest.answers import Answers
from bespoke_gui.core.suggest.batch import (
    Asking,
    Batch,
    BatchReport,
    Job,
    Outcome,
    ready,
    seconds_left,
)
from bespoke_gui.core.suggest.client import Endpoint
from bespoke_gui.core.suggest.options import LOCAL, SuggestOptions
from bespoke_gui.core.suggest.pace import Pace
from bespoke_gui.launch.captioning import LocalBatch
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.suggest_setup import key_for
from bespoke_gui.qtmodels.suggestions import Suggestions
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

ALL, SHOWN, SELECTED, MISSING = "all", "shown", "selected", "missing"
SCOPES = {ALL: "All", SHOWN: "Shown in the list", SELECTED: "Selected", MISSING: "Without caption"}


@dataclass(frozen=True)
class Progress:
    """How far a batch is. seconds: what the rest will take, None while nobody knows."""

    done: int
    total: int
    failed: int = 0
    seconds: float | None = None


class SuggestWork(QObject):
    """One batch at a time. `ended` carries the BatchReport, or None where it could not start."""

    busy_changed = Signal(bool)
    progressed = Signal(object)
    ended = Signal(object)
    _told = Signal(object)

    def __init__(
        self, session: Session, suggestions: Suggestions, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._suggestions = suggestions
        self._task: Task | None = None
        self._cancelled = threading.Event()
        self._source = ""
        self.progress = Progress(0, 0)
        self._told.connect(self._on_told)
        session.project_changed.connect(self.cancel)

    @property
    def is_busy(self) -> bool:
        """Whether a batch is under way."""
        return self._task is not None

    def jobs(self, names: list[str]) -> list[Job]:
        """Return what to ask about for these captions."""
        dataset, store = self._session.dataset, self._session.captions
        wanted = set(names)
        items = dataset.items if dataset is not None else []
        return [Job(i.name, i.image, store.text(i.name)) for i in items if i.name in wanted]

    def missing(self) -> list[str]:
        """Return the names of all images without a caption."""
        store = self._session.captions
        return [name for name in store.names() if not store.text(name).strip()]

    def start(self, options: SuggestOptions, names: list[str], again: bool = False) -> None:
        """Ask about these captions; what was answered before is asked anew only with `again`."""
        project, answers = self._session.project, self._suggestions.answers
        jobs = self.jobs(names)
        if self.is_busy or project is None or answers is None or not jobs:
            return
        self._cancelled = cancelled = threading.Event()
        self.progress, self._source = Progress(0, len(jobs)), options.source
        asking = Asking(options, project.trigger, project.native_size, again)
        folder = project.folder

        def work(context: TaskContext) -> BatchReport:
            chosen = _ready(asking)
            batch = _batch(chosen, answers, cancelled, folder, context)
            return batch.run(jobs, _teller(self._told.emit, len(jobs)))

        self._task = run_task(work, self._on_done, self._on_failed, None, self, self._on_ended)
        if self._task.is_running:
            self.busy_changed.emit(True)
        else:
            self._task = None

    def cancel(self) -> None:
        """End the batch; what was answered is kept."""
        self._cancelled.set()
        if self._task is not None and self._source != LOCAL:
            self._task.cancel()

    def _on_told(self, progress: Progress) -> None:
        self.progress = progress
        self._suggestions.refresh()
        self.progressed.emit(progress)

    def _on_done(self, report: BatchReport) -> None:
        self._suggestions.refresh()
        self.ended.emit(report)

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, AppError):
            self._session.show_error(error)
            self.ended.emit(None)
            return
        self.ended.emit(BatchReport(stopped=error))

    def _on_ended(self) -> None:
        task, self._task = self._task, None
        if task is not None and task.cancelled:
            self._suggestions.refresh()
            self.ended.emit(BatchReport(cancelled=True))
        self.busy_changed.emit(False)


def _ready(asking: Asking) -> Asking:
    return Asking(ready(asking.options), asking.trigger, asking.native_size, asking.again)


def _batch(
    asking: Asking, answers: Answers, cancelled: threading.Event, home: Path, context: TaskContext
) -> Batch | LocalBatch:
    options = asking.options
    if options.source == LOCAL:
        # When the window closes the engine goes on; what it says is taken up at the next start.
        return LocalBatch(home, answers, asking, cancelled, lambda: context.cancelled)
    pace = Pace(options.per_minute, context.stop)
    return Batch(Endpoint(options, key_for(options), pace), answers, asking, pace)


def _teller(emit: Callable[[Progress], object], total: int) -> Callable[[Outcome], None]:
    """Return what counts outcomes and tells of them, at most ten times a second."""
    started = time.monotonic()
    seen = {"done": 0, "failed": 0, "asked": 0}
    last = [0.0]

    def tell(outcome: Outcome) -> None:
        seen["done"] += 1
        seen["failed"] += outcome.error is not None
        seen["asked"] += not outcome.kept
        now = time.monotonic()
        if now - last[0] > 0.1 or seen["done"] == total:
            last[0] = now
            left = seconds_left(now - started, seen["asked"], total - seen["done"])
            emit(Progress(seen["done"], total, seen["failed"], left))

    return tell
