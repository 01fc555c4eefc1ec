"""Swatches: the colours of a palette side by side, as many in a row as fit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from bespoke_gui.views import theme
from bespoke_gui.views.widgets.places import Places

STEP = 24
GAP = 2


class Swatches(Places):
    """Draws colours 0xRRGGBB; words: a tooltip for each."""

    def __init__(self, title: str, step: int = STEP, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._codes: list[int] = []
        self._words: list[str] = []
        self._step = step
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_colours(self, codes: Sequence[int], words: Sequence[str]) -> None:
        """Draw these colours."""
        self._codes, self._words = list(codes), list(words)
        self.forget()

    def count(self) -> int:
        """Return how many colours there are."""
        return len(self._codes)

    def words(self) -> str:
        """Return the words of the current colour."""
        return self._words[self.current] if self.current >= 0 else ""

    def choose(self, place: int) -> None:
        """Make a colour the current one; where there is none nothing changes."""
        if 0 <= place < len(self._codes):
            super().choose(place)

    def moves(self) -> dict[Qt.Key, int]:
        """Return the colours that keys go to; all of them to the first where none is chosen."""
        at, columns = self.current, self.columns()
        along = {
            Qt.Key.Key_Left: at - 1, Qt.Key.Key_Right: at + 1,
            Qt.Key.Key_Up: at - columns, Qt.Key.Key_Down: at + columns,
        }  # fmt: skip
        moves = super().moves() | along
        return moves if at >= 0 else dict.fromkeys(moves, 0)

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
            place = self.place_at(QPointF(event.pos()))
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

    def place_at(self, point: QPointF) -> int:
        """Return the colour at a point, -1 where there is none."""
        column, row = int(point.x() // self._step), int(point.y() // self._step)
        place = row * self.columns() + column
        inside = 0 <= column < self.columns() and row >= 0 and place < len(self._codes)
        return place if inside else -1
