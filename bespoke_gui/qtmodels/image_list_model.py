"""List of a dataset's images with thumbnail, name and state, and the filter over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from bespoke_gui.core.dataset import Item
from bespoke_gui.qtmodels.thumbnails import ThumbnailCache

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class Role(IntEnum):
    """What a row tells beside its words."""

    NAME = Qt.ItemDataRole.UserRole
    IMAGE = Qt.ItemDataRole.UserRole + 1
    STATE = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True)
class RowState:
    """The state of one image's caption, as the list shows and filters it."""

    unsaved: bool = False
    missing: bool = False
    changed: bool = False
    lossy: bool = False
    notes: int = 0

    def words(self) -> str:
        """Return the state in words."""
        said = [
            ("not saved", self.unsaved),
            ("no caption", self.missing),
            ("words were lost", self.lossy),
            ("changed", self.changed and not self.lossy),
            (f"{self.notes} notes" if self.notes != 1 else "1 note", self.notes > 0),
        ]
        return ", ".join(word for word, holds in said if holds)


FILTERS: dict[str, tuple[str, Callable[[RowState], bool]]] = {
    "all": ("All images", lambda state: True),
    "lossy": ("Lost words", lambda state: state.lossy),
    "changed": ("Changed", lambda state: state.changed),
    "unsaved": ("Not saved", lambda state: state.unsaved),
    "notes": ("With notes", lambda state: state.notes > 0),
    "missing": ("No caption", lambda state: state.missing),
}


class ImageListModel(QAbstractListModel):
    """One row an image, in the dataset's order."""

    def __init__(
        self,
        thumbnails: ThumbnailCache,
        state_of: Callable[[str], RowState] = lambda name: RowState(),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._state_of = state_of
        self._items: list[Item] = []
        self._rows: dict[str, int] = {}
        self._by_path: dict[Path, int] = {}
        thumbnails.loaded.connect(self._on_loaded)

    def set_items(self, items: Iterable[Item]) -> None:
        """Show these images."""
        self.beginResetModel()
        self._items = list(items)
        self._rows = {item.name: row for row, item in enumerate(self._items)}
        self._by_path = {item.image: row for row, item in enumerate(self._items)}
        self.endResetModel()

    def item(self, row: int) -> Item:
        """Return the image of a row."""
        return self._items[row]

    def row_of(self, name: str) -> int:
        """Return the row of an image, -1 when it is not there."""
        return self._rows.get(name, -1)

    def state(self, row: int) -> RowState:
        """Return the caption's state."""
        return self._state_of(self._items[row].name)

    def refresh(self, names: Iterable[str] = ()) -> None:
        """Say that the state of these images (of all, without names) may have changed."""
        if not self._items:
            return
        rows = [self._rows[name] for name in names if name in self._rows]
        for row in rows:
            self.dataChanged.emit(self.index(row), self.index(row))
        if not rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._items) - 1))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self._items[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return item.stem
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(item)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{item.stem} {self._state_of(item.name).words()}".strip()
            case Role.NAME:
                return item.name
            case Role.IMAGE:
                return self._thumbnails.image(item.image)
            case Role.STATE:
                return self._state_of(item.name)
        return None

    def _tip(self, item: Item) -> str:
        problem = self._thumbnails.problem(item.image)
        lines = [item.name, self._state_of(item.name).words(), problem]
        return "\n".join(line for line in lines if line)

    def _on_loaded(self, paths: list[Path]) -> None:
        rows = sorted(self._by_path[path] for path in paths if path in self._by_path)
        if rows:
            image = [int(Role.IMAGE)]
            self.dataChanged.emit(self.index(rows[0]), self.index(rows[-1]), image)


class ImageFilter(QSortFilterProxyModel):
    """Shows the images whose name or caption holds all the words typed, and that have a state."""

    def __init__(
        self,
        model: ImageListModel,
        text_of: Callable[[str], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._text_of = text_of
        self._words: list[str] = []
        self._kind = "all"
        # Rows stay while their state changes under the hand; `apply` looks again.
        self.setDynamicSortFilter(False)
        self.setSourceModel(model)

    def set_text(self, text: str) -> None:
        """Show only images whose name or caption contains `text`, whatever its case."""
        self._words = [text.casefold().strip()] if text.strip() else []
        self.apply()

    def set_kind(self, kind: str) -> None:
        """Show only images of one of FILTERS."""
        self._kind = kind
        self.apply()

    def apply(self) -> None:
        """Filter again, after captions changed."""
        self.invalidate()
        # Qt would filter at the next look, by the states of then.
        self.rowCount()

    def kind(self) -> str:
        """Return the chosen one of FILTERS."""
        return self._kind

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        name = self._model.item(row).name
        if not FILTERS[self._kind][1](self._model.state(row)):
            return False
        if not self._words:
            return True
        haystack = f"{name}\n{self._text_of(name)}".casefold()
        return all(word in haystack for word in self._words)
