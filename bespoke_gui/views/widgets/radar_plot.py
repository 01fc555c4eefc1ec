"""Radar plot: up to four epochs over each other, their 95% intervals as light bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from bespoke_gui.core.judgement.radar import AT_LIMIT, Axis, Spoke
from bespoke_gui.views import theme

MOST = 4
LABEL, EDGE = 118, 40
BAND = 38
STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DashDotLine,
          Qt.PenStyle.DotLine)  # fmt: skip


@dataclass(frozen=True)
class Web:
    """One epoch: its name, its place among those shown (colour and line), and its spokes."""

    name: str
    number: int
    spokes: Sequence[Spoke]


def colour(number: int) -> QColor:
    """Return the colour of the epoch that is shown in this place."""
    tokens = theme.tokens()
    return (tokens.accent_text, tokens.warning, tokens.good, tokens.danger)[number % MOST]


class RadarPlot(QWidget):
    """Outside is better; the dashed ring is the limit of the training set."""

    def __init__(self) -> None:
        super().__init__()
        self._axes: Sequence[Axis] = ()
        self._webs: Sequence[Web] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(480, 360)

    def show_webs(self, axes: Sequence[Axis], webs: Sequence[Web]) -> None:
        """Show these epochs."""
        self._axes, self._webs = axes, webs
        names = ", ".join(web.name for web in webs) or "no epoch"
        self.setAccessibleName(f"Radar of {names}; the table has the figures")
        self.setAccessibleDescription("; ".join(map(self.words, webs)))
        self.update()

    def words(self, web: Web) -> str:
        """Return one epoch in words: where it stands on every axis, in per cent of the way out."""
        parts = (
            f"{axis.measure.title.lower()} {spoke.at:.0%}"
            for axis, spoke in zip(self._axes, web.spokes, strict=True)
        )
        return f"{web.name}: {', '.join(parts)} of the way out"

    def sizeHint(self) -> QSize:
        return QSize(680, 460)

    def point(self, number: int, out: float) -> QPointF:
        """Return where a place of an axis lies on the widget; the first axis points up."""
        middle, radius = self._middle()
        angle = 2 * math.pi * number / max(1, len(self._axes)) - math.pi / 2
        return middle + QPointF(math.cos(angle), math.sin(angle)) * radius * out

    def _middle(self) -> tuple[QPointF, float]:
        radius = min(self.width() / 2 - LABEL, self.height() / 2 - EDGE)
        return QPointF(self.width() / 2, self.height() / 2), max(10.0, radius)

    # -- painting ---------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if len(self._axes) > 2:
            self._paint_rings(painter)
            for web in self._webs:
                self._paint_band(painter, web)
            for web in self._webs:
                self._paint_web(painter, web)
            for number, axis in enumerate(self._axes):
                self._paint_label(painter, number, axis)
        else:
            painter.setPen(theme.tokens().muted)
            words = "A radar needs three measures that every epoch has"
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
        painter.end()

    def _paint_rings(self, painter: QPainter) -> None:
        tokens = theme.tokens()
        painter.setPen(QPen(tokens.line, 1))
        for number in range(len(self._axes)):
            painter.drawLine(self.point(number, 0), self.point(number, 1))
        for out in (0.25, 0.75, 1.0):
            painter.drawPath(self._path([out] * len(self._axes)))
        painter.setPen(QPen(tokens.line_strong, 1.5, Qt.PenStyle.DashLine))
        painter.drawPath(self._path([AT_LIMIT] * len(self._axes)))

    def _path(self, outs: Sequence[float]) -> QPainterPath:
        path = QPainterPath(self.point(0, outs[0]))
        for number, out in enumerate(outs[1:], 1):
            path.lineTo(self.point(number, out))
        path.closeSubpath()
        return path

    def _paint_band(self, painter: QPainter, web: Web) -> None:
        band = self._path([spoke.high for spoke in web.spokes])
        band.addPath(self._path([spoke.low for spoke in web.spokes]))
        band.setFillRule(Qt.FillRule.OddEvenFill)
        light = QColor(colour(web.number))
        light.setAlpha(BAND)
        painter.fillPath(band, light)

    def _paint_web(self, painter: QPainter, web: Web) -> None:
        painter.setPen(QPen(colour(web.number), 2, STYLES[web.number % MOST]))
        painter.drawPath(self._path([spoke.at for spoke in web.spokes]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(web.number))
        for number, spoke in enumerate(web.spokes):
            painter.drawEllipse(self.point(number, spoke.at), 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_label(self, painter: QPainter, number: int, axis: Axis) -> None:
        tokens, end = theme.tokens(), self.point(number, 1)
        middle, _ = self._middle()
        box = QRectF(0, 0, LABEL - 12, 34)
        beside = abs(end.x() - middle.x()) > 12
        box.moveTop(end.y() - (17 if beside else 38 if end.y() < middle.y() else -4))
        right = end.x() > middle.x()
        box.moveLeft(end.x() + 8 if right else end.x() - box.width() - 8)
        if not beside:
            box.moveLeft(end.x() - box.width() / 2)
        side = Qt.AlignmentFlag.AlignLeft if right else Qt.AlignmentFlag.AlignRight
        flags = Qt.AlignmentFlag.AlignVCenter | (side if beside else Qt.AlignmentFlag.AlignHCenter)
        painter.setFont(theme.font(0.85))
        painter.setPen(tokens.text if axis.limit is not None else tokens.muted)
        painter.drawText(box, int(flags) | int(Qt.TextFlag.TextWordWrap), axis.measure.title)
