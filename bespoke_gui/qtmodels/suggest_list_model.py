"""List of suggestions: one row a proposal, with its picture, its tick and what it would lose."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QObject, Qt

from bespoke_gui.qtmodels.rows import NOWHERE, Index, runs
from bespoke_gui.qtmodels.suggestions import Proposal, Suggestions
from bespoke_gui.qtmodels.thumbnails import ThumbnailCache

MOST_WORDS = 8
MOST_RUNS = 32


class Role(IntEnum):
    """What a row tells beside its words."""

    NAME = Qt.ItemDataRole.UserRole
    IMAGE = Qt.ItemDataRole.UserRole + 1
    PROPOSAL = Qt.ItemDataRole.UserRole + 2


class SuggestListModel(QAbstractListModel):
    """Proposals in the order of the captions. `image_of` gives the file of an image by name."""

    def __init__(
        self,
        suggestions: Suggestions,
        thumbnails: ThumbnailCache,
        image_of: Callable[[str], Path | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._suggestions = suggestions
        self._thumbnails = thumbnails
        self._image_of = image_of
        self._names: list[str] = []
        self._rows: dict[str, int] = {}
        suggestions.changed.connect(self._on_changed)
        thumbnails.loaded.connect(self._on_loaded)
        self._on_changed([])

    def name(self, row: int) -> str:
        """Return the name of a row, empty outside the list."""
        return self._names[row] if 0 <= row < len(self._names) else ""

    def row_of(self, name: str) -> int:
        """Return the row of a name, -1 where it has no proposal."""
        return self._rows.get(name, -1)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._names)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.isValid() else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        proposal = self._suggestions.proposal(self.name(index.row()))
        if not index.isValid() or proposal is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return proposal.stem
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{proposal.stem}: {summary(proposal)}"
            case Qt.ItemDataRole.ToolTipRole:
                return f"{proposal.name}\n{summary(proposal)}"
            case Qt.ItemDataRole.CheckStateRole:
                on = self._suggestions.is_ticked(proposal.name)
                return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
            case Role.NAME:
                return proposal.name
            case Role.PROPOSAL:
                return proposal
            case Role.IMAGE:
                path = self._image_of(proposal.name)
                return None if path is None else self._thumbnails.image(path)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        on = Qt.CheckState(value) == Qt.CheckState.Checked
        self._suggestions.tick([self.name(index.row())], on)
        return True

    def _on_changed(self, names: list[str]) -> None:
        now = self._suggestions.names()
        if now != self._names:
            self._change_rows(now)
        for row in (self._rows[name] for name in names if name in self._rows):
            self.dataChanged.emit(self.index(row), self.index(row))

    def _change_rows(self, now: list[str]) -> None:
        """Take rows out and put them in, so that the current one and the place stay."""
        wanted, known = set(now), set(self._names)
        gone = runs([row for row, name in enumerate(self._names) if name not in wanted])
        fresh = runs([row for row, name in enumerate(now) if name not in known])
        kept = [name for name in now if name in known]
        in_order = kept == [name for name in self._names if name in wanted]
        if len(gone) + len(fresh) > MOST_RUNS or not in_order:
            self.beginResetModel()
            self._take(now)
            self.endResetModel()
            return
        for first, last in reversed(gone):
            self.beginRemoveRows(NOWHERE, first, last)
            self._take(self._names[:first] + self._names[last + 1 :])
            self.endRemoveRows()
        for first, last in fresh:
            self.beginInsertRows(NOWHERE, first, last)
            self._take(self._names[:first] + now[first : last + 1] + self._names[first:])
            self.endInsertRows()

    def _take(self, names: list[str]) -> None:
        self._names = names
        self._rows = {name: row for row, name in enumerate(names)}

    def _on_loaded(self, paths: list[Path]) -> None:
        if self._names:
            last = self.index(len(self._names) - 1)
            self.dataChanged.emit(self.index(0), last, [int(Role.IMAGE)])


def summary(proposal: Proposal) -> str:
    """Say in a line what accepting a proposal would do."""
    diff = proposal.diff
    if not proposal.is_change:
        return "the same as today's caption"
    if diff.lossy:
        return f"loses {_listed(diff.lost)}"
    if diff.gained:
        return f"adds {_listed(diff.gained)}"
    return "other order or punctuation"


def _listed(words: list[str]) -> str:
    more = len(words) - MOST_WORDS
    return ", ".join(words[:MOST_WORDS]) + (f" and {more} more" if more > 0 else "")
