"""Table of distinct changes: each replacement once, with its count and the words lost by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from bespoke_gui.core.change_index import Change
from bespoke_gui.core.diff_excerpt import shortened
from bespoke_gui.core.diff_pieces import Piece, kind_of
from bespoke_gui.core.worddiff import phrase_in
from bespoke_gui.qtmodels.rows import NOWHERE, Index

CHANGE, COUNT, LOST = range(3)
TITLES = ("Change", "Captions", "Words lost")
TIPS = (
    "Words before and after; what moved is shown with an arrow",
    "How many captions hold this change",
    "Words that are gone from a caption with this change",
)


class ChangeRole(IntEnum):
    """What a row tells beside its words."""

    CHANGE = Qt.ItemDataRole.UserRole
    PIECES = Qt.ItemDataRole.UserRole + 1
    ACCEPTED = Qt.ItemDataRole.UserRole + 2


class ChangeTable(QAbstractTableModel):
    """Distinct changes, filtered and sorted here, so that 20,000 of them stay quick."""

    def __init__(
        self,
        is_accepted: Callable[[Change], bool] = lambda _change: False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._is_accepted = is_accepted
        self._all: list[Change] = []
        self._shown: list[Change] = []
        self._words = ""
        self._only_lossy = False
        self._with_accepted = False
        self._column, self._order = COUNT, Qt.SortOrder.DescendingOrder

    def set_changes(self, changes: Iterable[Change]) -> None:
        """Take these changes over."""
        self._all = list(changes)
        self._fill()

    def filter(
        self,
        words: str | None = None,
        only_lossy: bool | None = None,
        with_accepted: bool | None = None,
    ) -> None:
        """Show only changes that hold `words`, that lost words, or also accepted ones."""
        self._words = self._words if words is None else words.casefold().strip()
        self._only_lossy = self._only_lossy if only_lossy is None else only_lossy
        self._with_accepted = self._with_accepted if with_accepted is None else with_accepted
        self._fill()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column, self._order = column, order
        self._fill()

    def change(self, row: int) -> Change | None:
        """Return the change of a row."""
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def row_of(self, key: tuple[str, str, str]) -> int:
        """Return the row of a change, -1 where it is not shown."""
        return next((row for row, change in enumerate(self._shown) if change.key == key), -1)

    def hidden(self) -> int:
        """Return how many changes the filter and acceptance hide."""
        return len(self._all) - len(self._shown)

    def accepted(self) -> int:
        """Return how many changes were accepted."""
        return sum(map(self._is_accepted, self._all))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(TITLES):
            if role == Qt.ItemDataRole.DisplayRole:
                return TITLES[section]
            if role == Qt.ItemDataRole.ToolTipRole:
                return TIPS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        change = self.change(index.row()) if index.isValid() else None
        if change is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _cell(change, index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return _tip(change)
            case Qt.ItemDataRole.AccessibleTextRole:
                return _tip(change) if index.column() == CHANGE else _cell(change, index.column())
            case ChangeRole.CHANGE:
                return change
            case ChangeRole.PIECES:
                return pieces_of(change)
            case ChangeRole.ACCEPTED:
                return self._is_accepted(change)
        return None

    def _fill(self) -> None:
        self.beginResetModel()
        shown = [change for change in self._all if self._fits(change)]
        keys: tuple[Callable[[Change], Any], ...] = (
            lambda change: (change.before or change.after).casefold().lstrip(" ,"),
            lambda change: change.count,
            lambda change: (len(change.lossy), len(change.lost)),
        )
        descending = self._order == Qt.SortOrder.DescendingOrder
        self._shown = sorted(shown, key=keys[self._column], reverse=descending)
        self.endResetModel()

    def _fits(self, change: Change) -> bool:
        if self._only_lossy and not change.lossy:
            return False
        if self._words and self._words not in f"{change.before}\n{change.after}".casefold():
            return False
        return self._with_accepted or not self._is_accepted(change)


def pieces_of(change: Change) -> list[Piece]:
    """Return the pieces that show a change in a row, without outer separators where that reads."""
    if change.op == "moved":
        return shortened([Piece("moved", "", change.after, 1)])
    before, after = phrase_in(change.before), phrase_in(change.after)
    if before == after:
        before, after = change.before, change.after
    return shortened([Piece(kind_of(before, after), before, after, 1)])


def _cell(change: Change, column: int) -> str:
    if column == CHANGE:
        return (
            f"{change.before} → {change.after}"
            if change.before and change.after
            else (change.before or change.after)
        )
    if column == COUNT:
        return str(change.count)
    return ", ".join(change.lost)


def _tip(change: Change) -> str:
    if change.op == "moved":
        return f"“{change.after}” stands at another place in {change.count} captions"
    what = [f"Before: {change.before}"] if change.before else []
    what += [f"After: {change.after}"] if change.after else []
    if change.lossy:
        what.append(f"Lost in {len(change.lossy)} of {change.count}: {', '.join(change.lost)}")
    return "\n".join(what)
