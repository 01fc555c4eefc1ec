"""Lints of the open project's captions, found in the background a moment after each edit."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, run_task

DELAY_MS = 400


class LintModel(QObject):
    """Problems by caption name; `updated` comes when they have been found anew."""

    updated = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._problems: dict[str, list[Problem]] = {}
        self._task: Task | None = None
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.run)
        session.captions.changed.connect(self._timer.start)
        session.project_changed.connect(self.run)
        self.run()

    def problems(self, name: str) -> list[Problem]:
        """Return what was found in one caption, in order of place."""
        return self._problems.get(name, [])

    def count(self) -> int:
        """Return how many captions have a finding."""
        return len(self._problems)

    def run(self) -> None:
        """Look at all captions now, in the background; a run still going on is dropped."""
        project = self._session.project
        if self._task is not None:
            self._task.cancel()
        if project is None:
            self._take([])
            return
        texts, separator = self._session.captions.texts(), project.separator

        def work() -> list[Problem]:
            from bespoke_gui.core.lints import lint

            return lint(texts, separator)

        self._task = run_task(work, self._take, self._session.show_error, parent=self)

    def _take(self, problems: list[Problem]) -> None:
        found: dict[str, list[Problem]] = {}
        for problem in problems:
            if problem.file:
                found.setdefault(problem.file, []).append(problem)
        self._problems = found
        self.updated.emit()


def place(problem: Problem) -> tuple[int, int] | None:
    """Return start and end of a finding in its caption, None when it has no place."""
    start, dash, end = problem.where.partition("-")
    if not dash or not start.isdigit() or not end.isdigit():
        return None
    return int(start), int(end)
