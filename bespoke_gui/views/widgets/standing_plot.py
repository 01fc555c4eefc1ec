"""Standing plot: a line an epoch, its strength as a dot with the 95% interval, the best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.views import theme

if TYPE_CHECKING:
    from bespoke_gui.core.judgement.standing import Standing

LINE = 26
NAME, COUNT = 84, 92


@dataclass(frozen=True)
class Bar:
    """One line: name, value with its interval, words at the end; strong: drawn in the accent."""

    name: str
    value: float
    low: float
    high: float
    words: str
    strong: bool


def strength_bars(standing: Standing) -> list[Bar]:
    """Return a line an epoch after blind votes, the best in the accent, ties named."""
    return [
        Bar(
            wording.epoch(one.epoch), one.strength, one.low, one.high,
            f"{one.wins:g} of {one.votes}" + ("  tie" if one.tied and place else ""), place == 0,
        )
        for place, one in enumerate(standing.epochs)
    ]  # fmt: skip


class StandingPlot(QWidget):
    """Values with intervals on one scale; 0 is marked."""

    def __init__(self) -> None:
        super().__init__()
        self._bars: Sequence[Bar] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these lines."""
        self._bars = bars
        self.setAccessibleName("; ".join(f"{bar.name}: {bar.words}" for bar in bars))
        self.setFixedHeight(max(1, len(bars)) * LINE + 4)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, max(1, len(self._bars)) * LINE + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bars:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        low, high = self._range()
        zero = self._x(0.0, low, high)
        painter.setPen(QPen(theme.tokens().line_strong, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(zero, 2), QPointF(zero, self.height() - 4))
        for number, bar in enumerate(self._bars):
            self._paint(painter, bar, number * LINE + 2, low, high)
        painter.end()

    def _range(self) -> tuple[float, float]:
        low = min(0.0, *(bar.low for bar in self._bars))
        high = max(0.0, *(bar.high for bar in self._bars))
        room = max(0.2, high - low) * 0.05
        return low - room, high + room

    def _x(self, value: float, low: float, high: float) -> float:
        width = max(1, self.width() - NAME - COUNT)
        return NAME + (value - low) / (high - low) * width

    def _paint(self, painter: QPainter, bar: Bar, top: int, low: float, high: float) -> None:
        tokens = theme.tokens()
        painter.setFont(theme.font(1.0, bold=bar.strong, tabular=True))
        painter.setPen(tokens.text)
        painter.drawText(QRectF(0, top, NAME - 8, LINE), Qt.AlignmentFlag.AlignVCenter, bar.name)
        painter.setFont(theme.font(0.9, tabular=True))
        painter.setPen(tokens.muted)
        end = QRectF(self.width() - COUNT + 8, top, COUNT - 8, LINE)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(end, flags, bar.words)
        colour = tokens.accent if bar.strong else tokens.muted
        middle = top + LINE / 2
        ends = [self._x(value, low, high) for value in (bar.low, bar.high)]
        pen = QPen(colour, 3)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(ends[0], middle), QPointF(ends[1], middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(self._x(bar.value, low, high), middle), 5, 5)
