"""Rows of an import preview: captions that would change, those that lose words first."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QObject,
    Qt,
    Signal,
)

from bespoke_gui.core.diff_pieces import Piece, pieces
from bespoke_gui.core.exchange.preview import Change, Preview
from bespoke_gui.qtmodels.rows import NOWHERE, Index
from bespoke_gui.qtmodels.session import Session


class Role(IntEnum):
    """What a row tells beside its words."""

    NAME = Qt.ItemDataRole.UserRole
    IMAGE = Qt.ItemDataRole.UserRole + 1
    CHANGE = Qt.ItemDataRole.UserRole + 2
    PIECES = Qt.ItemDataRole.UserRole + 3


class ImportRows(QAbstractListModel):
    """One row a change; the check state is its tick. What would lose words begins unticked."""

    ticked_changed = Signal()

    def __init__(self, session: Session, preview: Preview, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._separator = session.project.separator if session.project else ","
        changes = preview.changes.values()
        self._changes = sorted(changes, key=lambda change: not change.lossy)
        self._ticked = {change.name for change in changes if not change.lossy}
        items = session.dataset.items if session.dataset else []
        self._images = {item.name: item.image for item in items}
        self._pieces = lru_cache(maxsize=512)(self._make_pieces)
        session.thumbnails.loaded.connect(self._on_loaded)

    def ticked(self) -> list[str]:
        """Return the captions that are to be taken."""
        return [change.name for change in self._changes if change.name in self._ticked]

    def tick_all(self, lossy: bool) -> None:
        """Tick every row, those that lose words only with `lossy`."""
        self._ticked = {c.name for c in self._changes if lossy or not c.lossy}
        self._tell_all()

    def tick_none(self) -> None:
        """Untick every row."""
        self._ticked = set()
        self._tell_all()

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        name = self._changes[index.row()].name
        on = Qt.CheckState(value) == Qt.CheckState.Checked
        (self._ticked.add if on else self._ticked.discard)(name)
        self.dataChanged.emit(index, index)
        self.ticked_changed.emit()
        return True

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._changes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        change = self._changes[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Role.NAME:
                return change.name
            case Qt.ItemDataRole.CheckStateRole:
                on = change.name in self._ticked
                return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.AccessibleTextRole:
                lost = f", loses {', '.join(change.diff.lost)}" if change.lossy else ""
                return f"{change.name}, {change.diff.status}{lost}"
            case Qt.ItemDataRole.ToolTipRole:
                return f"{change.before or '(no caption)'}\n\n{change.after}"
            case Role.IMAGE:
                path = self._images.get(change.name)
                return self._session.thumbnails.image(path) if path else None
            case Role.CHANGE:
                return change
            case Role.PIECES:
                return self._pieces(index.row())
        return None

    def _make_pieces(self, row: int) -> list[Piece]:
        change: Change = self._changes[row]
        return pieces(change.before or "", change.after, self._separator)

    def _tell_all(self) -> None:
        if self._changes:
            self.dataChanged.emit(self.index(0), self.index(len(self._changes) - 1))
        self.ticked_changed.emit()

    def _on_loaded(self, _paths: list[object]) -> None:
        if self._changes:
            last = self.index(len(self._changes) - 1)
            self.dataChanged.emit(self.index(0), last, [int(Role.IMAGE)])
