"""Rows of a list of captions with their diffs; each is made when it is first painted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QObject,
    Qt,
    Signal,
)

from bespoke_gui.core.dataset import Dataset
from bespoke_gui.core.diff_pieces import Piece
from bespoke_gui.qtmodels.rows import NOWHERE, Index
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.thumbnails import ThumbnailCache


class DiffRole(IntEnum):
    """What a row tells beside its title."""

    KEY = Qt.ItemDataRole.UserRole
    ROW = Qt.ItemDataRole.UserRole + 1
    IMAGE = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True)
class DiffRow:
    """What is painted: a title, a quiet detail, a warning, and pieces of a diff below."""

    title: str
    detail: str = ""
    warning: str = ""
    pieces: list[Piece] = field(default_factory=list)


class ImagePaths:
    """Tells the image file of a caption, without searching the dataset each time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._dataset: Dataset | None = None
        self._paths: dict[str, Path] = {}

    def __call__(self, name: str) -> Path | None:
        """Return the image file of a caption of the open project, None where there is none."""
        dataset = self._session.dataset
        if dataset is not self._dataset:
            self._dataset = dataset
            items = dataset.items if dataset is not None else []
            self._paths = {item.name: item.image for item in items}
        return self._paths.get(name)


class DiffRows(QAbstractListModel):
    """One row a key (a caption's name). With `checkable` each has a tick, on by default."""

    ticked = Signal()

    def __init__(
        self,
        make: Callable[[str], DiffRow],
        checkable: bool = False,
        thumbnails: ThumbnailCache | None = None,
        image_of: Callable[[str], Path | None] = lambda _key: None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._checkable = checkable
        self._thumbnails = thumbnails
        self._image_of = image_of
        self._keys: list[str] = []
        self._off: set[str] = set()
        self._rows: dict[str, DiffRow] = {}
        self._paths: dict[Path, str] = {}
        if thumbnails is not None:
            thumbnails.loaded.connect(self._on_loaded)

    def set_keys(self, keys: Iterable[str], keep_ticks: bool = False) -> None:
        """Show these rows; all ticks are on unless they are kept."""
        self.beginResetModel()
        self._keys, self._rows = list(keys), {}
        self._off = self._off & set(self._keys) if keep_ticks else set()
        self.endResetModel()
        self.ticked.emit()

    def keys(self) -> list[str]:
        """Return the keys of all rows."""
        return list(self._keys)

    def row_of(self, key: str) -> int:
        """Return the row of a key, -1 where it is not shown."""
        return self._keys.index(key) if key in self._keys else -1

    def refresh(self, keys: Iterable[str]) -> None:
        """Make these rows anew when they are next painted."""
        changed = set(keys)
        for key in changed:
            self._rows.pop(key, None)
        rows = [row for row, key in enumerate(self._keys) if key in changed]
        if rows:
            self.dataChanged.emit(self.index(rows[0]), self.index(rows[-1]))

    def checked(self) -> list[str]:
        """Return the keys of the rows whose tick is on."""
        return [key for key in self._keys if key not in self._off]

    def check_all(self, on: bool) -> None:
        """Turn all ticks on or off."""
        self._off = set() if on else set(self._keys)
        if self._keys:
            self.dataChanged.emit(self.index(0), self.index(len(self._keys) - 1))
        self.ticked.emit()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._keys)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if self._checkable else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        key = self._keys[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._row(key).title
            case Qt.ItemDataRole.AccessibleTextRole:
                row = self._row(key)
                return " ".join(part for part in (row.title, row.detail, row.warning) if part)
            case Qt.ItemDataRole.CheckStateRole if self._checkable:
                on = key not in self._off
                return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
            case DiffRole.KEY:
                return key
            case DiffRole.ROW:
                return self._row(key)
            case DiffRole.IMAGE:
                return self._image(key)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not self._checkable or not index.isValid():
            return False
        key = self._keys[index.row()]
        (self._off.discard if Qt.CheckState(value) == Qt.CheckState.Checked else self._off.add)(key)
        self.dataChanged.emit(index, index)
        self.ticked.emit()
        return True

    def _row(self, key: str) -> DiffRow:
        if key not in self._rows:
            self._rows[key] = self._make(key)
        return self._rows[key]

    def _image(self, key: str) -> Any:
        path = self._image_of(key)
        if path is None or self._thumbnails is None:
            return None
        self._paths[path] = key
        return self._thumbnails.image(path)

    def _on_loaded(self, paths: list[Path]) -> None:
        if not self._keys or not any(path in self._paths for path in paths):
            return
        self.dataChanged.emit(self.index(0), self.index(len(self._keys) - 1), [int(DiffRole.IMAGE)])
