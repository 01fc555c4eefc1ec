"""Pixel view: one image at integer zoom, nearest only, crisp at every display scale."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from bespoke_gui.views import theme
from bespoke_gui.views.widgets.focus_ring import paint_focus
from bespoke_gui.views.widgets.pixel_paint import draw_at, logical_rect, zoom_to_fit, zoomed

FIT = 0
MOST = 64
LEAST = -16
GRID_FROM = 6


def to_image(pixels: Any) -> QImage:
    """Turn uint8 (height, width, 3 or 4) or a QImage into a QImage that owns its bytes."""
    if isinstance(pixels, QImage):
        return pixels
    height, width, channels = pixels.shape
    formats = {3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}
    return QImage(pixels.tobytes(), width, height, width * channels, formats[channels]).copy()


class PixelView(QWidget):
    """Shows an image; the wheel zooms, dragging moves it, hovering tells the colour.

    A zoom counts device pixels per image pixel; 0 fits the largest whole zoom, -n shows every
    n-th pixel of an image that is larger than the view.
    """

    hovered = Signal(int, int, QColor)
    left = Signal()
    zoom_changed = Signal(int)
    moved = Signal(QPointF)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._zoom = FIT
        self._shift = QPointF(0, 0)
        self._drag: QPointF | None = None
        self._grid: tuple[int, int] | None = None
        self._message = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Image")

    def set_image(self, pixels: Any, keep_view: bool = False) -> None:
        """Show a QImage or a uint8 array (height, width, 3 or 4); None shows nothing."""
        self._image = QImage() if pixels is None else to_image(pixels)
        self._message = ""
        if not keep_view:
            self._zoom, self._shift = FIT, QPointF(0, 0)
        self.zoom_changed.emit(self.zoom())
        self.update()

    def set_message(self, text: str) -> None:
        """Show words in place of an image."""
        self._image, self._message = QImage(), text
        self.update()

    def set_grid(self, columns: int, rows: int) -> None:
        """Draw lines between cells, this many across and down; 0 draws none."""
        self._grid = (columns, rows) if columns and rows else None
        self.update()

    def image(self) -> QImage:
        """Return the image that is shown."""
        return self._image

    def zoom(self) -> int:
        """Return the zoom in use, also when it fits itself."""
        if self._zoom != FIT:
            return self._zoom
        ratio = self.devicePixelRatioF()
        room = (self.width() * ratio, self.height() * ratio)
        return max(LEAST, zoom_to_fit(self._image.width(), self._image.height(), *room))

    def set_zoom(self, zoom: int) -> None:
        """Use a whole zoom, or FIT (0); steps over -1, which is 1."""
        if zoom in (FIT, -1):
            self._zoom = FIT if zoom == FIT else 1
        else:
            self._zoom = max(LEAST, min(MOST, zoom))
        if self._zoom == FIT:
            self._shift = QPointF(0, 0)
        self.zoom_changed.emit(self.zoom())
        self.update()

    def move_to(self, shift: QPointF) -> None:
        """Show the image this far, in logical px, from the middle."""
        self._shift = shift
        self.update()

    def show_middle(self) -> None:
        """Show the middle of the image again."""
        self.move_to(QPointF(0, 0))
        self.moved.emit(self._shift)

    def step_zoom(self, steps: int) -> None:
        """Zoom in (positive) or out by whole steps, faster where the zoom is already large."""
        zoom = self.zoom()
        for _ in range(abs(steps)):
            pace = max(1, abs(zoom) // 8)
            zoom += pace if steps > 0 else -pace
            if zoom in (0, -1):
                zoom = 1 if steps > 0 else -2
        self.set_zoom(zoom)

    def pixel_at(self, point: QPointF) -> QPoint | None:
        """Return the image pixel under a point of the widget, or None beside the image."""
        box = self.target_pixels()
        if self._image.isNull() or not box.isValid():
            return None
        ratio = self.devicePixelRatioF()
        x = math.floor((point.x() * ratio - box.left()) * self._image.width() / box.width())
        y = math.floor((point.y() * ratio - box.top()) * self._image.height() / box.height())
        inside = 0 <= x < self._image.width() and 0 <= y < self._image.height()
        return QPoint(x, y) if inside else None

    def sizeHint(self) -> QSize:
        return QSize(480, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(96, 96)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setClipRect(self.rect())
        if self._image.isNull():
            painter.setPen(theme.tokens().muted)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(16, 16, -16, -16), flags, self._message)
        else:
            target = self._target(painter)
            draw_at(painter, self._image, target)
            self._draw_grid(painter, target)
            self.draw_over(painter, target)
        paint_focus(painter, self)
        painter.end()

    def draw_over(self, painter: QPainter, target: QRectF) -> None:
        """Draw on top of the image, which lies in `target`; a plain view draws nothing."""

    def extent(self) -> QSize:
        """Return how many device pixels the image takes."""
        zoom = self.zoom()
        return QSize(zoomed(self._image.width(), zoom), zoomed(self._image.height(), zoom))

    def target_pixels(self, ratio: float = 0.0) -> QRect:
        """Return where the image lies, in device pixels from the widget's corner."""
        ratio = ratio or self.devicePixelRatioF()
        extent = self.extent()
        width, height = extent.width(), extent.height()
        room_width, room_height = round(self.width() * ratio), round(self.height() * ratio)
        left = (room_width - width) // 2 + round(self._shift.x() * ratio)
        top = (room_height - height) // 2 + round(self._shift.y() * ratio)
        return QRect(left, top, width, height)

    def _target(self, painter: QPainter) -> QRectF:
        """Return where to draw so that every image pixel covers whole device pixels."""
        transform = painter.deviceTransform()
        box = self.target_pixels(transform.m11())
        # The widget itself may begin between two device pixels (scale 1.25 and the like).
        box.translate(math.ceil(transform.dx() - 0.01), math.ceil(transform.dy() - 0.01))
        return logical_rect(painter, box)

    def _draw_grid(self, painter: QPainter, target: QRectF) -> None:
        if self._grid is None:
            return
        columns, rows = self._grid
        if target.width() / columns < GRID_FROM / self.devicePixelRatioF():
            return
        painter.setPen(QPen(theme.tokens().grid, 0))
        for column in range(1, columns):
            x = target.left() + target.width() * column / columns
            painter.drawLine(QPointF(x, target.top()), QPointF(x, target.bottom()))
        for row in range(1, rows):
            y = target.top() + target.height() * row / rows
            painter.drawLine(QPointF(target.left(), y), QPointF(target.right(), y))

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y()
        if steps and not self._image.isNull():
            self.step_zoom(1 if steps > 0 else -1)
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._drag = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.set_zoom(FIT)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self.move_to(self._shift + event.position() - self._drag)
            self._drag = event.position()
            self.moved.emit(self._shift)
        self._tell_colour(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        self.left.emit()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
        step = keys.get(Qt.Key(event.key()))
        if step is not None:
            self.step_zoom(step)
        elif event.key() == Qt.Key.Key_0:
            self.set_zoom(FIT)
        else:
            super().keyPressEvent(event)

    def _tell_colour(self, point: QPointF) -> None:
        pixel = self.pixel_at(point)
        if pixel is None:
            self.left.emit()
        else:
            self.hovered.emit(pixel.x(), pixel.y(), self._image.pixelColor(pixel))
