"""Mark art: draws marks over the cells of a picture; a dot for off-palette, a frame for strays.

Told apart by shape as well as by colour, with a dark rim where a cell has the room for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QBrush, QColor, QImage, QPainter

if TYPE_CHECKING:
    import numpy as np

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
    image = _clear(columns * zoom, rows * zoom)
    painter = QPainter(image)
    for kind, stamp in ((OFF_PALETTE, _dot), (STRAYS, _frame)):
        if kind in kinds:
            painter.drawImage(0, 0, _stamped(getattr(marks, kind), stamp, zoom))
    painter.end()
    return image


def _stamped(mask: np.ndarray, stamp: Callable[[QPainter, QRect], None], zoom: int) -> QImage:
    """Return a stamp in each cell of bool `mask`: set everywhere at once, then cut out."""
    rows, columns = mask.shape
    tile = _clear(zoom, zoom)
    painter = QPainter(tile)
    stamp(painter, tile.rect())
    painter.end()
    layer = _clear(columns * zoom, rows * zoom)
    alpha = (mask * 255).astype("uint8").tobytes()
    kept = QImage(alpha, columns, rows, columns, QImage.Format.Format_Alpha8)
    painter = QPainter(layer)
    painter.fillRect(layer.rect(), QBrush(tile))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawImage(layer.rect(), kept)
    painter.end()
    return layer


def _clear(width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
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
