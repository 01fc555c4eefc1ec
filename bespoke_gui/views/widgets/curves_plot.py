"""Curves plot: losses or learning rates of several runs over each other, with one cursor."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from bespoke_gui.core.loss_curves import Line
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.plot import Plot, plot_ink
from bespoke_gui.views.widgets.plot_axes import Ink, Scale, draw_frame, draw_grid, scale, ticks

STRIDE = 0.01


@dataclass(frozen=True)
class Series:
    """One run in the plot; `dashed` tells apart lines whose colour comes a second time."""

    title: str
    line: Line
    colour: QColor
    dashed: bool = False


class CurvesPlot(Plot):
    """Draws Series. The mouse or the arrow keys move a cursor; `cursor_moved` carries its x.

    rates: draw learning rates in place of losses.
    """

    margins = (56, 22, 14, 24)
    nothing = "Tick the runs whose curves should lie over each other"
    cursor_moved = Signal(object)

    def __init__(
        self, name: str, words_of: Callable[[float], str], rates: bool = False,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, parent)
        self._name, self._words_of, self._is_rates = name, words_of, rates
        self._series: Sequence[Series] = ()
        self._by_epoch = self._is_raw = True
        self.cursor_at: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(260, 110)

    def show_series(self, series: Sequence[Series], by_epoch: bool, raw: bool) -> None:
        """Draw these runs, over epochs or steps, with or without the raw losses behind."""
        self._series, self._by_epoch, self._is_raw = series, by_epoch, raw
        self.setAccessibleDescription(", ".join(self._readings()))
        self.update()

    def show_cursor(self, x: float | None) -> None:
        """Put the cursor at `x`, None for nowhere."""
        if x != self.cursor_at:
            self.cursor_at = x
            self.setAccessibleDescription(", ".join(self._readings()))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, 200)

    # -- painting ---------------------------------------------------------------------------

    def is_empty(self) -> bool:
        return not any(one.line.x for one in self._series)

    def paint_plot(self, painter: QPainter) -> None:
        ink = plot_ink()
        area, across = self.area(), self._across()
        up = self._up(area)
        draw_grid(painter, area, up, self._words_of, ink)
        self._paint_foot(painter, area, across, ink)
        draw_frame(painter, area, ink)
        painter.setPen(ink.text)
        title = f"{self._name} by {'epoch' if self._by_epoch else 'step'}"
        painter.drawText(QRectF(0, 2, area.right(), 18), Qt.AlignmentFlag.AlignLeft, title)
        painter.save()
        painter.setClipRect(area.adjusted(-6, -6, 6, 6))
        if self._is_raw and not self._is_rates:
            for one in self._series:
                _paint_raw(painter, one, across, up)
        for one in self._series:
            self._paint_series(painter, one, across, up)
        painter.restore()
        self._paint_cursor(painter, area, across, up)

    def _paint_series(self, painter: QPainter, one: Series, across: Scale, up: Scale) -> None:
        style = Qt.PenStyle.DashLine if one.dashed else Qt.PenStyle.SolidLine
        pen = QPen(one.colour, 2, style, j=Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(_polygon(one.line.x, self._values(one.line), across, up))
        if not self._is_rates:
            painter.setPen(QPen(one.colour, 1.5))
            painter.setBrush(theme.tokens().surface)
            for x, loss in one.line.dots:
                place = QPointF(across.pixel(x), up.pixel(loss))
                painter.drawPolygon(QPolygonF([place + QPointF(*d) for d in _DIAMOND]))

    def _paint_foot(self, painter: QPainter, area: QRectF, across: Scale, ink: Ink) -> None:
        metrics = painter.fontMetrics()
        painter.setPen(ink.text)
        for value in ticks(across.low, across.high, max(2, int(area.width() // 90))):
            if value == int(value):
                x = across.pixel(value)
                box = QRectF(x - 40, area.bottom() + 4, 80, metrics.height())
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, f"{value:,.0f}")

    def _paint_cursor(self, painter: QPainter, area: QRectF, across: Scale, up: Scale) -> None:
        if self.cursor_at is None:
            return
        colours = theme.tokens()
        x = across.pixel(self.cursor_at)
        painter.setPen(QPen(colours.text, 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        for one in self._series:
            at = one.line.at(self.cursor_at)
            value = math.nan if at is None else self._values(one.line)[at]
            if value == value:
                painter.setPen(QPen(colours.surface, 1.5))
                painter.setBrush(one.colour)
                painter.drawEllipse(QPointF(x, up.pixel(value)), 4, 4)

    # -- scales -----------------------------------------------------------------------------

    def _values(self, line: Line) -> tuple[float, ...]:
        return line.rates if self._is_rates else line.smoothed

    def _across(self) -> Scale:
        area = self.area()
        last = max((one.line.x[-1] for one in self._series if one.line.x), default=1.0)
        return scale(0, last, area.left(), area.right())

    def _up(self, area: QRectF) -> Scale:
        drawn = [*_finite(value for one in self._series for value in self._values(one.line))]
        if not self._is_rates:
            drawn += [loss for one in self._series for _, loss in one.line.dots]
        if not drawn:
            return scale(0, 1, area.bottom(), area.top())
        low, high = min(drawn), max(drawn)
        room = 0.08 * (high - low)
        floor = 0.0 if self._is_rates or 0 <= low < 0.25 * high else low - room
        return scale(floor, high + room, area.bottom(), area.top())

    # -- the cursor -------------------------------------------------------------------------

    def _readings(self) -> Iterable[str]:
        for one in self._series:
            line = one.line
            at = len(line.x) - 1 if self.cursor_at is None else line.at(self.cursor_at)
            if at is not None and line.x:
                yield f"{one.title} {self._words_of(self._values(line)[at])}"

    def _word(self, x: float) -> str:
        return f"epoch {x:.2f}" if self._by_epoch else f"step {x:,.0f}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.is_empty():
            return
        x = self._across().value(event.position().x())
        self.cursor_moved.emit(x)
        words = "\n".join([self._word(x), *self._readings()])
        QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def leaveEvent(self, event: object) -> None:
        self.cursor_moved.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        across = self._across()
        at = across.high if self.cursor_at is None else self.cursor_at
        stride = (across.high - across.low) * STRIDE
        moves = {
            Qt.Key.Key_Left: at - stride, Qt.Key.Key_Right: at + stride,
            Qt.Key.Key_Home: across.low, Qt.Key.Key_End: across.high,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self.cursor_at is not None:
            self.cursor_moved.emit(None)
        elif key in moves:
            self.cursor_moved.emit(min(across.high, max(across.low, moves[key])))
        else:
            super().keyPressEvent(event)


_DIAMOND = ((0.0, -5.0), (5.0, 0.0), (0.0, 5.0), (-5.0, 0.0))


def _finite(values: Iterable[float]) -> Iterable[float]:
    return (value for value in values if math.isfinite(value))


def _polygon(xs: Iterable[float], ys: Iterable[float], across: Scale, up: Scale) -> QPolygonF:
    pairs = zip(xs, ys, strict=True)
    return QPolygonF([QPointF(across.pixel(x), up.pixel(y)) for x, y in pairs if math.isfinite(y)])


def _paint_raw(painter: QPainter, one: Series, across: Scale, up: Scale) -> None:
    faint = QColor(one.colour)
    faint.setAlpha(60)
    painter.setPen(QPen(faint, 1))
    painter.drawPolyline(_polygon(one.line.x, one.line.losses, across, up))
