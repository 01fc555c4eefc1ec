"""Share bars: one line for each kind of image, with its name, a bar and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from bespoke_gui.views import theme
from bespoke_gui.views.widgets.focus_ring import paint_focus
from bespoke_gui.views.widgets.places import Bars

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


class ShareBars(Bars):
    """Draws the lines, the commonest first."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, Qt.Key.Key_Up, Qt.Key.Key_Down, parent)
        self._shares: list[Share] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_shares(self, shares: Sequence[Share]) -> None:
        """Draw these lines."""
        self._shares = list(shares)
        self.forget()

    def count(self) -> int:
        """Return how many lines there are."""
        return len(self._shares)

    def words(self) -> str:
        """Return the name of the chosen line."""
        return self._shares[self.current].name if self.current >= 0 else ""

    def place_at(self, point: QPointF) -> int:
        """Return the line at a point, -1 below the last one."""
        place = int(point.y() // LINE)
        return place if 0 <= place < len(self._shares) else -1

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
        paint_focus(painter, self)
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
