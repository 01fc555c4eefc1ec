"""Swatches: the colours of a palette side by side, as many in a row as fit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from bespoke_gui.views import theme

STEP = 24
GAP = 2


class Swatches(QWidget):
    """Draws colours 0xRRGGBB. `chosen` carries the place of one; words: a tooltip for each."""

    chosen = Signal(int)

    def __init__(self, title: str, step: int = STEP, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._codes: list[int] = []
        self._words: list[str] = []
        self._step = step
        self._under = -1
        self.current = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(title)

    def show_colours(self, codes: Sequence[int], words: Sequence[str]) -> None:
        """Draw these colours."""
        self._codes, self._words = list(codes), list(words)
        self.current, self._under = -1, -1
        self.updateGeometry()
        self.update()

    def choose(self, place: int) -> None:
        """Make a colour the current one."""
        if not 0 <= place < len(self._codes):
            return
        self.current = place
        self.setAccessibleDescription(self._words[place])
        self.chosen.emit(place)
        self.update()

    def columns(self) -> int:
        """Return how many stand in a row."""
        return max(1, (self.width() + GAP) // self._step)

    def box(self, place: int) -> QRect:
        """Return where a colour lies, without the gap."""
        row, column = divmod(place, self.columns())
        side = self._step - GAP
        return QRect(column * self._step, row * self._step, side, side)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        columns = max(1, (width + GAP) // self._step)
        return max(1, -(-len(self._codes) // columns)) * self._step

    def sizeHint(self) -> QSize:
        width = max(self.width(), 10 * self._step)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(4 * self._step, self._step)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            place = self._place_at(QPointF(event.pos()))
            words = self._words[place] if place >= 0 else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme.tokens()
        first = event.rect().top() // self._step * self.columns()
        last = (event.rect().bottom() // self._step + 1) * self.columns()
        for place in range(first, min(last, len(self._codes))):
            painter.fillRect(self.box(place), QColor.fromRgb(self._codes[place]))
        for place, colour in ((self._under, colours.line_strong), (self.current, colours.accent)):
            if place >= 0:
                self._outline(painter, self.box(place), colour)
        painter.end()

    def _outline(self, painter: QPainter, box: QRect, colour: QColor) -> None:
        """Draw round a colour: the gap and a thin line inside, seen on any colour."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(colour, 2)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(QRectF(box).adjusted(0, 0, 0, 0))
        painter.setPen(QPen(theme.tokens().surface, 1))
        painter.drawRect(QRectF(box).adjusted(1.5, 1.5, -1.5, -1.5))

    def _place_at(self, point: QPointF) -> int:
        column, row = int(point.x() // self._step), int(point.y() // self._step)
        place = row * self.columns() + column
        inside = 0 <= column < self.columns() and row >= 0 and place < len(self._codes)
        return place if inside else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._place_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, place: int) -> None:
        if place != self._under:
            self._under = place
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.choose(self._place_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at, columns, last = self.current, self.columns(), len(self._codes) - 1
        moves = {
            Qt.Key.Key_Left: at - 1, Qt.Key.Key_Right: at + 1,
            Qt.Key.Key_Up: at - columns, Qt.Key.Key_Down: at + columns,
            Qt.Key.Key_Home: 0, Qt.Key.Key_End: last,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key not in moves:
            super().keyPressEvent(event)
        elif at < 0:
            self.choose(0)
        else:
            self.choose(moves[key])
