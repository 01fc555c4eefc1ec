"""Bar plot: how many images have how much of something; a click or the arrow keys choose a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from bespoke_gui.views import theme
from bespoke_gui.views.widgets.focus_ring import paint_focus
from bespoke_gui.views.widgets.places import Bars
from bespoke_gui.views.widgets.plot import plot_area, plot_ink
from bespoke_gui.views.widgets.plot_axes import Scale, draw_frame, draw_grid, scale

MARGINS = (40, 10, 12, 38)
GAP = 2


@dataclass(frozen=True)
class PlotBar:
    """Values `low` to `high`, both included, and how many images have them."""

    low: int
    high: int
    count: int

    @property
    def words(self) -> str:
        """The values in words."""
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"


class BarPlot(Bars):
    """Draws a histogram."""

    def __init__(self, title: str, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(title, Qt.Key.Key_Left, Qt.Key.Key_Right, parent)
        self._bars: list[PlotBar] = []
        self._unit = unit
        self._marks: list[tuple[float, str]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_bars(self, bars: Sequence[PlotBar], marks: Sequence[tuple[float, str]] = ()) -> None:
        """Draw these bars; marks: values with a word, such as the median."""
        self._bars, self._marks = list(bars), list(marks)
        self.forget()

    def count(self) -> int:
        """Return how many bars there are."""
        return len(self._bars)

    def words(self) -> str:
        """Return the bar under the mouse, else the chosen one, in words."""
        place = self._under if self._under >= 0 else self.current
        if place < 0:
            return ""
        bar = self._bars[place]
        return f"{bar.words} {self._unit}: {bar.count} image{'' if bar.count == 1 else 's'}"

    def area(self) -> QRectF:
        """Return where the bars lie."""
        return plot_area(self, MARGINS)

    def box(self, place: int) -> QRectF:
        """Return where a bar is drawn, on whole pixels."""
        area, bar = self.area(), self._bars[place]
        left, right = (round(self._edge(at, area)) for at in (place, place + 1))
        top = round(self._up(area).pixel(bar.count))
        bottom = round(area.bottom())
        gap = GAP if right - left > 3 * GAP else 1
        return QRectF(left, top, max(1, right - left - gap), bottom - top)

    def sizeHint(self) -> QSize:
        return QSize(520, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 130)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.tokens()
        painter = QPainter(self)
        painter.setFont(theme.font(0.9, tabular=True))
        if not self._bars:
            painter.setPen(colours.muted)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No images to count")
        else:
            self._paint_plot(painter)
        paint_focus(painter, self)
        painter.end()

    def _paint_plot(self, painter: QPainter) -> None:
        area, ink = self.area(), plot_ink()
        draw_grid(painter, area, self._up(area), lambda value: f"{value:.0f}", ink)
        for place in range(len(self._bars)):
            painter.fillRect(self.box(place), self._colour(place))
        draw_frame(painter, area, ink)
        self._paint_labels(painter, area)
        self._paint_marks(painter, area)

    def _colour(self, place: int) -> QColor:
        colours = theme.tokens()
        if place == self.current:
            return colours.accent
        if place == self._under:
            return colours.accent_hover
        faded = QColor(colours.accent)
        faded.setAlpha(110 if self.current >= 0 else 190)
        return faded

    def _paint_labels(self, painter: QPainter, area: QRectF) -> None:
        """Write the lowest value under as many bars as there is room for, and the unit below."""
        metrics = QFontMetrics(painter.font())
        painter.setPen(theme.tokens().muted)
        wide = metrics.horizontalAdvance("0000") + 8
        each = max(1, -(-wide // max(1, int(area.width() / len(self._bars)))))
        for place in range(0, len(self._bars), each):
            left = self._edge(place, area)
            line = QRectF(left - wide / 2, area.bottom() + 4, wide, metrics.height())
            line.moveLeft(max(0.0, line.left()))
            painter.drawText(line, Qt.AlignmentFlag.AlignHCenter, str(self._bars[place].low))
        words = self.words() or f"{self._unit} an image"
        below = QRectF(area.left(), area.bottom() + 4 + metrics.height(), area.width(), 18)
        painter.setPen(theme.tokens().text if self.words() else theme.tokens().muted)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, words)

    def _paint_marks(self, painter: QPainter, area: QRectF) -> None:
        metrics = QFontMetrics(painter.font())
        colours = theme.tokens()
        for value, words in self._marks:
            x = round(self._at(value, area)) + 0.5
            painter.setPen(QPen(colours.text, 1, Qt.PenStyle.DashLine))
            painter.drawLine(int(x), int(area.top()), int(x), int(area.bottom()))
            painter.setPen(colours.text)
            box = QRectF(x + 5, area.top(), metrics.horizontalAdvance(words) + 4, metrics.height())
            if box.right() > area.right():
                box.moveRight(x - 5)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft, words)

    def _up(self, area: QRectF) -> Scale:
        most = max((bar.count for bar in self._bars), default=1)
        return scale(0, max(1.0, most * 1.08), area.bottom(), area.top())

    def _edge(self, place: int, area: QRectF) -> float:
        return area.left() + area.width() * place / len(self._bars)

    def _at(self, value: float, area: QRectF) -> float:
        first, width = self._bars[0].low, self._bars[0].high - self._bars[0].low + 1
        return self._edge(0, area) + (value - first + 0.5) / width * area.width() / len(self._bars)

    def place_at(self, point: QPointF) -> int:
        """Return the bar at a point, -1 where there is none."""
        area, x = self.area(), point.x()
        place = int((x - area.left()) / area.width() * len(self._bars)) if self._bars else -1
        return place if area.left() <= x and 0 <= place < len(self._bars) else -1
