"""Rule list: the rules in their order with switch, hits and, in red, how many lose words."""

from __future__ import annotations

from PySide6.QtCore import (
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyleOptionViewItem,
    QWidget,
)

from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.qtmodels.rules_list_model import Role, RuleList
from bespoke_gui.views import icons, theme
from bespoke_gui.views.widgets.pill_paint import draw_pill, pill_width
from bespoke_gui.views.widgets.tick_rows import (
    BOX,
    TickDelegate,
    draw_ground,
    draw_tick,
    is_ticked,
    set_up,
    turn_by_key,
)

HEIGHT = 46
MARGIN = 8


class RuleDelegate(TickDelegate):
    """Paints one rule in two lines: name and figures, and what it does."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, rect = theme.tokens(), QRectF(option.rect)
        draw_ground(painter, option)
        on = is_ticked(index)
        draw_tick(painter, check_rect(rect), on)
        left = rect.left() + MARGIN + BOX + MARGIN
        right = self._paint_figures(painter, rect, index)
        painter.setFont(theme.font(1.0, bold=True))
        painter.setPen(colours.text if on else colours.muted)
        self._line(painter, index.data(), left, right, rect.top() + 5)
        painter.setFont(theme.font(0.92))
        error = index.data(Role.ERROR)
        painter.setPen(colours.danger if error is not None else colours.muted)
        words = error.message if error is not None else index.data(Role.WHAT)
        self._line(painter, words, left, rect.right() - MARGIN, rect.top() + 24)
        painter.restore()

    def _line(self, painter: QPainter, words: str, left: float, right: float, top: float) -> None:
        box = QRectF(left, top, max(0.0, right - left), 18)
        flat = " ".join(words.split())
        mode = Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(flat, mode, int(box.width()))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _paint_figures(self, painter: QPainter, rect: QRectF, index: Index) -> float:
        """Paint hits at the right end; return where they begin."""
        right, middle = rect.right() - MARGIN, rect.top() + 14
        error, tally = index.data(Role.ERROR), index.data(Role.TALLY)
        if error is not None:
            icons.paint(
                painter, "error", QRectF(right - 16, middle - 8, 16, 16), theme.tokens().danger
            )
            return right - 24
        if tally is None:
            return right
        pills = [(str(tally.captions) if tally.captions else "no match", "plain")]
        pills += [(f"−{tally.lost.total()} words", "danger")] if tally.lossy else []
        for words, kind in pills:
            width = pill_width(words)
            draw_pill(painter, words, right - width, middle, kind)
            right -= width + 4
        return right - 4

    def tick_room(self, rect: QRectF) -> QRectF:
        """Return where in a row a click is meant for the tick."""
        return check_rect(rect).adjusted(-6, -6, 6, 6)


class RuleListView(QListView):
    """The rules; Space switches one on or off, Delete asks to take it out."""

    delete_asked = Signal()
    chosen = Signal(int)

    def __init__(self, model: RuleList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_up(self, "Rules, in the order they run")
        self.setModel(model)
        self.setItemDelegate(RuleDelegate(self))
        self.setUniformItemSizes(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.selectionModel().currentChanged.connect(lambda now, _: self.chosen.emit(now.row()))
        model.moved.connect(self.choose)

    def choose(self, row: int) -> None:
        """Make a rule the current one."""
        row = min(row, self.model().rowCount() - 1)
        if row >= 0:
            self.setCurrentIndex(self.model().index(row, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.delete_asked.emit()
        elif not turn_by_key(self, event):
            super().keyPressEvent(event)


def check_rect(rect: QRectF) -> QRectF:
    """Return where the check box of a row is."""
    return QRectF(rect.left() + MARGIN, rect.top() + 6, BOX, BOX)
