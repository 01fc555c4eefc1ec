"""Axes of a small plot: from values to pixels, round ticks, frame and marks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

TO_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
TO_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Scale:
    """One axis: `low`..`high` in values lie on `start`..`end` in logical pixels."""

    low: float
    high: float
    start: float
    end: float

    def pixel(self, value: float) -> float:
        """Return where `value` lies, held inside the axis."""
        part = (value - self.low) / (self.high - self.low)
        return self.start + min(1.0, max(0.0, part)) * (self.end - self.start)

    def value(self, pixel: float) -> float:
        """Return the value at `pixel`, held inside the axis."""
        part = (pixel - self.start) / (self.end - self.start) if self.end != self.start else 0.0
        return self.low + min(1.0, max(0.0, part)) * (self.high - self.low)


def scale(low: float, high: float, start: float, end: float) -> Scale:
    """Return a Scale; an empty range is widened, so that one value lies in the middle."""
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = 0.0, 1.0
    if high <= low:
        room = abs(low) * 0.5 or 0.5
        low, high = low - room, high + room
    return Scale(low, high, start, end)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most `most` + 1 round values (1, 2 or 5 times a power of ten) in low..high."""
    if high <= low or most < 1:
        return []
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(n * power for n in (1, 2, 5, 10) if n * power >= rough * 0.9999)
    first = math.ceil(low / step - 1e-9)
    count = int((high - first * step) / step + 1e-9) + 1
    return [(first + index) * step for index in range(min(count, most + 2))]


@dataclass(frozen=True)
class Ink:
    """The colours a plot is drawn with."""

    text: QColor
    line: QColor
    strong: QColor


def draw_grid(
    painter: QPainter, area: QRectF, axis: Scale, word: Callable[[float], str], ink: Ink
) -> None:
    """Draw the vertical axis on the left: faint lines and one label for each round value."""
    metrics = QFontMetrics(painter.font())
    for value in ticks(axis.low, axis.high, max(2, int(area.height() // 40))):
        y = round(axis.pixel(value)) + 0.5
        painter.setPen(QPen(ink.line, 1))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(ink.text)
        box = QRectF(0, y - metrics.height() / 2, area.left() - 6, metrics.height())
        painter.drawText(
            box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, word(value)
        )


def draw_right_axis(
    painter: QPainter, area: QRectF, axis: Scale, word: Callable[[float], str], colour: QColor
) -> None:
    """Draw the labels of the second axis, in the colour of its curve."""
    metrics = QFontMetrics(painter.font())
    painter.setPen(colour)
    for value in ticks(axis.low, axis.high, max(2, int(area.height() // 40))):
        y = axis.pixel(value)
        box = QRectF(area.right() + 6, y - metrics.height() / 2, 80, metrics.height())
        painter.drawText(
            box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, word(value)
        )


def draw_marks(
    painter: QPainter, area: QRectF, axis: Scale, marks: list[tuple[float, int]], ink: Ink
) -> None:
    """Draw a dashed line at the end of every epoch, and its number as far as there is room."""
    metrics = QFontMetrics(painter.font())
    wide = metrics.horizontalAdvance("000") + 6
    free_from = area.left()
    for step, epoch in marks:
        x = round(axis.pixel(step)) + 0.5
        painter.setPen(QPen(ink.line, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        if x - wide / 2 < free_from:
            continue
        painter.setPen(ink.text)
        box = QRectF(x - wide / 2, area.bottom() + 4, wide, metrics.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(epoch))
        free_from = x + wide / 2


def draw_frame(painter: QPainter, area: QRectF, ink: Ink) -> None:
    """Draw the bottom line of the plot."""
    painter.setPen(QPen(ink.strong, 1))
    y = round(area.bottom()) + 0.5
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
