"""Loss and learning rate of a run: raw loss faint, smoothed strong, the rate on a second axis."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.run_story import Curve
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.buckets import Bucket, Buckets
from bespoke_gui.views.widgets.plot import Plot, plot_ink
from bespoke_gui.views.widgets.plot_axes import (
    TO_LEFT,
    TO_RIGHT,
    Scale,
    draw_frame,
    draw_grid,
    draw_marks,
    draw_right_axis,
    scale,
)


class LossPlot(Plot):
    """Draws a Curve. The mouse or the arrow keys move a readout over its points."""

    margins = (56, 30, 64, 24)
    nothing = "The loss appears here once the first step is done"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Loss and learning rate", parent)
        self._curve = Curve()
        self._buckets = Buckets()
        self._marks: list[tuple[float, int]] = []
        self._total = 0
        self.cursor_index: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(280, 140)

    def show_curve(self, curve: Curve, marks: list[tuple[float, int]], total: int) -> None:
        """Draw `curve` from now on; call again whenever it has grown. `marks`: (step, epoch)."""
        if curve is not self._curve:
            self._buckets, self.cursor_index = Buckets(), None
        self._curve, self._marks, self._total = curve, marks, total
        self._buckets.follow(curve)
        if self.cursor_index is not None and self.cursor_index >= len(curve.steps):
            self.cursor_index = None
        self.setAccessibleDescription(self.readout())
        self.update()

    def readout(self) -> str:
        """Return the values at the cursor, else the newest ones."""
        if not self._curve.steps:
            return ""
        index = len(self._curve.steps) - 1 if self.cursor_index is None else self.cursor_index
        step = self._curve.steps[index]
        epoch = next((number for end, number in self._marks if step <= end + 0.5), None)
        parts = [f"step {step}"] + ([f"epoch {epoch}"] if epoch else [])
        loss, smoothed = self._curve.losses[index], self._curve.smoothed[index]
        if not math.isnan(loss):
            parts.append(f"loss {loss:.4f}, smoothed {smoothed:.4f}")
        if not math.isnan(self._curve.rates[index]):
            parts.append(f"rate {wording.rate(self._curve.rates[index])}")
        return "  ·  ".join(parts)

    def sizeHint(self) -> QSize:
        return QSize(560, 220)

    def is_empty(self) -> bool:
        return not self._buckets.rows

    def paint_plot(self, painter: QPainter) -> None:
        colours, ink = theme.tokens(), plot_ink()
        area, rows = self.area(), self._buckets.rows
        across = self._across(area)
        losses, rates = _loss_scale(rows, area), _rate_scale(rows, area)
        draw_grid(painter, area, losses, wording.figure, ink)
        draw_right_axis(painter, area, rates, wording.rate, colours.warning)
        draw_marks(painter, area, across, self._marks, ink)
        draw_frame(painter, area, ink)
        painter.save()
        painter.setClipRect(area.adjusted(-1, -1, 1, 1))
        _paint_raw(painter, rows, across, losses, colours.accent)
        rate_line = [(row.step, row.rate) for row in rows]
        _paint_line(painter, rate_line, across, rates, QPen(colours.warning, 1.25))
        smooth_line = [(row.step, row.smoothed) for row in rows]
        _paint_line(painter, smooth_line, across, losses, QPen(colours.accent, 2))
        painter.restore()
        self._paint_legend(painter, area)
        self._paint_cursor(painter, area, across, losses)

    def _across(self, area: QRectF) -> Scale:
        last = self._curve.steps[-1] if self._curve.steps else 1
        return scale(0, max(self._total, last, 1), area.left(), area.right())

    def _paint_legend(self, painter: QPainter, area: QRectF) -> None:
        colours = theme.tokens()
        metrics = painter.fontMetrics()
        line = QRectF(area.left() + 12, 4, area.width() - 12, metrics.height())
        painter.setPen(colours.text)
        right = Qt.TextElideMode.ElideRight
        words = metrics.elidedText(self.readout(), right, int(line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, words)
        painter.setPen(colours.accent_text)
        painter.drawText(QRectF(0, 4, area.left() - 6, line.height()), TO_RIGHT, "loss")
        painter.setPen(colours.warning)
        painter.drawText(
            QRectF(area.right() + 6, 4, self.width() - area.right(), line.height()), TO_LEFT, "rate"
        )

    def _paint_cursor(self, painter: QPainter, area: QRectF, across: Scale, losses: Scale) -> None:
        if self.cursor_index is None:
            return
        colours = theme.tokens()
        x = across.pixel(self._curve.steps[self.cursor_index])
        painter.setPen(QPen(colours.text, 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        smoothed = self._curve.smoothed[self.cursor_index]
        if not math.isnan(smoothed):
            painter.setBrush(colours.accent)
            painter.drawEllipse(QPointF(x, losses.pixel(smoothed)), 4, 4)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._curve.steps:
            step = self._across(self.area()).value(event.position().x())
            self._put_cursor(_nearest(self._curve.steps, step))

    def leaveEvent(self, event: object) -> None:
        self._put_cursor(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._curve.steps) - 1
        at = last if self.cursor_index is None else self.cursor_index
        stride = max(1, last // 100)
        moves = {
            Qt.Key.Key_Left: at - stride, Qt.Key.Key_Right: at + stride,
            Qt.Key.Key_Home: 0, Qt.Key.Key_End: last,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self.cursor_index is not None:
            self._put_cursor(None)
        elif key in moves and last >= 0:
            self._put_cursor(min(last, max(0, moves[key])))
        else:
            super().keyPressEvent(event)

    def _put_cursor(self, index: int | None) -> None:
        if index != self.cursor_index:
            self.cursor_index = index
            self.setAccessibleDescription(self.readout())
            self.update()


def _nearest(steps: Sequence[int], step: float) -> int:
    right = bisect_left(steps, step)
    if right >= len(steps):
        return len(steps) - 1
    if right and step - steps[right - 1] <= steps[right] - step:
        return right - 1
    return right


def _loss_scale(rows: list[Bucket], area: QRectF) -> Scale:
    """Show all of the smoothed curve and all but the highest 2% of the raw one."""
    highs = sorted(row.high for row in rows if math.isfinite(row.high))
    if not highs:
        return scale(0, 1, area.bottom(), area.top())
    smoothed = [row.smoothed for row in rows if math.isfinite(row.smoothed)]
    top = max([highs[int(0.98 * (len(highs) - 1))], *smoothed])
    low = min(row.low for row in rows if math.isfinite(row.low))
    room = (top - low) * 0.06
    floor = 0.0 if 0 <= low < 0.4 * top else low - room
    return scale(floor, top + room, area.bottom(), area.top())


def _rate_scale(rows: list[Bucket], area: QRectF) -> Scale:
    top = max((row.rate for row in rows if math.isfinite(row.rate)), default=1.0)
    return scale(0, top * 1.06 or 1.0, area.bottom(), area.top())


def _paint_raw(
    painter: QPainter, rows: list[Bucket], across: Scale, losses: Scale, colour: QColor
) -> None:
    """Draw the raw loss: a line, and where a bucket holds several steps its whole span."""
    faint = QColor(colour)
    faint.setAlpha(110)
    painter.setPen(QPen(faint, 1))
    line = QPolygonF()
    for row in rows:
        if math.isfinite(row.low):
            x = across.pixel(row.step)
            line.append(QPointF(x, losses.pixel(row.high)))
            if row.low != row.high:
                line.append(QPointF(x, losses.pixel(row.low)))
    painter.drawPolyline(line)


def _paint_line(
    painter: QPainter, points: list[tuple[int, float]], across: Scale, down: Scale, pen: QPen
) -> None:
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    line = QPolygonF()
    for step, value in points:
        if math.isfinite(value):
            line.append(QPointF(across.pixel(step), down.pixel(value)))
    if line.size() == 1:
        painter.drawPoint(line.at(0))
    painter.drawPolyline(line)
