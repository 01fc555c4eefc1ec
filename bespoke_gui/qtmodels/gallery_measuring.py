"""Gallery measuring: measures an opened gallery in the background, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from bespoke_gui.qtmodels import gallery_work as work
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

if TYPE_CHECKING:
    from bespoke_gui.core.reference import Reference


class GalleryMeasuring(QObject):
    """`measured` brings gallery and ScoreReport; `progressed` how far it is, `ended` comes last."""

    measured = Signal(object, object)
    progressed = Signal(int, int)
    ended = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._references = work.References()
        self._task: Task | None = None

    def start(self, opened: work.OpenedGallery, reference: Path | None) -> None:
        """Measure all images, against the training set in `reference` where there is one."""
        self.stop()
        references = self._references
        self._task = run_task(
            lambda context: work.measure_gallery(
                opened, references.get(reference, opened), _checked(context)
            ),
            lambda report: self.measured.emit(opened, report),
            self._session.show_error,
            lambda done, total, text: self.progressed.emit(done, total),
            self,
            self._on_ended,
        )

    def training(
        self, opened: work.OpenedGallery, reference: Path | None
    ) -> Callable[[], Reference | None]:
        """Return what reads that training set once, for background threads."""
        references = self._references
        return lambda: references.get(reference, opened)

    def stop(self) -> None:
        """Stop measuring."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def forget(self) -> None:
        """Stop, and forget the training sets that were read."""
        self.stop()
        self._references = work.References()

    def _on_ended(self) -> None:
        if self._task is None or not self._task.is_running:
            self.ended.emit()


def _checked(context: TaskContext) -> Callable[[int, int], None]:
    """Return a progress callback that also ends the work when the task was cancelled."""

    def step(done: int, total: int) -> None:
        context.check()
        context.progress(done, total)

    return step
