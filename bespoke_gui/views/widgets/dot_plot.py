"""Dot plot: one figure of every image on a line, what is usual shaded, one image pointed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from bespoke_gui.views import theme
from bespoke_gui.views.widgets.plot_axes import Scale, scale, ticks

if TYPE_CHECKING:
    from bespoke_gui.core.health.spread import Spread

_SIDE, _BOTTOM = 24, 22
DOT = 3.0


class DotPlot(QWidget):
    """Draws a Spread. Dots that would cover each other are stacked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spread: Spread | None = None
        self._name = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Where the image lies among all")

    def show_values(self, spread: Spread, name: str) -> None:
        """Draw these values and point out the image of that name."""
        self._spread, self._name = spread, name
        self.setAccessibleDescription(f"{spread.title}: {spread.words(spread.values[name])}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, 110)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 90)

    def paintEvent(self, event: QPaintEvent) -> None:
        spread = self._spread
        if spread is None or not spread.values:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(0.9, tabular=True))
        area = QRectF(self.rect()).adjusted(_SIDE, 20, -_SIDE, -_BOTTOM)
        values = spread.values.values()
        axis = scale(min(values), max(values), area.left(), area.right())
        self._paint_usual(painter, area, axis, spread)
        self._paint_axis(painter, area, axis, spread)
        self._paint_dots(painter, area, axis, spread)
        painter.end()

    def _paint_usual(self, painter: QPainter, area: QRectF, axis: Scale, spread: Spread) -> None:
        colours = theme.tokens()
        left, right = axis.pixel(spread.low), axis.pixel(spread.high)
        painter.fillRect(QRectF(left, area.top(), right - left, area.height()), colours.good_soft)
        painter.setPen(colours.muted)
        words = f"{spread.title}: shaded is usual"
        painter.drawText(
            QRectF(area.left(), 0, area.width(), 18), Qt.AlignmentFlag.AlignLeft, words
        )

    def _paint_axis(self, painter: QPainter, area: QRectF, axis: Scale, spread: Spread) -> None:
        colours = theme.tokens()
        painter.setPen(QPen(colours.line_strong, 1))
        y = round(area.bottom()) + 0.5
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(colours.muted)
        high = QFontMetrics(painter.font()).height()
        for value in ticks(axis.low, axis.high, max(2, int(area.width() // 90))):
            box = QRectF(axis.pixel(value) - 50, y + 3, 100, high)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, spread.words(value))

    def _paint_dots(self, painter: QPainter, area: QRectF, axis: Scale, spread: Spread) -> None:
        colours = theme.tokens()
        faded = QColor(colours.muted)
        faded.setAlpha(150)
        painter.setPen(Qt.PenStyle.NoPen)
        heights: dict[int, int] = {}
        most = max(1, int(area.height() / (2 * DOT)))
        for name, value in sorted(spread.values.items(), key=lambda pair: pair[1]):
            x = axis.pixel(value)
            slot = int(x // (2 * DOT))
            level = heights.get(slot, 0) % most
            heights[slot] = heights.get(slot, 0) + 1
            centre = QPointF(x, area.bottom() - DOT - level * 2 * DOT)
            if name == self._name:
                painter.setBrush(colours.warning)
                painter.drawEllipse(centre, DOT + 2.5, DOT + 2.5)
            else:
                painter.setBrush(faded)
                painter.drawEllipse(centre, DOT - 0.5, DOT - 0.5)
