"""Outlines round native pixels: seen on any colour, and nothing of the pixels is covered."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from bespoke_gui.views.widgets.pixel_view import PixelView

Cell = tuple[int, int]


def draw_outlines(painter: QPainter, target: QRectF, columns: int, cells: Collection[Cell]) -> None:
    """Draw round groups of cells (column, row) of an image in `target`: white on black."""
    side = target.width() / max(1, columns)
    lines = [
        QLineF(
            target.left() + x0 * side, target.top() + y0 * side,
            target.left() + x1 * side, target.top() + y1 * side,
        )
        for x0, y0, x1, y1 in outline(set(cells))
    ]  # fmt: skip
    for colour, width in ((Qt.GlobalColor.black, 4), (Qt.GlobalColor.white, 2)):
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.SquareCap)
        painter.setPen(pen)
        painter.drawLines(lines)


def outline(cells: set[Cell]) -> list[tuple[int, int, int, int]]:
    """Return the edges (x0, y0, x1, y1) between cells in the set and those outside."""
    edges = []
    for x, y in sorted(cells):
        if (x, y - 1) not in cells:
            edges.append((x, y, x + 1, y))
        if (x, y + 1) not in cells:
            edges.append((x, y + 1, x + 1, y + 1))
        if (x - 1, y) not in cells:
            edges.append((x, y, x, y + 1))
        if (x + 1, y) not in cells:
            edges.append((x + 1, y, x + 1, y + 1))
    return edges


class MarkedView(PixelView):
    """A PixelView with cells outlined, wherever it is moved and however it is zoomed."""

    _cells: tuple[Cell, ...] = ()
    _columns = 1

    def set_marks(self, columns: int, cells: Collection[Cell] = ()) -> None:
        """Outline these cells (column, row) of an image that is `columns` cells wide."""
        self._columns, self._cells = columns, tuple(cells)
        self.update()

    def draw_over(self, painter: QPainter, target: QRectF) -> None:
        draw_outlines(painter, target, self._columns, self._cells)
