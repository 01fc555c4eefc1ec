"""Ledger model: reads every run in the background, compares two, keeps what is expected next."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.ledger.changes import RunChanges, run_changes
from bespoke_gui.core.ledger.entries import Entry, ledger
from bespoke_gui.core.ledger.expected import Expectation, parse, read_expected, write_expected
from bespoke_gui.core.ledger.inputs import read_inputs
from bespoke_gui.core.runs import read_run
from bespoke_gui.qtmodels.ledger_rows import ChangeRow, change_rows
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

Edit = Callable[[list[Expectation]], list[Expectation]]


@dataclass
class Compared:
    """What changed between two runs, and every difference as a row."""

    changes: RunChanges
    rows: list[ChangeRow] = field(default_factory=list)


class LedgerModel(QObject):
    """read_done: entries and waiting are there; compared: another comparison, or none;
    waiting_changed: what is expected of the next run is another."""

    read_done = Signal()
    compared = Signal()
    waiting_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.entries: list[Entry] = []
        self.waiting: list[Expectation] = []
        self.comparison: Compared | None = None
        self.removed: list[Expectation] = []
        self._pair: tuple[str, str] | None = None
        self._folder = session.project.folder if session.project else None
        self._writing = threading.Lock()
        self._written = self._shown = 0
        session.project_changed.connect(self._on_project)

    def read(self) -> None:
        """Read all runs again."""
        project = self.session.project
        if project is None:
            return

        def done(found: tuple[list[Entry], list[Expectation]]) -> None:
            if project is self.session.project:
                self.entries, self.waiting = found
                self.read_done.emit()
                self.waiting_changed.emit()

        run_task(
            lambda: (ledger(project), read_expected(project.folder)),
            done, self.session.show_error, parent=self,
        )  # fmt: skip

    def entry(self, run: str) -> Entry | None:
        """Return the entry of a run."""
        return next((entry for entry in self.entries if entry.run == run), None)

    def compare(self, before: str, after: str) -> None:
        """Compare two runs by name; a name that is not there, or one with itself, compares none."""
        one, two = self.entry(before), self.entry(after)
        pair = self._pair = (before, after)
        if one is None or two is None or one is two:
            self._take(None)
            return
        folders = Path(one.folder), Path(two.folder)
        run_task(
            lambda: _compare(*folders),
            lambda found: self._take(found) if pair == self._pair else None,
            self.session.show_error, parent=self,
        )  # fmt: skip

    # -- what is expected of the next run -----------------------------------------------------

    def expect(self, text: str) -> str:
        """Write an expectation of the next run down; returns why it cannot be read, or ""."""
        try:
            one = parse(text)
        except AppError as error:
            return f"{error.message}: {error.hint}"
        self._edit(lambda known: [*known, one])
        return ""

    def remove(self, one: Expectation) -> None:
        """Take an expectation back; `undo` brings it."""
        self.removed.append(one)
        self._edit(lambda known: [other for other in known if other.id != one.id])

    def undo(self) -> None:
        """Bring back the expectation that was taken back last."""
        if self.removed:
            one = self.removed.pop()
            self._edit(lambda known: known if one in known else [*known, one])

    def _edit(self, edit: Edit) -> None:
        """Write in the background; edits come one after the other, each over what the file has."""
        project = self.session.project
        if project is None:
            return

        def work() -> tuple[int, list[Expectation]]:
            with self._writing:
                found = edit(read_expected(project.folder))
                write_expected(project.folder, found)
                self._written += 1
                return self._written, found

        def done(result: tuple[int, list[Expectation]]) -> None:
            number, found = result
            if project is self.session.project and number > self._shown:
                self._shown, self.waiting = number, found
                self.waiting_changed.emit()

        run_task(work, done, self.session.show_error, parent=self)

    def _take(self, found: Compared | None) -> None:
        self.comparison = found
        self.compared.emit()

    def _on_project(self) -> None:
        """Forget the runs of another project; the same one may only have been read again."""
        folder = self.session.project.folder if self.session.project else None
        if folder == self._folder:
            return
        self._folder = folder
        self.entries, self.waiting, self.removed, self._pair = [], [], [], None
        self.read_done.emit()
        self.waiting_changed.emit()
        self._take(None)


def _compare(before: Path, after: Path) -> Compared:
    found = run_changes(before, after)
    configs = [dict(read_run(folder).spec.get("config") or {}) for folder in (before, after)]
    idle = {key: (configs[0].get(key), configs[1].get(key)) for key in found.idle}
    return Compared(found, change_rows(found, read_inputs(before), read_inputs(after), idle))
