"""The line round a widget that paints itself, while the keys act there."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from bespoke_gui.views import theme


def paint_focus(painter: QPainter, widget: QWidget, corner: float = 0) -> None:
    """Draw the line when `widget` has the focus; `corner`: radius in logical pixels."""
    if widget.hasFocus():
        painter.setPen(QPen(theme.tokens().accent, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        edge = QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(edge, corner, corner)
