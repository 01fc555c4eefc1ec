"""Draws a native picture crisp in a cell: whole device pixels only, the cell filled where it can.

Unlike pixel_paint.draw_image it keeps the full zoom when the cell begins between two device
pixels (display scale 1.25): the picture then starts on the next one.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from bespoke_gui.views.widgets.pixel_paint import draw_at, logical_rect, zoom_to_fit, zoomed


def paint_crisp(painter: QPainter, frame: QRect, image: QImage) -> None:
    """Draw a native image into `frame` at the largest whole number of device pixels a pixel.

    With 24x24 pixels and a frame of a multiple of 96 logical pixels the whole frame is filled
    at every usual display scale; any other size is centred, never stretched by halves.
    """
    box = painter.deviceTransform().mapRect(QRectF(frame))
    room_width, room_height = box.width() + 1e-3, box.height() + 1e-3
    zoom = zoom_to_fit(image.width(), image.height(), room_width, room_height)
    width, height = zoomed(image.width(), zoom), zoomed(image.height(), zoom)
    left = round(box.left() + (box.width() - width) / 2)
    top = round(box.top() + (box.height() - height) / 2)
    draw_at(painter, image, logical_rect(painter, QRect(left, top, width, height)))


class CrispPainter:
    """Draws many native pictures in cells of one size: what paint_crisp does, computed once.

    Only for a painter that is scaled and moved, never turned, and for pictures without alpha.
    """

    def __init__(self, painter: QPainter, side: int) -> None:
        transform = painter.deviceTransform()
        self._painter = painter
        self._ratio, self._dx, self._dy = transform.m11(), transform.dx(), transform.dy()
        self._room = side * self._ratio
        self._sizes: dict[tuple[int, int], tuple[int, int]] = {}
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)

    def paint(self, x: int, y: int, image: QImage) -> QRectF:
        """Draw a picture into the cell whose corner is (x, y); return where it lies."""
        size = (image.width(), image.height())
        if size not in self._sizes:
            zoom = zoom_to_fit(*size, self._room + 1e-3, self._room + 1e-3)
            self._sizes[size] = (zoomed(size[0], zoom), zoomed(size[1], zoom))
        width, height = self._sizes[size]
        ratio = self._ratio
        left = round(x * ratio + self._dx + (self._room - width) / 2)
        top = round(y * ratio + self._dy + (self._room - height) / 2)
        corner = ((left - self._dx) / ratio, (top - self._dy) / ratio)
        target = QRectF(*corner, width / ratio, height / ratio)
        self._painter.drawImage(target, image)
        return target


def paint_outline(painter: QPainter, frame: QRect, colour: QColor, width: int) -> None:
    """Draw round a cell, outside the picture: an artist judges its border pixels too."""
    pen = QPen(colour, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    out = 1 + width / 2
    painter.drawRect(QRectF(frame).adjusted(-out, -out, out, out))
