"""The project's prepared sets: their state, made again, moved to the bin and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

if TYPE_CHECKING:
    from bespoke_gui.core.prepared.restore import Restored
    from bespoke_gui.core.prepared.sets import SetState


class PreparedSets(QObject):
    """`listed` carries a list of SetState, `binned` the name of a set that can be brought back."""

    listed = Signal(list)
    binned = Signal(str)
    busy_changed = Signal(bool)
    progressed = Signal(int, int, str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._listing: Task | None = None
        self._restoring: Task | None = None
        self._last: tuple[Path, Path] | None = None
        session.prepared_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Compare every set with its manifest and its source, in the background."""
        project = self._session.project
        if self._listing is not None:
            self._listing.cancel()
        if project is None:
            self.listed.emit([])
            return

        def look(context: TaskContext) -> list[SetState]:
            from bespoke_gui.core.prepared.sets import find_sets, set_state

            folders = find_sets(project.prepared_dir)
            states = [set_state(folder, lambda: context.cancelled) for folder in folders]
            return sorted(states, key=lambda state: -state.made)

        self._listing = run_task(look, self.listed.emit, self._session.show_error, parent=self)

    def restore(self, folder: Path) -> None:
        """Make a set again as its manifest says."""
        if self._restoring is not None and self._restoring.is_running:
            return

        def work(context: TaskContext) -> Restored:
            from bespoke_gui.core.prepared.restore import restore

            return restore(folder, None, context.progress, lambda: context.cancelled)

        self.busy_changed.emit(True)
        self._restoring = run_task(
            work,
            self._on_restored,
            self._session.show_error,
            self.progressed.emit,
            parent=self,
            ended=lambda: self.busy_changed.emit(False),
        )

    def cancel(self) -> None:
        """End making a set again."""
        if self._restoring is not None:
            self._restoring.cancel()

    def remove(self, folder: Path) -> None:
        """Move a set to the project's bin."""
        project = self._session.project
        if project is None:
            return

        def work() -> Path:
            from bespoke_gui.core.prepared.restore import to_bin

            return to_bin(folder, project.folder)

        def done(place: Path) -> None:
            self._last = (place, folder)
            self.binned.emit(folder.name)
            self._session.prepared_changed.emit()

        run_task(work, done, self._session.show_error, parent=self)

    def bring_back(self) -> None:
        """Bring the set back that went to the bin last."""
        if self._last is None:
            return
        place, folder = self._last

        def work() -> None:
            from bespoke_gui.core.prepared.restore import from_bin

            from_bin(place, folder)

        def done(_: object) -> None:
            self._last = None
            self.binned.emit("")
            self._session.prepared_changed.emit()

        run_task(work, done, self._session.show_error, parent=self)

    def _on_restored(self, restored: Restored) -> None:
        name = restored.report.folder.name
        text = f"Made {name} again: {restored.same} of {restored.files} files as the manifest says."
        if restored.put_aside:
            where = restored.put_aside[0].parent.name
            text += f" Files changed by hand are in {where}."
        problems = restored.report.problems
        details = "\n".join(f"{p.file}: {p.message}".strip(": ") for p in problems)
        worst = any(problem.severity == "error" for problem in problems)
        self._session.notify("warning" if worst else "good", text, details)
        self._session.prepared_changed.emit()
