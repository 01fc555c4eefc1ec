"""Queue state: the state of an entry as a pill in its cell."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from bespoke_gui.qtmodels.queue_rows import STATE_TONES, STATE_WORDS
from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.pill_paint import draw_pill

PAD = 4


class StateDelegate(QStyledItemDelegate):
    """Paints the words of a cell on the colour of their state."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        words = str(index.data() or "")
        kind = next((STATE_TONES[key] for key, word in STATE_WORDS.items() if word == words), "")
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.tokens().accent_soft)
        draw_pill(painter, words, rect.left() + PAD, rect.center().y() + 0.5, kind or "plain")
        painter.restore()
