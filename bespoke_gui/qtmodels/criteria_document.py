"""Criteria document: the project's criteria while they are changed, kept at once, with undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core import criteria_edit as edit
from bespoke_gui.core.criteria import Criteria, Criterion, builtin_criteria, load_criteria
from bespoke_gui.qtmodels.tasks import run_task

if TYPE_CHECKING:
    from bespoke_gui.qtmodels.session import Session

MOST_UNDO = 200
SETTLE_MS = 150


class CriteriaDocument(QObject):
    """changed: the criteria differ, from whatever side; kept: criteria.toml says so too."""

    changed = Signal()
    kept = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.criteria = self._saved = builtin_criteria()
        self._undo: list[Criteria] = []
        self._redo: list[Criteria] = []
        self._is_writing = False
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._keep)
        session.project_changed.connect(self.load)
        self.load()

    def load(self) -> None:
        """Read the project's criteria.toml, or take the built-in one where there is none."""
        project = self._session.project
        path = project.criteria_path if project else None

        def read() -> Criteria:
            return load_criteria(path) if path and path.is_file() else builtin_criteria()

        def done(found: Criteria) -> None:
            self.criteria = self._saved = found
            self._undo.clear()
            self._redo.clear()
            self.changed.emit()

        run_task(read, done, self._session.show_error, parent=self)

    @property
    def trouble(self) -> str:
        """What contradicts itself, in words; such criteria are not kept."""
        return edit.trouble(self.criteria)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether a change was taken back."""
        return bool(self._redo)

    def addable(self) -> list[Criterion]:
        """Return the known criteria that are not there yet."""
        return edit.addable(self.criteria)

    # -- changes ------------------------------------------------------------------------------

    def set_line(self, place: int, **values: Any) -> None:
        """Change a level (None asks for nothing) of one criterion, or whether it is off."""
        self._take(edit.with_line(self.criteria, place, **values))

    def set_baseline(self, name: str, figure: float | None) -> None:
        """Change a figure that a person counted in the run before; None takes it away."""
        self._take(edit.with_baseline(self.criteria, name, figure))

    def set_word(self, name: str, value: float) -> None:
        """Change when an image is called clean or messy."""
        self._take(edit.with_word(self.criteria, name, value))

    def add(self, criterion: Criterion) -> None:
        """Judge by one more."""
        self._take(edit.with_added(self.criteria, criterion))

    def use_reference(self) -> None:
        """Take the criteria that travel with Bespoke; others are kept, but off."""
        self._take(edit.as_reference(self.criteria))

    def undo(self) -> None:
        """Take the last change back."""
        self._step(self._undo, self._redo)

    def redo(self) -> None:
        """Make a change again that was taken back."""
        self._step(self._redo, self._undo)

    def _take(self, criteria: Criteria) -> None:
        if criteria != self.criteria:
            self._undo = [*self._undo[1 - MOST_UNDO :], self.criteria]
            self._redo.clear()
            self._show(criteria)

    def _step(self, out: list[Criteria], into: list[Criteria]) -> None:
        if out:
            into.append(self.criteria)
            self._show(out.pop())

    def _show(self, criteria: Criteria) -> None:
        self.criteria = criteria
        self.changed.emit()
        self._settle.start()

    # -- the file -----------------------------------------------------------------------------

    def _keep(self) -> None:
        """Write what is shown, one write at a time; what contradicts itself waits."""
        project, wanted, before = self._session.project, self.criteria, self._saved
        if project is None or self._is_writing or self.trouble:
            return
        self._is_writing = True

        def done(_: object) -> None:
            self._is_writing = False
            self._saved = wanted
            if self.criteria == wanted:
                self.kept.emit()
            else:
                self._settle.start()

        def failed(error: BaseException) -> None:
            self._is_writing = False
            self._session.show_error(error)
            self.load()

        path = project.criteria_path
        run_task(lambda: edit.save_criteria(path, wanted, before), done, failed, parent=self)
