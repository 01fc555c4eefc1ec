"""Paints the headers of a gallery: epochs at the side, prompts above. Made for every repaint."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter

from bespoke_gui.core.annealing import is_annealed
from bespoke_gui.qtmodels.gallery_model import Role
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.cell_brush import TextCache

LEFT, RIGHT = 14, 6
LINE, SWATCH = 16, 10


class HeadBrush:
    """Holds what all headers of one repaint share."""

    def __init__(self, painter: QPainter, texts: TextCache, model: QAbstractItemModel) -> None:
        self._painter, self._texts, self._model = painter, texts, model
        self._colours = theme.tokens()
        self._title, self._current = theme.font(0.92), theme.font(0.92, bold=True)
        self._epoch, self._note = theme.font(1.0, bold=True), theme.font(0.82, tabular=True)

    def column(self, column: int, frame: QRect, is_current: bool) -> None:
        """Paint what stands above a column of pictures; of `frame` only left and width count."""
        painter, across = self._painter, Qt.Orientation.Horizontal
        painter.setFont(self._current if is_current else self._title)
        painter.setPen(self._text_colour(is_current))
        self._write(QRect(frame.left(), 5, frame.width(), 18), self._ask(column, across))
        painter.setFont(self._note)
        painter.setPen(self._colours.muted)
        line = QRect(frame.left(), 24, frame.width(), LINE)
        swatch = self._model.headerData(column, across, Role.SWATCH)
        if isinstance(swatch, QColor):
            painter.fillRect(line.left(), line.top() + 3, SWATCH, SWATCH, swatch)
            line.setLeft(line.left() + SWATCH + 5)
        self._write(line, self._ask(column, across, Role.NOTE))

    def row(self, row: int, frame: QRect, is_current: bool) -> None:
        """Paint what stands beside a row of pictures, in all of `frame`."""
        painter, down = self._painter, Qt.Orientation.Vertical
        is_picked = bool(self._model.headerData(row, down, Role.PICKED))
        if is_picked:
            painter.fillRect(0, frame.top() - 4, 4, frame.height() + 4, self._colours.good)
        painter.setFont(self._epoch)
        painter.setPen(self._text_colour(is_current))
        painter.drawText(QPointF(LEFT, frame.top() + 14), self._ask(row, down))
        painter.setFont(self._note)
        painter.setPen(self._colours.muted)
        line = QRect(LEFT, frame.top() + 22, frame.width() - LEFT - RIGHT, LINE)
        share = self._model.headerData(row, down, Role.RATE_SHARE)
        if share is not None:
            self._rate(line, share)
            line.translate(0, 10)
        for note in self._ask(row, down, Role.NOTE).split("\n"):
            self._write(line, note)
            line.translate(0, LINE)
        if is_picked:
            painter.setPen(self._colours.good)
            self._write(line.translated(0, 2), "✓ picked")

    def _ask(self, section: int, way: Qt.Orientation, role: int = 0) -> str:
        answer: Any = self._model.headerData(section, way, role)
        return answer or ""

    def _text_colour(self, is_current: bool) -> QColor:
        return self._colours.accent_text if is_current else self._colours.text

    def _rate(self, line: QRect, share: float) -> None:
        """Draw how high the learning rate stands, an annealed one in another colour."""
        track = QRect(LEFT, line.top() + 3, line.width() - LEFT, 4)
        self._painter.fillRect(track, self._colours.line)
        track.setWidth(max(2, round(track.width() * share)))
        colour = self._colours.good if is_annealed(share) else self._colours.warning
        self._painter.fillRect(track, colour)

    def _write(self, line: QRect, text: str) -> None:
        """Write a text into a line, its middle left out where it is too long."""
        laid, height = self._texts.elided(text, line.width(), self._painter)
        top = line.top() + round((line.height() - height) / 2)
        self._painter.drawStaticText(QPointF(line.left(), top), laid)
