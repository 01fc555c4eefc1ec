"""Ledger page: every run in a table; below what changed between two, and expected beside found."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.ledger_model import LedgerModel
from bespoke_gui.qtmodels.ledger_rows import LedgerRows, kept_promises
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.widgets.empty_note import no_runs
from bespoke_gui.views.widgets.ledger_changes import LedgerChanges
from bespoke_gui.views.widgets.ledger_expected import LedgerExpected
from bespoke_gui.views.widgets.parts import elided, heading, row, splitter, tool
from bespoke_gui.views.widgets.tables import table_view

WIDTHS = (152, 124, 70, 130, 92, 96, 168, 78, 58, 74, 52, 104, 80)
NONE_YET = "What each one was made of, what it cost and what was found will stand here."


class LedgerPage(QWidget):
    """The chosen row is the later side of the comparison; the run before it is the earlier one."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.model = LedgerModel(session, self)
        self._session = session
        self._build()
        self.model.read_done.connect(self._on_read)
        for signal in (session.project_changed, session.runs_changed, session.galleries_changed):
            signal.connect(self._read_when_seen)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._on_row())

    @property
    def chosen(self) -> str:
        """The run of the chosen row, "" for none."""
        place = self.table.currentIndex().row()
        return self.rows.rows[place].run if 0 <= place < len(self.rows.rows) else ""

    def choose(self, run: str) -> None:
        """Choose the row of a run; the newest where it is not there."""
        runs = [entry.run for entry in self.rows.rows]
        place = runs.index(run) if run in runs else 0
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().setCurrentIndex(
            self.rows.index(place, 0), flags.ClearAndSelect | flags.Rows
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.model.read()

    def _read_when_seen(self) -> None:
        if self.isVisible():
            self.model.read()

    def _on_read(self) -> None:
        entries, chosen, pair = self.model.entries, self.chosen, self.changes.pair
        self.rows.show(entries)
        words = [wording.count(len(entries), "run"), kept_promises(entries)]
        self.words.setText("  ·  ".join(filter(None, words)) if entries else "")
        self.stack.setCurrentIndex(int(bool(entries)))
        self.changes.show_runs([entry.run for entry in entries])
        if entries:
            self.choose(chosen)
        self._on_row()
        if {*pair, chosen} <= {entry.run for entry in entries}:
            # Reading anew must not undo which two the person chose.
            self.changes.choose(*pair)

    def _on_row(self) -> None:
        runs, chosen = [entry.run for entry in self.rows.rows], self.chosen
        self.expected.show_run(self.model.entry(chosen))
        place = runs.index(chosen) + 1 if chosen else len(runs)
        self.changes.choose(runs[place] if place < len(runs) else "", chosen)

    def _build(self) -> None:
        self.rows = LedgerRows(self)
        self.table = self._table()
        self.words = elided(kind="muted")
        # F5 is the window's: it reads the whole project again, and this page with it.
        again = tool("refresh", "Read all runs again", "F5")
        again.clicked.connect(self.model.read)
        head = row(heading("Every run", 1.15), self.words, again, spacing=12)
        head.setStretch(1, 1)
        self.changes = LedgerChanges(self.model)
        self.expected = LedgerExpected(self.model)
        lower = splitter(Qt.Orientation.Horizontal, (self.changes, self.expected), (1, 1))
        lower.setSizes([640, 640])
        self.stack = QStackedWidget()
        self.stack.addWidget(no_runs(self._session, NONE_YET))
        self.stack.addWidget(self.table)
        self.stack.setCurrentIndex(1)  # until the runs have been read
        whole = splitter(Qt.Orientation.Vertical, (self.stack, lower), (1, 1))
        whole.setSizes([280, 420])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(whole, 1)

    def _table(self) -> QTableView:
        table = table_view(self.rows, "Every run of the project", WIDTHS)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setMinimumHeight(110)
        table.setWordWrap(False)
        return table
