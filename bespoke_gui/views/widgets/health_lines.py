"""List of the Images page: findings with their pictures; the arrow keys go from one to the next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from bespoke_gui.qtmodels.health_model import HealthModel
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.health_line_cells import Line, LineCells, LineModel


class HealthLines(QListView):
    """`chosen` carries the line that became current, None when there is none."""

    chosen = Signal(object)

    def __init__(
        self, model: HealthModel, pictures: int, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._lines = LineModel(model, self)
        self.setModel(self._lines)
        self.setItemDelegate(LineCells(self._lines, pictures, self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        theme.set_kind(self, "plain")
        self.selectionModel().currentChanged.connect(self._on_current)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines and make the one current that stands where the old one stood."""
        row = max(0, self.currentIndex().row())
        self._lines.set_lines(lines)
        if lines:
            self.setCurrentIndex(self._lines.index(min(row, len(lines) - 1)))
        else:
            self.chosen.emit(None)

    def current(self) -> Line | None:
        """Return the line that is current."""
        index = self.currentIndex()
        return self._lines.line(index.row()) if index.isValid() else None

    def step(self, by: int) -> None:
        """Go to another line, stopping at both ends."""
        count = self._lines.rowCount()
        if count:
            row = min(max(self.currentIndex().row() + by, 0), count - 1)
            self.setCurrentIndex(self._lines.index(row))

    def _on_current(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid():
            self.scrollTo(current)
            self.chosen.emit(self._lines.line(current.row()))
