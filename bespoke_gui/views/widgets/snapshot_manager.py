"""Snapshot manager: every named state of all captions, made, renamed, compared, brought back."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.history import Snapshot
from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.snapshots import SnapshotDesk, take_snapshot
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.parts import button, heading, muted, row
from bespoke_gui.views.widgets.side_picker import when

COLUMNS = ("Name", "Made", "Captions", "Note")


class Padded(QStyledItemDelegate):
    """Lets the words of a cell begin below those of its heading."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return super().sizeHint(option, index) + QSize(16, 0)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme.tokens().accent_soft)
        # Attributes of a C++ struct: pyright sees plain values where Qt has setters.
        option.rect = option.rect.adjusted(5, 0, -5, 0)  # pyright: ignore[reportAttributeAccessIssue]
        super().paint(painter, option, index)


class SnapshotManager(QDialog):
    """Lists the snapshots of the open project. `compare_wanted` carries the name of one."""

    compare_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._desk = session, SnapshotDesk(session, self)
        self._shown: list[Snapshot] = []
        self.setWindowTitle("Snapshots")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, 460)
        self.table = QTableWidget(0, len(COLUMNS))
        self.automatic = QCheckBox("Show automatic ones")
        self.automatic.setChecked(True)
        self.automatic.setToolTip("Those kept by themselves before many captions were changed")
        self.make = button(
            "New snapshot…", "Keep all captions as they are now", "primary", "snapshot"
        )
        self.rename = button("Rename…", "Give it another name (F2)")
        self.note = button("Note…", "Write a few words to remember it by")
        self.delete = button(
            "Delete…", "Remove it for good; captions are not touched (Delete)", "danger"
        )
        self.compare = button("Compare with now", "Show what changed since then", "", "compare")
        self.restore = button(
            "Restore", "Bring all its texts back; Undo takes that back", "", "revert"
        )
        self._none = muted("No snapshot yet. Make one before you try something out.")
        self._set_up_table()
        self._lay_out()
        self._connect()
        self._fill()

    def selected(self) -> Snapshot | None:
        """Return the snapshot of the current row."""
        number = self.table.currentRow()
        return self._shown[number] if 0 <= number < len(self._shown) else None

    def _set_up_table(self) -> None:
        table = self.table
        table.setAccessibleName("Snapshots")
        table.setHorizontalHeaderLabels(COLUMNS)
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setItemDelegate(Padded(table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addLayout(row(heading("Snapshots of all captions"), None, self.automatic, self.make))
        layout.addWidget(self._none)
        layout.addWidget(self.table, 1)
        layout.addLayout(row(self.rename, self.note, self.delete, None, self.compare, self.restore))

    def _connect(self) -> None:
        self._desk.changed.connect(self._fill)
        self.automatic.toggled.connect(self._fill)
        self.table.itemSelectionChanged.connect(self._tell)
        self.table.itemDoubleClicked.connect(lambda _item: self._on_compare())
        self.make.clicked.connect(self._on_make)
        self.rename.clicked.connect(self._on_rename)
        self.note.clicked.connect(self._on_note)
        self.delete.clicked.connect(self._on_delete)
        self.compare.clicked.connect(self._on_compare)
        self.restore.clicked.connect(self._on_restore)
        add_shortcut(self, "F2", "Rename this snapshot", self.rename.click)
        add_shortcut(self, "Delete", "Delete this snapshot", self.delete.click)

    def _fill(self) -> None:
        current = self.selected()
        wanted = self.automatic.isChecked()
        self._shown = [s for s in self._desk.snapshots if wanted or not s.automatic]
        self.table.setRowCount(len(self._shown))
        for number, snapshot in enumerate(self._shown):
            name = f"{snapshot.name} (automatic)" if snapshot.automatic else snapshot.name
            cells = (name, when(snapshot.created), str(snapshot.count), snapshot.note)
            for place, words in enumerate(cells):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                self.table.setItem(number, place, item)
        names = [snapshot.name for snapshot in self._shown]
        if names:
            wanted_row = names.index(current.name) if current and current.name in names else 0
            self.table.selectRow(wanted_row)
        self._none.setVisible(not names)
        self._tell()

    def _tell(self) -> None:
        has = self.selected() is not None
        for each in (self.rename, self.note, self.delete, self.compare, self.restore):
            each.setEnabled(has)

    def _on_make(self) -> None:
        ask_for_snapshot(self._session)

    def _on_rename(self) -> None:
        chosen = self.selected()
        if chosen is not None:
            new = self._session.ask.text("Rename snapshot", "New name", chosen.name)
            if new and new != chosen.name:
                self._desk.rename(chosen.name, new)

    def _on_note(self) -> None:
        chosen = self.selected()
        if chosen is not None:
            note = self._session.ask.text("Note", f"Note on “{chosen.name}”", chosen.note)
            if note:
                self._desk.annotate(chosen.name, note)

    def _on_delete(self) -> None:
        chosen = self.selected()
        if chosen is None:
            return
        text = "It cannot be brought back. The captions of now stay as they are."
        choices = [("keep", "Keep it"), ("delete", "Delete")]
        if self._session.ask.choose(f"Delete “{chosen.name}”?", text, choices) == "delete":
            self._desk.delete(chosen.name)

    def _on_compare(self) -> None:
        chosen = self.selected()
        if chosen is not None:
            self.compare_wanted.emit(chosen.name)
            self.close()

    def _on_restore(self) -> None:
        chosen = self.selected()
        if chosen is not None:
            self._desk.restore(chosen.name)


def ask_for_snapshot(session: Session) -> None:
    """Ask for a name and keep all captions of now under it."""
    proposal = f"{datetime.now():%Y-%m-%d %H:%M}"
    name = session.ask.text("New snapshot", "Name of this state of all captions", proposal)
    if name:
        take_snapshot(session, name)
