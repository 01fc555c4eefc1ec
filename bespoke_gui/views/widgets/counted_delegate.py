"""Counted delegate: rows of words with a quiet figure at the right, and a star where asked."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.views import icons, theme

ROW = 28
GAP = 12


class CountedDelegate(QStyledItemDelegate):
    """`aside` returns the words at the right of a row, `starred` whether it has a star."""

    def __init__(
        self,
        aside: Callable[[Index], str],
        starred: Callable[[Index], bool] = lambda _: False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._aside, self._starred = aside, starred

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        colours = theme.tokens()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colours.accent_soft)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colours.hover)
        painter.setFont(theme.font(tabular=True))
        box = rect.adjusted(10, 0, -10, 0)
        right = self._paint_aside(painter, box, index)
        painter.setPen(colours.text)
        room = right - GAP - box.left()
        words = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, room)
        sides = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, sides, words)

    def _paint_aside(self, painter: QPainter, box: QRect, index: Index) -> int:
        """Paint what stands at the right; return where it begins."""
        colours, words = theme.tokens(), self._aside(index)
        painter.setPen(colours.muted)
        sides = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, sides, words)
        left = box.right() - painter.fontMetrics().horizontalAdvance(words)
        if self._starred(index):
            left -= 14 + GAP
            star = QRectF(left, box.top() + (box.height() - 14) / 2, 14, 14)
            icons.paint(painter, "star", star, colours.accent)
        return left
