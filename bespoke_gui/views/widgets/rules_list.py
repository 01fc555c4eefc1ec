"""Rule list: the rules in their order with switch, hits and, in red, how many lose words."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from bespoke_gui.qtmodels.rules_list_model import Role, RuleList
from bespoke_gui.views import icons, theme
from bespoke_gui.views.widgets.check_paint import BOX, draw_check
from bespoke_gui.views.widgets.pill_paint import draw_pill, pill_width

HEIGHT = 46
MARGIN = 8
Index = QModelIndex | QPersistentModelIndex


class RuleDelegate(QStyledItemDelegate):
    """Paints one rule in two lines: name and figures, and what it does."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, rect = theme.tokens(), QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colours.accent_soft)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colours.hover)
        on = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        draw_check(painter, check_rect(rect), on)
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
        painter.setPen(QPen(colours.line, 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
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

    def editorEvent(
        self, event: QEvent, model: object, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease:
            box = check_rect(QRectF(option.rect)).adjusted(-6, -6, 6, 6)
            if box.contains(event.position()):
                toggle(model, index)
                return True
        return False


class RuleListView(QListView):
    """The rules; Space switches one on or off, Delete asks to take it out."""

    delete_asked = Signal()
    chosen = Signal(int)

    def __init__(self, model: RuleList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Rules, in the order they run")
        self.setModel(model)
        self.setItemDelegate(RuleDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
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
        elif event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            toggle(self.model(), self.currentIndex())
        else:
            super().keyPressEvent(event)


def check_rect(rect: QRectF) -> QRectF:
    """Return where the check box of a row is."""
    return QRectF(rect.left() + MARGIN, rect.top() + 6, BOX, BOX)


def toggle(model: object, index: Index) -> None:
    """Turn the tick of a row round."""
    role = Qt.ItemDataRole.CheckStateRole
    on = index.data(role) == Qt.CheckState.Checked
    after = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
    model.setData(index, after, role)  # type: ignore[attr-defined]
