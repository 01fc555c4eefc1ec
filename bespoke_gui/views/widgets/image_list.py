"""Image list: the images shown, as a wall or as rows, one of them current and several chosen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import chain

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from bespoke_gui.qtmodels.image_list_model import ImageListModel
from bespoke_gui.qtmodels.rows import runs
from bespoke_gui.views.widgets.cell_view import CellView
from bespoke_gui.views.widgets.image_cells import RowCells, WallCells

Flag = QItemSelectionModel.SelectionFlag
TYPING_S = 1.0  # letters typed within this time belong together


class ImageList(CellView):
    """`chosen` carries the name that became current, `counted` comes when the selection changed."""

    chosen = Signal(str)
    counted = Signal()
    hint = QAbstractItemView.ScrollHint.EnsureVisible

    def __init__(
        self,
        model: ImageListModel,
        cell: int,
        text_of: Callable[[str], str] | None = None,
        sideways: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        wall = WallCells(model, cell)
        super().__init__(wall.size(), sideways, parent)
        wall.setParent(self)
        self._images = model
        self._typed = ("", 0.0)
        self._wall = wall
        self._rows = RowCells(model, text_of, self) if text_of is not None else None
        self.setModel(model)
        self.setItemDelegate(wall)
        several = text_of is not None
        modes = QAbstractItemView.SelectionMode
        self.setSelectionMode(modes.ExtendedSelection if several else modes.SingleSelection)
        self.setAccessibleName("Images")
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        self.selectionModel().selectionChanged.connect(self.counted)

    def show_rows(self, rows: bool) -> None:
        """Show rows instead of the wall."""
        cells = self._rows if rows and self._rows is not None else self._wall
        self.setItemDelegate(cells)
        self.set_cell(cells.size(), full_width=cells is self._rows)

    def current_name(self) -> str:
        """Return the name of the current image, empty when there is none."""
        index = self.currentIndex()
        return self._images.name(index.row()) if index.isValid() else ""

    def selected_names(self) -> list[str]:
        """Return the names of the chosen images, in the list's order."""
        names = self._images.names()
        return [name for first, last in self._ranges() for name in names[first : last + 1]]

    def selected_count(self) -> int:
        """Return how many images are chosen; quick also for all of 100,000."""
        return sum(last - first + 1 for first, last in self._ranges())

    def select(self, name: str) -> bool:
        """Make an image the current one; False when the filter hides it."""
        row = self._images.row_of(name)
        if row < 0:
            return False
        self._go_to(row)
        return True

    def select_names(self, names: Iterable[str], current: str) -> None:
        """Choose these images, as far as they are shown, and make one of them current."""
        rows = sorted(row for row in map(self._images.row_of, names) if row >= 0)
        selection = QItemSelection()
        for first, last in runs(rows):
            selection.select(self._images.index(first), self._images.index(last))
        model = self.selectionModel()
        row = self._images.row_of(current)
        if row >= 0:
            model.setCurrentIndex(self._images.index(row), Flag.NoUpdate)
            self.scrollTo(self._images.index(row), self.hint)
        model.select(selection, Flag.ClearAndSelect)

    def invert_selection(self) -> None:
        """Choose those that are not chosen."""
        count = self._images.rowCount()
        if count:
            everything = QItemSelection(self._images.index(0), self._images.index(count - 1))
            self.selectionModel().select(everything, Flag.Toggle)

    def step(self, by: int) -> None:
        """Go to another image, stopping at both ends."""
        count = self._images.rowCount()
        if count:
            self._go_to(min(max(self.currentIndex().row() + by, 0), count - 1))

    def position(self) -> int:
        """Return the place of the current image among those shown, from 0; -1 without one."""
        return self.currentIndex().row()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if control and event.key() == Qt.Key.Key_I:
            self.invert_selection()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Go to the next image whose name begins with what is typed."""
        now = time.monotonic()
        typed, last = self._typed
        typed = typed + search if now - last < TYPING_S and typed != search else search
        self._typed = (typed, now)
        stem = typed.casefold()
        names, start = self._images.names(), self.currentIndex().row() + (len(stem) == 1)
        order = chain(range(start, len(names)), range(min(start, len(names))))
        begins = (r for r in order if names[r].rpartition("/")[2].casefold().startswith(stem))
        row = next(begins, -1)
        if row >= 0:
            self._go_to(row)

    def _go_to(self, row: int) -> None:
        index = self._images.index(row)
        self.selectionModel().setCurrentIndex(index, Flag.ClearAndSelect)
        self.scrollTo(index, self.hint)

    def _ranges(self) -> list[tuple[int, int]]:
        ranges = self.selectionModel().selection()
        parts = (ranges.at(place) for place in range(ranges.count()))
        return sorted((part.top(), part.bottom()) for part in parts)

    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self._images.name(current.row()))
