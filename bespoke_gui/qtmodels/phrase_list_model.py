"""List of phrases with their counts, with a filter; rows cost nothing until they are shown."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QObject, Qt

from bespoke_gui.qtmodels.phrase_model import PhraseModel
from bespoke_gui.qtmodels.rows import NOWHERE, Index

COUNT = Qt.ItemDataRole.UserRole
QUICK = Qt.ItemDataRole.UserRole + 1


class PhraseListModel(QAbstractListModel):
    """The phrases that hold the words searched for, commonest first."""

    def __init__(self, phrases: PhraseModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._phrases = phrases
        self._words = ""
        self._rows: list[tuple[str, int]] = []
        phrases.updated.connect(self._refresh)
        phrases.quick_changed.connect(self._refresh)
        self._refresh()

    def search(self, words: str) -> None:
        """Show only phrases that hold these words."""
        self._words = words.casefold().strip()
        self._refresh()

    def phrase(self, row: int) -> str:
        """Return the phrase of a row, empty where there is none."""
        return self._rows[row][0] if 0 <= row < len(self._rows) else ""

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        phrase, count = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return phrase
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{phrase}, in {count} captions"
            case _ if role == COUNT:
                return count
            case _ if role == QUICK:
                return phrase in self._phrases.quick
        return None

    def _refresh(self) -> None:
        self.beginResetModel()
        rows = self._phrases.counts()
        self._rows = [r for r in rows if self._words in r[0].casefold()] if self._words else rows
        self.endResetModel()
