"""Figure card: a button that shows a title, one large figure and a line about it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from bespoke_gui.views import theme

PAD = 12
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class FigureCard(QAbstractButton):
    """One of a row of cards, of which one is chosen. `kind` colours the figure: good, warning..."""

    def __init__(self, title: str, tip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._figure, self._detail, self._kind = "–", "", "text"
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setToolTip(tip)
        self.setAccessibleName(title)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def tell(self, figure: str, detail: str, kind: str = "text") -> None:
        """Show a figure, in the colour of its kind, and a line of words."""
        self._figure, self._detail, self._kind = figure, detail, kind
        self.setAccessibleDescription(f"{figure}, {detail}")
        self.update()

    def sizeHint(self) -> QSize:
        small, large = self._metrics(0.95), self._metrics(1.5)
        return QSize(150, 2 * PAD + 2 * small.height() + large.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(110, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        edge = colours.accent if chosen or self.hasFocus() else colours.line
        painter.setPen(QPen(edge, 2 if chosen and self.hasFocus() else 1))
        painter.setBrush(
            colours.accent_soft
            if chosen
            else colours.hover
            if self.underMouse()
            else colours.surface
        )
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        y = PAD
        y = self._line(
            painter, y, self._title, 0.95, colours.accent_text if chosen else colours.text
        )
        y = self._line(painter, y + 1, self._figure, 1.5, getattr(colours, self._kind), bold=True)
        self._line(painter, y + 1, self._detail, 0.95, colours.muted)
        painter.end()

    def _line(self, painter: QPainter, y: int, text: str, scale: float, colour, bold=False) -> int:
        """Draw one line of words, shortened where it must be, and return where it ends."""
        painter.setFont(theme.font(scale, bold, tabular=True))
        metrics = painter.fontMetrics()
        room = self.width() - 2 * PAD
        painter.setPen(colour)
        words = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(PAD, y, room, metrics.height()), _LEFT, words)
        return y + metrics.height()

    @staticmethod
    def _metrics(scale: float) -> QFontMetrics:
        return QFontMetrics(theme.font(scale))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Return too: in a row of cards it is expected to open the one that has the focus.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
