"""Rows model: a table of fixed headings over a list of rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from bespoke_gui.qtmodels.rows import NOWHERE, Index

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class RowsModel(QAbstractTableModel):
    """A table of fixed headings over a list of rows; subclasses say what a cell reads."""

    headings: tuple[str, ...] = ()
    right: tuple[int, ...] = ()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Any] = []

    def show(self, rows: list[Any]) -> None:
        """Show these rows; new ones at the end are added without losing the selection."""
        old = len(self.rows)
        if rows[:old] == self.rows:
            if len(rows) > old:
                self.beginInsertRows(NOWHERE, old, len(rows) - 1)
                self.rows = list(rows)
                self.endInsertRows()
            return
        if len(rows) == old:
            self.rows = list(rows)
            self.dataChanged.emit(self.index(0, 0), self.index(old - 1, len(self.headings) - 1))
            return
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def text(self, row: Any, column: int) -> str:
        """Return what a cell reads."""
        raise NotImplementedError

    def tip(self, row: Any) -> str:
        """Return what a row's tooltip says."""
        return ""

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.headings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tip(row)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in self.right:
            return RIGHT
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.headings[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section in self.right else LEFT
        return None
