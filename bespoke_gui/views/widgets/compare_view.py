"""Compare view: one picture with another behind a slider, in its place, or as heat over it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.gallery_facts import Swatches
from bespoke_gui.qtmodels.gallery_pair import Compared
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.pixel_paint import draw_at
from bespoke_gui.views.widgets.pixel_view import PixelView

BLINK, SLIDER, HEAT = "blink", "slider", "heat"
PALE = 190


class CompareView(PixelView):
    """Shows a Compared in one of three ways; dragging moves the slider there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pair: Compared | None = None
        self._way = SLIDER
        self._share = 0.5
        self._second = False

    def show_pair(self, pair: Compared | None) -> None:
        """Show two pictures; None shows nothing."""
        self._pair = pair
        self.set_image(pair.left if pair else None, keep_view=True)
        self._choose()

    def set_way(self, way: str) -> None:
        """Blink, slider or heat."""
        self._way = way
        self._choose()

    def blink(self) -> None:
        """Show the other picture in the place of this one."""
        self._second = not self._second
        self._choose()

    @property
    def shows_second(self) -> bool:
        """Whether the right picture is the one on screen while blinking."""
        return self._second

    def set_share(self, share: float) -> None:
        """Move the slider: left of it is the first picture; 0 to 1."""
        self._share = min(1.0, max(0.0, share))
        self.update()

    def _choose(self) -> None:
        if self._pair is None:
            return
        if self._way == HEAT:
            self.set_image(heated(self._pair), keep_view=True)
        else:
            second = self._way == BLINK and self._second
            self.set_image(self._pair.right if second else self._pair.left, keep_view=True)

    def draw_over(self, painter: QPainter, target: QRectF) -> None:
        if self._pair is not None and self._way == SLIDER:
            self._draw_slider(painter, target, self._pair.right)

    def _draw_slider(self, painter: QPainter, target: QRectF, right: QImage) -> None:
        x = target.left() + target.width() * self._share
        painter.save()
        painter.setClipRect(QRectF(x, target.top(), target.right() - x, target.height()))
        draw_at(painter, right, target)
        painter.restore()
        painter.setPen(QPen(theme.tokens().accent, 2))
        painter.drawLine(QPointF(x, target.top()), QPointF(x, target.bottom()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._way == SLIDER and event.button() == Qt.MouseButton.LeftButton:
            self._slide(event.position().x())
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._way == SLIDER and event.buttons() & Qt.MouseButton.LeftButton:
            self._slide(event.position().x())
        else:
            super().mouseMoveEvent(event)

    def _slide(self, x: float) -> None:
        box = self.target_pixels()
        if box.width():
            self.set_share((x * self.devicePixelRatioF() - box.left()) / box.width())


def heated(pair: Compared) -> QImage:
    """Return the first picture, pale, with the difference over it; pale alone without one."""
    result = pair.left.convertToFormat(QImage.Format.Format_RGB32)
    pale = QColor(theme.tokens().surface)
    pale.setAlpha(PALE)
    painter = QPainter(result)
    painter.fillRect(result.rect(), pale)
    if pair.heat.size() == result.size():
        painter.drawImage(0, 0, pair.heat)
    painter.end()
    return result


class PaletteStrip(QWidget):
    """The colours of a picture as one bar, each as wide as its share of the cells."""

    HEIGHT = 18

    def __init__(self) -> None:
        super().__init__()
        self._swatches: Swatches = []
        self.setFixedHeight(self.HEIGHT)

    def show_swatches(self, swatches: Swatches) -> None:
        """Show colours with their numbers of cells."""
        self._swatches = swatches
        self.setToolTip(f"{len(swatches)} colours")
        self.setAccessibleName(self.toolTip())
        self.update()

    def paintEvent(self, _: object) -> None:
        total = sum(count for _, count in self._swatches)
        if not total:
            return
        painter = QPainter(self)
        done = 0
        for colour, count in self._swatches:
            left, right = (self.width() * at // total for at in (done, done + count))
            painter.fillRect(left, 0, right - left, self.height(), colour)
            done += count
        painter.setPen(theme.tokens().line_strong)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
