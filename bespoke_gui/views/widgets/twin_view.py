"""Twin view: two native images at one whole zoom, with the cells that differ outlined in both."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from bespoke_gui.views.widgets.cell_outline import Cell, draw_outlines
from bespoke_gui.views.widgets.focus_ring import paint_focus
from bespoke_gui.views.widgets.pixel_paint import draw_image

GAP = 24


class TwinView(QWidget):
    """Shows images `first` and `second`; Space held shows each in the other's place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images = (QImage(), QImage())
        self._cells: tuple[set[Cell], set[Cell]] = (set(), set())
        self._marked = True
        self._swapped = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Two images that are nearly the same")

    def show_twins(
        self, first: QImage, second: QImage, cells: Iterable[Cell] = (), mirrored: bool = False
    ) -> None:
        """Show two images; cells: (column, row) in the first that differ from the second."""
        mine = set(cells)
        last = first.width() - 1
        theirs = {(last - column, row) for column, row in mine} if mirrored else mine
        self._images, self._cells = (first, second), (mine, theirs)
        self._swapped = False
        self.update()

    def set_marked(self, marked: bool) -> None:
        """Outline the cells that differ, or show the images as they are."""
        self._marked = marked
        self.update()

    def swap(self, swapped: bool) -> None:
        """Show each image in the other's place: what differs then blinks."""
        self._swapped = swapped
        self.update()

    def boxes(self) -> tuple[QRectF, QRectF]:
        """Return the room of both images."""
        width = (self.width() - GAP) / 2
        first = QRectF(0, 0, int(width), self.height())
        return first, first.translated(int(width) + GAP, 0)

    def sizeHint(self) -> QSize:
        return QSize(640, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 112)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        order = (1, 0) if self._swapped else (0, 1)
        for box, which in zip(self.boxes(), order, strict=True):
            image = self._images[which]
            if image.isNull():
                continue
            target = draw_image(painter, image, box)
            if self._marked:
                draw_outlines(painter, target, image.width(), self._cells[which])
        paint_focus(painter, self)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.swap(True)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.swap(False)
        else:
            super().keyReleaseEvent(event)
