"""List of a dataset's images with thumbnail, name and state: those shown, in the order chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QObject, Qt
from PySide6.QtGui import QImage

from bespoke_gui.core.dataset import Item
from bespoke_gui.qtmodels.rows import NOWHERE, Index
from bespoke_gui.qtmodels.thumbnails import ThumbnailCache

FEW = 500
LARGE = 5_000  # rows that are not numbered before somebody asks for one


class Role(IntEnum):
    """What a row tells beside its words."""

    NAME = Qt.ItemDataRole.UserRole
    IMAGE = Qt.ItemDataRole.UserRole + 1
    STATE = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True)
class RowState:
    """The state of one image's caption, as the list shows it.

    `review` is todo, accepted or needs_work, `note` the words kept with it.
    """

    unsaved: bool = False
    missing: bool = False
    changed: bool = False
    lossy: bool = False
    notes: int = 0
    review: str = "todo"
    note: str = ""
    excluded: bool = False

    def words(self) -> str:
        """Return the state in words."""
        review = {"accepted": "accepted", "needs_work": "needs work"}.get(self.review, "")
        said = [
            ("excluded", self.excluded),
            (f"{review}: {self.note}" if self.note else review, bool(review)),
            ("not saved", self.unsaved),
            ("no caption", self.missing),
            ("words were lost", self.lossy),
            ("changed", self.changed and not self.lossy),
            (f"{self.notes} notes" if self.notes != 1 else "1 note", self.notes > 0),
        ]
        return ", ".join(word for word, holds in said if holds)


class ImageListModel(QAbstractListModel):
    """One row an image that is shown: all of them in the dataset's order, until told otherwise."""

    def __init__(
        self,
        thumbnails: ThumbnailCache,
        state_of: Callable[[str], RowState] = lambda name: RowState(),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._state_of = state_of
        self._items: dict[str, Item] = {}
        self._names: list[str] = []
        self._rows: dict[str, int] | None = None
        # Only what was painted can be loaded later, so that opening 100,000 images costs nothing.
        self._waiting: dict[Path, str] = {}
        thumbnails.loaded.connect(self._on_loaded)

    def set_items(self, items: Iterable[Item]) -> None:
        """Take these images and show all of them."""
        self.set_named({item.name: item for item in items})

    def set_named(self, items: dict[str, Item]) -> None:
        """Do what `set_items` does with images by name, which become the model's own.

        The very images that are there already only have their states shown anew.
        """
        if items is self._items:
            self.refresh()
            return
        self.beginResetModel()
        self._items = items
        self._names, self._rows = list(items), None
        self._waiting = {}
        self.endResetModel()

    def show_names(self, names: Sequence[str]) -> None:
        """Show only these images, in this order; names that are not there are left out."""
        if names == self._names:
            return
        kept = [name for name in names if name in self._items]
        if kept == self._names:
            return
        self.beginResetModel()
        self._names, self._rows = kept, None
        self.endResetModel()

    def total(self) -> int:
        """Return how many images there are, shown or not."""
        return len(self._items)

    def all_names(self) -> list[str]:
        """Return the names of all images in the dataset's order."""
        return list(self._items)

    def names(self) -> list[str]:
        """Return the names shown, in order; the list belongs to the model."""
        return self._names

    def name(self, row: int) -> str:
        """Return the name of the image in a row."""
        return self._names[row]

    def item(self, row: int) -> Item:
        """Return the image of a row."""
        return self._items[self._names[row]]

    def row_of(self, name: str) -> int:
        """Return the row of an image, -1 when it is not shown."""
        if name not in self._items:
            return -1
        if self._rows is None:
            self._rows = dict(zip(self._names, range(len(self._names)), strict=True))
        return self._rows.get(name, -1)

    def state(self, row: int) -> RowState:
        """Return the caption's state."""
        return self._state_of(self._names[row])

    def image(self, row: int) -> QImage | None:
        """Return the native image, or None while it is being read."""
        item = self.item(row)
        found = self._thumbnails.image(item.image)
        if found is None:
            self._waiting[item.image] = item.name
        return found

    def refresh(self, names: Iterable[str] = ()) -> None:
        """Say that the state of these images (of all, without names) may have changed."""
        if not self._names:
            return
        few = self._few(list(names))
        rows = [row for row in map(self.row_of, few) if row >= 0]
        if few and not rows:
            return
        first, last = (min(rows), max(rows)) if rows else (0, len(self._names) - 1)
        self.dataChanged.emit(self.index(first), self.index(last))

    def _few(self, names: list[str]) -> list[str]:
        """Return the names, or none where it is quicker to paint all that is seen anew."""
        is_known = self._rows is not None or len(self._names) <= LARGE
        return names if is_known and len(names) <= FEW else []

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self.item(index.row())
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
                return self.image(index.row())
            case Role.STATE:
                return self._state_of(item.name)
        return None

    def _tip(self, item: Item) -> str:
        problem = self._thumbnails.problem(item.image)
        lines = [item.name, self._state_of(item.name).words(), problem]
        return "\n".join(line for line in lines if line)

    def _on_loaded(self, paths: list[Path]) -> None:
        names = [self._waiting.pop(path) for path in paths if path in self._waiting]
        if not names:
            return
        image, few = [int(Role.IMAGE)], self._few(names)
        for row in (row for row in map(self.row_of, few) if row >= 0):
            self.dataChanged.emit(self.index(row), self.index(row), image)
        if not few and self._names:
            self.dataChanged.emit(self.index(0), self.index(len(self._names) - 1), image)
