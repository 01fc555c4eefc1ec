"""Pill painting: small words on a tinted ground, for item delegates."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from bespoke_gui.views import theme

HEIGHT = 18
PAD = 6


def pill_width(words: str) -> float:
    """Return how wide a pill with these words is."""
    return (
        QFontMetricsF(theme.font(0.88, bold=True, tabular=True)).horizontalAdvance(words) + 2 * PAD
    )


def draw_pill(painter: QPainter, words: str, left: float, middle: float, kind: str) -> None:
    """Draw a pill; kind: plain, accent, danger, warning or good."""
    back, front = _colours(kind)
    box = QRectF(left, middle - HEIGHT / 2, pill_width(words), HEIGHT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(back)
    painter.drawRoundedRect(box, 4, 4)
    painter.setFont(theme.font(0.88, bold=True, tabular=True))
    painter.setPen(front)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def _colours(kind: str) -> tuple[QColor, QColor]:
    colours = theme.tokens()
    return {
        "plain": (colours.hover, colours.muted),
        "accent": (colours.accent_soft, colours.accent_text),
        "danger": (colours.danger_soft, colours.danger),
        "warning": (colours.warning_soft, colours.warning),
        "good": (colours.good_soft, colours.good),
    }[kind]
