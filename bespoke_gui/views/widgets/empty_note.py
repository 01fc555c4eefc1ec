"""Empty note: what is shown where there is nothing to do, in the middle of the room it has."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import icons, theme
from bespoke_gui.views.widgets.parts import button, card, column, heading, muted, row

SIGN = 28


class EmptyNote(QWidget):
    """A sign, a title, a line of words and perhaps the button of what to do about it.

    The tick says that all is well; another icon, in grey, that there is nothing yet.
    """

    def __init__(
        self, title: str, words: str, icon: str = "check", action: QPushButton | None = None
    ) -> None:
        super().__init__()
        name, explanation = heading(title, 1.25), muted(words)
        for line in (name, explanation):
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        buttons = [row(None, action, None)] if action is not None else []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(column(None, _Sign(icon), name, explanation, *buttons, None)))


def no_runs(session: Session, words: str) -> EmptyNote:
    """Return what a page about runs shows before the first: its use, and where one is started."""
    start = button("Set up a training")
    start.clicked.connect(lambda: session.go_to.emit("train/run"))
    return EmptyNote("No run yet", words, "train", start)


class _Sign(QWidget):
    def __init__(self, icon: str) -> None:
        super().__init__()
        self._icon = icon
        self.setFixedHeight(SIGN)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = QRectF((self.width() - SIGN) // 2, 0, SIGN, SIGN)
        colours = theme.tokens()
        ink = colours.good if self._icon == "check" else colours.muted
        icons.paint(painter, self._icon, box, ink)
        painter.end()
