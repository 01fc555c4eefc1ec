"""Mark art: draws marks over the cells of a picture; a dot for off-palette, a frame for strays.

Told apart by shape as well as by colour, with a dark rim where a cell has the room for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

if TYPE_CHECKING:
    from bespoke_gui.core.picture_marks import PictureMarks

OFF_PALETTE, STRAYS = "off_palette", "strays"
DOT, FRAME, RIM = QColor(255, 0, 200), QColor(0, 229, 255), QColor(20, 20, 20)
ROOMY, LEAST = 8, 3
KEPT = 512

Kinds = frozenset[str]


class MarkArt:
    """Marks drawn before, by picture, kind and zoom: scrolling draws each of them once."""

    def __init__(self) -> None:
        self._kept: dict[tuple[PictureMarks, Kinds, int], QImage] = {}

    def paint(self, painter: QPainter, target: QRectF, marks: PictureMarks, kinds: Kinds) -> None:
        """Draw the chosen kinds over the picture that lies in `target` (logical px)."""
        side = target.width() * painter.deviceTransform().m11() / marks.strays.shape[1]
        zoom = max(LEAST, round(side))
        image = self._kept.get((marks, kinds, zoom))
        if image is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            image = self._kept[marks, kinds, zoom] = draw(marks, kinds, zoom)
        painter.drawImage(target, image)


def draw(marks: PictureMarks, kinds: Kinds, zoom: int) -> QImage:
    """Return the marks as a clear picture of `zoom` px a cell."""
    rows, columns = marks.strays.shape
    image = QImage(columns * zoom, rows * zoom, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    for kind, stamp in ((OFF_PALETTE, _dot), (STRAYS, _frame)):
        if kind in kinds:
            for row, column in zip(*getattr(marks, kind).nonzero(), strict=True):
                stamp(painter, QRect(int(column) * zoom, int(row) * zoom, zoom, zoom))
    painter.end()
    return image


def _dot(painter: QPainter, cell: QRect) -> None:
    inset = max(1, cell.width() * 3 // 8)
    inner = cell.adjusted(inset, inset, -inset, -inset)
    if cell.width() >= ROOMY:
        painter.fillRect(inner.adjusted(-1, -1, 1, 1), RIM)
    painter.fillRect(inner, DOT)


def _frame(painter: QPainter, cell: QRect) -> None:
    thick = max(1, cell.width() // 8)
    _ring(painter, cell, thick, FRAME)
    if cell.width() >= ROOMY:
        _ring(painter, cell.adjusted(thick, thick, -thick, -thick), 1, RIM)


def _ring(painter: QPainter, box: QRect, thick: int, colour: QColor) -> None:
    inner = box.adjusted(thick, thick, -thick, -thick)
    painter.fillRect(QRect(box.left(), box.top(), box.width(), thick), colour)
    painter.fillRect(QRect(box.left(), inner.bottom() + 1, box.width(), thick), colour)
    painter.fillRect(QRect(box.left(), box.top(), thick, box.height()), colour)
    painter.fillRect(QRect(inner.right() + 1, box.top(), thick, box.height()), colour)
