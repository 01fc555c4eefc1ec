"""Diff rows view: a list of captions with thumbnail, name and diff; virtual, painted by itself."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from bespoke_gui.qtmodels.diff_rows import DiffRole, DiffRow, DiffRows
from bespoke_gui.views import icons, theme
from bespoke_gui.views.widgets.diff_painter import paint_diff
from bespoke_gui.views.widgets.pixel_paint import draw_image

Index = QModelIndex | QPersistentModelIndex
PAD = 8
TICK = 16
IMAGE = 72


class DiffRowDelegate(QStyledItemDelegate):
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
        tick = index.data(Qt.ItemDataRole.CheckStateRole)
        if tick is not None:
            paint_tick(painter, _tick_box(rect), tick == Qt.CheckState.Checked)
            box.setLeft(box.left() + TICK + PAD)
        if self._with_image:
            self._paint_image(painter, QRectF(box.left(), box.top(), IMAGE, IMAGE), index)
            box.setLeft(box.left() + IMAGE + PAD + 4)
        self._paint_text(painter, box, row, selected)
        painter.restore()

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        if event.type() == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            room = _tick_box(QRectF(option.rect)).adjusted(-PAD, -PAD, PAD, PAD)
            if index.data(Qt.ItemDataRole.CheckStateRole) is not None and room.contains(
                event.position()
            ):
                return toggle(model, index)
        return False

    def _paint_image(self, painter: QPainter, box: QRectF, index: Index) -> None:
        painter.fillRect(box, theme.tokens().hover)
        image = index.data(DiffRole.IMAGE)
        if image is not None and not image.isNull():
            draw_image(painter, image, box)

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
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
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
        if event.key() == Qt.Key.Key_Space and toggle(self.rows, index):
            event.accept()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.opened.emit(self.current())
        else:
            super().keyPressEvent(event)

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(str(current.data(DiffRole.KEY)))


def toggle(model: QAbstractItemModel, index: Index) -> bool:
    """Turn the tick of a row; False where it has none."""
    tick = index.data(Qt.ItemDataRole.CheckStateRole) if index.isValid() else None
    if tick is None:
        return False
    on = Qt.CheckState.Unchecked if tick == Qt.CheckState.Checked else Qt.CheckState.Checked
    return model.setData(index, on, Qt.ItemDataRole.CheckStateRole)


def paint_tick(painter: QPainter, box: QRectF, on: bool) -> None:
    """Draw a tick box as the style sheet does."""
    colours = theme.tokens()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colours.accent if on else colours.line_strong, 1))
    painter.setBrush(colours.accent if on else colours.surface)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    if on:
        icons.paint(painter, "check", box.adjusted(1, 1, -1, -1), colours.on_accent)
    painter.restore()


def _tick_box(rect: QRectF) -> QRectF:
    return QRectF(rect.left() + PAD + 4, rect.center().y() - TICK / 2, TICK, TICK)
