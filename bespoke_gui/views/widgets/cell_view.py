"""Cell view: an item view of cells of one size, which only ever looks at those that are seen."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QCursor, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem, QWidget

from bespoke_gui.qtmodels.rows import Index

Move = QAbstractItemView.CursorAction
Hint = QAbstractItemView.ScrollHint
Flag = QStyle.StateFlag


class CellView(QAbstractItemView):
    """Rows and columns of cells that share the width; `sideways` puts all of them in one row.

    Nothing is done per item: 100,000 images are laid out, scrolled and resized like ten.
    """

    def __init__(self, cell: QSize, sideways: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell = cell
        self._full_width = False
        self._sideways = sideways
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)

    def set_cell(self, cell: QSize, full_width: bool = False) -> None:
        """Change the size of the cells; with `full_width` each has a row of its own."""
        self._cell, self._full_width = cell, full_width
        self._lay_out()

    def columns(self) -> int:
        """Return how many cells stand beside each other."""
        if self._sideways:
            return max(1, self._count())
        if self._full_width:
            return 1
        return max(1, (self.viewport().width() - 1) // self._cell.width())

    def visible_rows(self) -> range:
        """Return the rows of the model that are (partly) seen."""
        first = self._at(QPoint(0, 0))
        last = self._at(QPoint(self.viewport().width() - 1, self.viewport().height() - 1))
        return range(max(0, first), min(self._count(), last + 1))

    def visualRect(self, index: Index) -> QRect:
        if not index.isValid():
            return QRect()
        return self._rect(index.row())

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self._at(point)
        inside = 0 <= row < self._count() and self._rect(row).contains(point)
        return self.model().index(row, 0) if inside else QModelIndex()

    def scrollTo(self, index: Index, hint: Hint = Hint.EnsureVisible) -> None:
        rect, area = self.visualRect(index), self.viewport().rect()
        if self._sideways:
            bar, start, end, room = (
                self.horizontalScrollBar(),
                rect.left(),
                rect.right(),
                area.width(),
            )
        else:
            bar, start, end, room = (
                self.verticalScrollBar(),
                rect.top(),
                rect.bottom(),
                area.height(),
            )
        if hint == Hint.PositionAtCenter:
            bar.setValue(bar.value() + (start + end - room) // 2)
        elif start < 0 or hint == Hint.PositionAtTop:
            bar.setValue(bar.value() + start)
        elif end >= room:
            bar.setValue(bar.value() + end - room + 1)

    def moveCursor(self, action: Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        count = self._count()
        if not count:
            return QModelIndex()
        columns = self.columns()
        page = max(1, self.viewport().height() // self._cell.height()) * columns
        steps = {
            Move.MoveUp: -columns,
            Move.MoveDown: columns,
            Move.MoveLeft: -1,
            Move.MovePrevious: -1,
            Move.MoveRight: 1,
            Move.MoveNext: 1,
            Move.MovePageUp: -page,
            Move.MovePageDown: page,
            Move.MoveHome: -count,
            Move.MoveEnd: count,
        }
        row = self.currentIndex().row() if self.currentIndex().isValid() else 0
        return self.model().index(self._stepped(row, steps.get(action, 0)), 0)

    def horizontalOffset(self) -> int:
        return self.horizontalScrollBar().value()

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:
        return False

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select from cell to cell in reading order; a frame drawn by mouse selects a block."""
        start, end = self._nearest(rect.topLeft()), self._nearest(rect.bottomRight())
        if start < 0:
            return
        dragged = self.state() == QAbstractItemView.State.DragSelectingState
        ranges = self._block(start, end) if dragged else [(min(start, end), max(start, end))]
        selection = QItemSelection()
        for first, last in ranges:
            selection.select(self.model().index(first, 0), self.model().index(last, 0))
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())

    def updateGeometries(self) -> None:
        super().updateGeometries()
        rows = -(-self._count() // self.columns())
        tall, wide = rows * self._cell.height(), self._count() * self._cell.width()
        room = self.viewport().size()
        for bar, length, shown, step in (
            (self.verticalScrollBar(), 0 if self._sideways else tall, room.height(), 24),
            (self.horizontalScrollBar(), wide if self._sideways else 0, room.width(), 24),
        ):
            bar.setRange(0, max(0, length - shown))
            bar.setPageStep(shown)
            bar.setSingleStep(step)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometries()

    def reset(self) -> None:
        super().reset()
        self.updateGeometries()

    def paintEvent(self, event: QPaintEvent) -> None:
        rows = self.visible_rows()
        if not rows:
            return
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        plain = option.state & ~(Flag.State_Selected | Flag.State_MouseOver | Flag.State_HasFocus)
        model, selection, delegate = self.model(), self.selectionModel(), self.itemDelegate()
        hovered = self._hovered()
        for row in rows:
            index = model.index(row, 0)
            option.rect = self._rect(row)
            option.state = plain
            if selection.isSelected(index):
                option.state |= Flag.State_Selected
            if row == hovered:
                option.state |= Flag.State_MouseOver
            delegate.paint(painter, option, index)
        painter.end()

    def _lay_out(self) -> None:
        """Take a new size of cells; what was current stays in sight."""
        self.updateGeometries()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
        self.viewport().update()

    def _count(self) -> int:
        model = self.model()
        return model.rowCount() if model is not None else 0

    def _rect(self, row: int) -> QRect:
        if self._sideways:
            left = row * self._cell.width() - self.horizontalOffset()
            return QRect(left, 0, self._cell.width(), self._cell.height())
        columns, width = self.columns(), self.viewport().width()
        line, column = divmod(row, columns)
        left, right = width * column // columns, width * (column + 1) // columns
        top = line * self._cell.height() - self.verticalOffset()
        return QRect(left, top, right - left, self._cell.height())

    def _at(self, point: QPoint) -> int:
        """Return the row at a place, which may be beyond the last one."""
        if self._sideways:
            return (point.x() + self.horizontalOffset()) // self._cell.width()
        columns, width = self.columns(), max(1, self.viewport().width())
        column = min(max(point.x() * columns // width, 0), columns - 1)
        line = (point.y() + self.verticalOffset()) // self._cell.height()
        return line * columns + column

    def _nearest(self, point: QPoint) -> int:
        return min(max(self._at(point), 0), self._count() - 1)

    def _stepped(self, row: int, step: int) -> int:
        """Return where a step leads; up and down stay in their column at both ends."""
        columns, last = self.columns(), self._count() - 1
        target = row + step
        if 0 <= target <= last:
            return target
        if abs(step) != columns or columns == 1:
            return min(max(target, 0), last)
        below = target > last and row // columns < last // columns
        return last if below else row

    def _block(self, start: int, end: int) -> list[tuple[int, int]]:
        columns = self.columns()
        (top, left), (bottom, right) = divmod(start, columns), divmod(end, columns)
        left, right = min(left, right), max(left, right)
        lines = range(min(top, bottom), max(top, bottom) + 1)
        last = self._count() - 1
        spans = ((line * columns + left, min(line * columns + right, last)) for line in lines)
        return [(first, end) for first, end in spans if first <= end]

    def _hovered(self) -> int:
        viewport = self.viewport()
        if not viewport.underMouse():
            return -1
        index = self.indexAt(viewport.mapFromGlobal(QCursor.pos()))
        return index.row() if index.isValid() else -1
