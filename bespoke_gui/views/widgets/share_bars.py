"""Share bars: one line for each kind of image, with its name, a bar and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from bespoke_gui.views import theme

LINE = 24
CHIP = 14
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Share:
    """One line; `chip` is a colour to show before its name."""

    name: str
    count: int
    chip: QColor | None = None


class ShareBars(QWidget):
    """Draws the lines, the commonest first. `chosen` carries a line's place, -1 for none."""

    chosen = Signal(int)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares: list[Share] = []
        self._under = -1
        self.current = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)

    def show_shares(self, shares: Sequence[Share]) -> None:
        """Draw these lines."""
        self._shares = list(shares)
        self.current, self._under = -1, -1
        self.updateGeometry()
        self.update()

    def choose(self, place: int) -> None:
        """Choose a line; the one that is chosen already, or -1, chooses none."""
        self.current = -1 if place == self.current else place
        words = self._shares[self.current].name if self.current >= 0 else ""
        self.setAccessibleDescription(words)
        self.chosen.emit(self.current)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, max(1, len(self._shares)) * LINE)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(0.95, tabular=True))
        metrics = QFontMetrics(painter.font())
        chips = any(share.chip is not None for share in self._shares)
        wide = max((metrics.horizontalAdvance(s.name) for s in self._shares), default=0)
        names = min(wide + 8, int(self.width() * 0.45))
        counts = max((metrics.horizontalAdvance(str(s.count)) for s in self._shares), default=0) + 8
        for place in range(len(self._shares)):
            self._paint_line(painter, place, (CHIP + 8) * chips, names, counts)
        if self.hasFocus():
            painter.setPen(theme.tokens().accent)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_line(
        self, painter: QPainter, place: int, chips: int, names: int, counts: int
    ) -> None:
        colours, share = theme.tokens(), self._shares[place]
        line = QRectF(0, place * LINE, self.width(), LINE)
        if place in (self.current, self._under):
            chosen = place == self.current
            painter.fillRect(line, colours.accent_soft if chosen else colours.hover)
        inner = line.adjusted(6, 0, -6, 0)
        if share.chip is not None:
            box = QRectF(inner.left(), round(inner.center().y() - CHIP / 2), CHIP, CHIP)
            painter.fillRect(box, share.chip)
            painter.setPen(colours.line_strong)
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        painter.setPen(colours.text)
        name = QRectF(inner.left() + chips, inner.top(), names, LINE)
        elided = painter.fontMetrics().elidedText(
            share.name, Qt.TextElideMode.ElideRight, names - 4
        )
        painter.drawText(name, _LEFT, elided)
        painter.drawText(inner, _RIGHT, str(share.count))
        room = inner.width() - chips - names - counts
        most = max(s.count for s in self._shares)
        length = max(1, round(room * share.count / most))
        bar = QRectF(round(name.right()), line.top() + 7, length, LINE - 14)
        faded = QColor(colours.accent)
        faded.setAlpha(255 if place == self.current else 190)
        painter.fillRect(bar, faded)

    def _place_at(self, y: float) -> int:
        place = int(y // LINE)
        return place if 0 <= place < len(self._shares) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._place_at(event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, place: int) -> None:
        if place != self._under:
            self._under = place
            shape = Qt.CursorShape.PointingHandCursor if place >= 0 else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self.choose(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._shares) - 1
        moves = {
            Qt.Key.Key_Up: max(0, self.current - 1), Qt.Key.Key_Down: min(last, self.current + 1),
            Qt.Key.Key_Home: 0, Qt.Key.Key_End: last,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self.current >= 0:
            self.choose(-1)
        elif key in moves and last >= 0:
            if moves[key] != self.current:
                self.choose(moves[key])
        else:
            super().keyPressEvent(event)
