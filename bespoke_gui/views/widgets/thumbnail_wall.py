"""Thumbnail wall: as many native images of the set as fit, evenly picked."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QCursor, QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from bespoke_gui.core.dataset import Item
from bespoke_gui.qtmodels.thumbnails import ThumbnailCache
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.pixel_paint import draw_image

CELL = 96
GAP = 8


class FaceWall(QWidget):
    """Shows the native images it is given at 96 px, as many as fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._faces: list[QImage] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_faces(self, faces: list[QImage]) -> None:
        """Show these images."""
        self._faces = faces
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(CELL, CELL)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        boxes = wall_boxes(self.size(), len(self._faces))
        for face, box in zip(self._faces, boxes, strict=False):
            draw_image(painter, face, box)
        painter.end()


class ThumbnailWall(QWidget):
    """Shows native images at 96 px; `chosen` carries the name of the one that was clicked."""

    chosen = Signal(str)

    def __init__(self, thumbnails: ThumbnailCache, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._items: list[Item] = []
        self._under = -1
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Images of the set")
        thumbnails.loaded.connect(self.update)

    def set_items(self, items: list[Item]) -> None:
        """Show these images of the dataset."""
        self._items = items
        self.update()

    def shown(self) -> list[Item]:
        """Return the images that fit, evenly picked from the whole set."""
        count = len(wall_boxes(self.size(), len(self._items)))
        return [self._items[index * len(self._items) // count] for index in range(count)]

    def sizeHint(self) -> QSize:
        return QSize(8 * (CELL + GAP), 2 * (CELL + GAP))

    def minimumSizeHint(self) -> QSize:
        return QSize(CELL, CELL)

    def event(self, event) -> bool:
        if isinstance(event, QHelpEvent):
            index = self._index_at(QPointF(event.pos()))
            shown = self.shown()
            text = shown[index].name if 0 <= index < len(shown) else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme.tokens()
        boxes = wall_boxes(self.size(), len(self._items))
        for index, (item, box) in enumerate(zip(self.shown(), boxes, strict=True)):
            painter.fillRect(box, colours.raised)
            image = self._thumbnails.image(item.image)
            if image is not None and not image.isNull():
                draw_image(painter, image, box)
            elif image is not None:
                painter.setPen(colours.danger)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "unreadable")
            if index == self._under:
                painter.setPen(QPen(colours.accent, 2))
                painter.drawRect(box.adjusted(-2, -2, 2, 2))
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        under = self._index_at(event.position())
        if under != self._under:
            self._under = under
            hand = Qt.CursorShape.PointingHandCursor if under >= 0 else Qt.CursorShape.ArrowCursor
            self.setCursor(QCursor(hand))
            self.update()

    def leaveEvent(self, event) -> None:
        self._under = -1
        self.update()
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self.chosen.emit(self.shown()[index].name)

    def _box(self, index: int) -> QRectF:
        return wall_boxes(self.size(), len(self._items))[index]

    def _index_at(self, point: QPointF) -> int:
        boxes = wall_boxes(self.size(), len(self._items))
        return next((i for i, box in enumerate(boxes) if box.contains(point)), -1)


def wall_boxes(size: QSize, count: int) -> list[QRectF]:
    """Return where up to `count` cells lie in a wall of this size, row by row.

    The gaps share what is left of the width, so that both edges are flush.
    """
    columns = (size.width() - 4 + GAP) // (CELL + GAP)
    if columns < 1:
        return []
    gap = min((size.width() - 4 - columns * CELL) // max(1, columns - 1), 2 * GAP)
    rows = (size.height() - 4 + gap) // (CELL + gap)
    step = CELL + gap
    places = min(count, columns * max(0, rows))
    return [
        QRectF(2 + index % columns * step, 2 + index // columns * step, CELL, CELL)
        for index in range(places)
    ]
