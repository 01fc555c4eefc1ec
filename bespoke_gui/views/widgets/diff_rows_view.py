"""Diff rows view: a list of captions with thumbnail, name and diff; virtual, painted by itself."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from bespoke_gui.qtmodels.diff_rows import DiffRole, DiffRow, DiffRows
from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.diff_painter import paint_diff
from bespoke_gui.views.widgets.tick_rows import (
    BOX,
    TickDelegate,
    draw_picture,
    draw_tick,
    is_ticked,
    set_up,
    turn_by_key,
)

PAD = 8
IMAGE = 72


class DiffRowDelegate(TickDelegate):
    """Paints one row: tick, image, title with detail, and `lines` lines of the diff."""

    def __init__(self, lines: int, with_image: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self._with_image = with_image

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        metrics = QFontMetrics(theme.font())
        text = metrics.height() + 4 + self._lines * (metrics.height() + 2)
        return QSize(200, max(text, IMAGE if self._with_image else 0) + 2 * PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(DiffRole.ROW)
        if not isinstance(row, DiffRow):
            return
        painter.save()
        colours = theme.tokens()
        rect = QRectF(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), colours.accent)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colours.raised)
        painter.setPen(QPen(colours.line, 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        box = rect.adjusted(PAD + 4, PAD, -PAD, -PAD)
        if index.data(Qt.ItemDataRole.CheckStateRole) is not None:
            draw_tick(painter, _tick_box(rect), is_ticked(index))
            box.setLeft(box.left() + BOX + PAD)
        if self._with_image:
            picture = QRectF(box.left(), box.top(), IMAGE, IMAGE)
            draw_picture(painter, picture, index.data(DiffRole.IMAGE))
            box.setLeft(box.left() + IMAGE + PAD + 4)
        self._paint_text(painter, box, row, selected)
        painter.restore()

    def tick_room(self, rect: QRectF) -> QRectF:
        """Return where in a row a click is meant for the tick."""
        return _tick_box(rect).adjusted(-PAD, -PAD, PAD, PAD)

    def _paint_text(self, painter: QPainter, box: QRectF, row: DiffRow, selected: bool) -> None:
        colours = theme.tokens()
        painter.setFont(theme.font(1.0, bold=True))
        metrics = painter.fontMetrics()
        line = QRectF(box.left(), box.top(), box.width(), metrics.height())
        elide, middle = Qt.TextElideMode.ElideRight, Qt.AlignmentFlag.AlignVCenter
        painter.setPen(colours.accent_text if selected else colours.text)
        title = metrics.elidedText(row.title, elide, int(line.width()))
        painter.drawText(line, middle, title)
        line.setLeft(line.left() + metrics.horizontalAdvance(title) + 12)
        painter.setFont(theme.font(0.95))
        metrics = painter.fontMetrics()
        for words, ink in ((row.warning, colours.danger), (row.detail, colours.muted)):
            if words and line.width() > 24:
                painter.setPen(ink)
                shown = metrics.elidedText(words, elide, int(line.width()))
                painter.drawText(line, middle, shown)
                line.setLeft(line.left() + metrics.horizontalAdvance(shown) + 12)
        below = QRectF(box.left(), line.bottom() + 4, box.width(), 0)
        below.setBottom(box.bottom() + 2)
        paint_diff(painter, below, row.pieces, theme.font())


class DiffRowsView(QListView):
    """Shows DiffRows. `chosen` carries the key that became current, `opened` one to be opened."""

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self, model: DiffRows, name: str, lines: int = 2, with_image: bool = True) -> None:
        super().__init__()
        self.rows = model
        self.setModel(model)
        self.setItemDelegate(DiffRowDelegate(lines, with_image, self))
        self.setUniformItemSizes(True)
        set_up(self, name)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.doubleClicked.connect(lambda index: self.opened.emit(str(index.data(DiffRole.KEY))))

    def current(self) -> str:
        """Return the key of the current row, empty without one."""
        index = self.currentIndex()
        return str(index.data(DiffRole.KEY)) if index.isValid() else ""

    def select(self, key: str) -> bool:
        """Make a row current; False where it is not shown."""
        row = self.rows.row_of(key)
        if row >= 0:
            self.setCurrentIndex(self.rows.index(row))
        return row >= 0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if turn_by_key(self, event):
            event.accept()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.opened.emit(self.current())
        else:
            super().keyPressEvent(event)

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(str(current.data(DiffRole.KEY)))


def _tick_box(rect: QRectF) -> QRectF:
    return QRectF(rect.left() + PAD + 4, rect.center().y() - BOX / 2, BOX, BOX)
