"""Check painting: a check box as the style sheet draws it, for item delegates."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen

from bespoke_gui.views import icons, theme

BOX = 16


def draw_check(painter: QPainter, box: QRectF, on: bool) -> None:
    """Draw a check box into a square of BOX pixels."""
    colours = theme.tokens()
    painter.setPen(QPen(colours.accent if on else colours.line_strong, 1))
    painter.setBrush(colours.accent if on else colours.surface)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    if on:
        icons.paint(painter, "check", box.adjusted(2, 2, -2, -2), colours.on_accent)
