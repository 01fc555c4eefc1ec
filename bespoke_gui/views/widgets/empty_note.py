"""Empty note: what is shown where there is nothing to do, in the middle of the room it has."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.views import icons, theme
from bespoke_gui.views.widgets.parts import card, column, heading, muted

SIGN = 28


class EmptyNote(QWidget):
    """A tick, a title and a line of words."""

    def __init__(self, title: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        lines = [_Tick(), heading(title, 1.25), muted(words)]
        for line in lines[1:]:
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(column(None, *lines, None)))


class _Tick(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(SIGN)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = QRectF((self.width() - SIGN) // 2, 0, SIGN, SIGN)
        icons.paint(painter, "check", box, theme.tokens().good)
        painter.end()
