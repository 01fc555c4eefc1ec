"""Left alone: the list of what the linter passes over, and taking things out of it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.health.kept import CODE as PAIR
from bespoke_gui.core.left_alone import (
    CHECK,
    DICTIONARY,
    LeftAlone,
    heed,
    leave_alone,
    read_left_alone,
)
from bespoke_gui.qtmodels.caption_lints import LintModel
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task


class LeftAloneList(QObject):
    """`rows` is what is left alone in the open project; `changed` comes when it was read.

    Every change is written at once, and `undo` takes back the last one made here.
    """

    changed = Signal()

    def __init__(self, session: Session, lints: LintModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._lints = session, lints
        self._heeded: list[Sequence[LeftAlone]] = []
        self.rows: list[LeftAlone] = []

    def read(self) -> None:
        """Read the list again; without a project it is empty."""
        project = self._session.project
        if project is None:
            self._show([])
            return
        folder = project.folder
        run_task(lambda: read_left_alone(folder), self._show, self._session.show_error, parent=self)

    def leave(self, one: LeftAlone, told: str) -> None:
        """Have the linter pass over this from now on, and say so."""
        self._change(lambda folder: leave_alone(folder, [one]), told)

    def heed(self, rows: Sequence[LeftAlone]) -> None:
        """Have the linter look at these again."""
        if rows:
            self._heeded.append(rows)
            self._change(lambda folder: heed(folder, rows))

    @property
    def can_undo(self) -> bool:
        """Whether something was taken out of the list here."""
        return bool(self._heeded)

    def undo(self) -> None:
        """Put back what was taken out last."""
        if self._heeded:
            rows = self._heeded.pop()
            self._change(lambda folder: leave_alone(folder, rows))

    def words(self, one: LeftAlone) -> str:
        """Return a row in words."""
        if one.kind == DICTIONARY:
            return f"“{one.words}” is in the dictionary"
        title = self._lints.title(one.code)
        if one.kind == CHECK:
            return f"{title}: switched off"
        if one.code == PAIR:
            return f"{title}: {one.words} and {one.caption} are both wanted"
        return f"{title}: “{one.words}” in {one.caption or 'all captions'}"

    def _change(self, change: Callable[[Path], object], told: str = "") -> None:
        project = self._session.project
        if project is None:
            return
        folder = project.folder

        def work() -> list[LeftAlone]:
            change(folder)
            return read_left_alone(folder)

        def done(found: list[LeftAlone]) -> None:
            if told:
                self._session.notify("info", told)
            self._lints.run()
            self._show(found)

        run_task(work, done, self._session.show_error, parent=self)

    def _show(self, found: list[LeftAlone]) -> None:
        self.rows = found
        self.changed.emit()
