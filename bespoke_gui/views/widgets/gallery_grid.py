"""Gallery grid: epochs down, prompts across, native cells at one integer zoom, nothing smoothed.

The model is any QAbstractItemModel that answers the roles of qtmodels.gallery_model. Only what
is on screen is painted and asked for; the headers stay while the cells scroll.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QScrollBar, QToolTip, QWidget

from bespoke_gui.qtmodels.gallery_model import Role
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.cell_brush import CellBrush, Marked, TextCache
from bespoke_gui.views.widgets.gallery_heads import HeadBrush
from bespoke_gui.views.widgets.mark_art import Kinds, MarkArt

ZOOMS = (96, 192, 288, 384)
HEAD_WIDTH = 112
HEAD_HEIGHT = 46
CAPTION = 22
GAP = 12


class GalleryGrid(QAbstractScrollArea):
    """Shows a gallery model. The arrow keys go to the next prompt and to the next epoch.

    toggled: a cell is to be chosen, or no longer (Ctrl and a click); ranged: all from one corner
    to the other (top, left, bottom, right; Shift); row_toggled: an epoch (a click on its name).
    """

    current_changed = Signal(int, int)
    activated = Signal(int, int)
    zoom_changed = Signal(int)
    toggled = Signal(int, int)
    ranged = Signal(int, int, int, int)
    row_toggled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: QAbstractItemModel | None = None
        self._zoom = ZOOMS[0]
        self._hover: tuple[int, int] | None = None
        self._texts = TextCache()
        self._marked = Marked(MarkArt(), frozenset())
        self._chosen: frozenset[tuple[int, int]] = frozenset()
        self._anchor = (0, 0)
        self.row, self.column = -1, -1
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Gallery: epochs down, prompts across")
        self.setMinimumSize(HEAD_WIDTH + 140, HEAD_HEIGHT + 140)

    # -- model ------------------------------------------------------------------------------

    def set_model(self, model: QAbstractItemModel) -> None:
        """Show `model` from now on."""
        self._model = model
        model.modelReset.connect(self._on_reset)
        model.dataChanged.connect(lambda *_: self._refresh())
        model.headerDataChanged.connect(lambda *_: self._refresh())
        self._on_reset()

    def set_marks(self, kinds: Kinds) -> None:
        """Draw these kinds of the marks that the model answers."""
        self._marked = self._marked._replace(kinds=kinds)
        self.viewport().update()

    def set_chosen(self, cells: frozenset[tuple[int, int]]) -> None:
        """Mark these cells (row, column) as chosen."""
        self._chosen = cells
        self._refresh()

    def counts(self) -> tuple[int, int]:
        """Return the numbers of rows and columns."""
        return (self._model.rowCount(), self._model.columnCount()) if self._model else (0, 0)

    def _on_reset(self) -> None:
        rows, columns = self.counts()
        self._hover = None
        self._update_bars()
        if rows and columns:
            row = min(max(self.row, 0), rows - 1)
            column = min(max(self.column, 0), columns - 1)
            self.row = self.column = -1
            self.set_current(row, column)
        else:
            self.row = self.column = -1
        self.viewport().update()

    def _refresh(self) -> None:
        self._describe()
        self.viewport().update()

    # -- geometry ---------------------------------------------------------------------------

    @property
    def zoom(self) -> int:
        """Side of a cell in logical pixels: one of ZOOMS."""
        return self._zoom

    def set_zoom(self, side: int) -> None:
        """Show cells with `side` logical pixels (one of ZOOMS) and keep the current one in view."""
        if side not in ZOOMS or side == self._zoom:
            return
        self._zoom = side
        self._update_bars()
        self._ensure_visible()
        self.viewport().update()
        self.zoom_changed.emit(side)

    def pitch(self) -> tuple[int, int]:
        """Return the distance from one cell to the next, across and down."""
        return self._zoom + GAP, self._zoom + CAPTION + GAP

    def cell_rect(self, row: int, column: int) -> QRect:
        """Return where a picture lies on the viewport now."""
        across, down = self.pitch()
        x = HEAD_WIDTH + GAP // 2 + column * across - self.horizontalScrollBar().value()
        y = HEAD_HEIGHT + GAP // 2 + row * down - self.verticalScrollBar().value()
        return QRect(x, y, self._zoom, self._zoom)

    def cell_at(self, point: QPoint) -> tuple[int, int] | None:
        """Return (row, column) of the cell under a point of the viewport."""
        if point.x() < HEAD_WIDTH or point.y() < HEAD_HEIGHT:
            return None
        across = self.pitch()[0]
        column = (point.x() - HEAD_WIDTH + self.horizontalScrollBar().value()) // across
        row = self._row_at(point.y())
        rows, columns = self.counts()
        return (row, column) if row < rows and column < columns else None

    def _update_bars(self) -> None:
        rows, columns = self.counts()
        across, down = self.pitch()
        room = self.viewport().size() - QSize(HEAD_WIDTH, HEAD_HEIGHT)
        for bar, need, have, step in (
            (self.horizontalScrollBar(), columns * across, room.width(), across),
            (self.verticalScrollBar(), rows * down, room.height(), down),
        ):
            bar.setRange(0, max(0, need - have))
            bar.setPageStep(max(1, have))
            bar.setSingleStep(max(1, step // 3))

    def _ensure_visible(self) -> None:
        if self.row < 0:
            return
        across, down = self.pitch()
        size = self.viewport().size()
        _show(self.horizontalScrollBar(), self.column * across, across, size.width() - HEAD_WIDTH)
        _show(self.verticalScrollBar(), self.row * down, down, size.height() - HEAD_HEIGHT)

    def sizeHint(self) -> QSize:
        return QSize(900, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._update_bars()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    # -- current cell -----------------------------------------------------------------------

    def set_current(self, row: int, column: int) -> None:
        """Make one cell the current one and scroll it into view."""
        rows, columns = self.counts()
        if not (0 <= row < rows and 0 <= column < columns):
            return
        if (row, column) == (self.row, self.column):
            return
        self.row, self.column = row, column
        self._ensure_visible()
        self._refresh()
        self.current_changed.emit(row, column)

    def _describe(self) -> None:
        index = self._index(self.row, self.column)
        words = index.data(Role.WORDS) if index.isValid() else ""
        chosen = ", chosen" if (self.row, self.column) in self._chosen else ""
        self.setAccessibleDescription(f"{words or ''}{chosen}")

    def _index(self, row: int, column: int) -> QModelIndex:
        return self._model.index(row, column) if self._model and row >= 0 else QModelIndex()

    # -- input ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows, columns = self.counts()
        page = max(1, (self.viewport().height() - HEAD_HEIGHT) // self.pitch()[1])
        whole = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        key = Qt.Key(event.key())
        moves = {
            Qt.Key.Key_Left: (self.row, self.column - 1),
            Qt.Key.Key_Right: (self.row, self.column + 1),
            Qt.Key.Key_Up: (self.row - 1, self.column),
            Qt.Key.Key_Down: (self.row + 1, self.column),
            Qt.Key.Key_PageUp: (self.row - page, self.column),
            Qt.Key.Key_PageDown: (self.row + page, self.column),
            Qt.Key.Key_Home: (0 if whole else self.row, 0),
            Qt.Key.Key_End: (rows - 1 if whole else self.row, columns - 1),
        }
        if key in moves and rows and columns:
            row, column = moves[key]
            self._go(min(max(row, 0), rows - 1), min(max(column, 0), columns - 1), event)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom_by(1)
        elif key == Qt.Key.Key_Minus:
            self._zoom_by(-1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.row >= 0:
            self.activated.emit(self.row, self.column)
        else:
            super().keyPressEvent(event)

    def _zoom_by(self, steps: int) -> None:
        at = min(max(ZOOMS.index(self._zoom) + steps, 0), len(ZOOMS) - 1)
        self.set_zoom(ZOOMS[at])

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom_by(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        cell, row = self.cell_at(point), self._row_at(point.y())
        if cell is not None and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_current(*cell)
            self.toggled.emit(*cell)
        elif cell is not None:
            self._go(*cell, event)
        elif point.x() < HEAD_WIDTH and point.y() >= HEAD_HEIGHT and row < self.counts()[0]:
            self.row_toggled.emit(row)

    def _go(self, row: int, column: int, event: QKeyEvent | QMouseEvent) -> None:
        """Go to a cell; with Shift choose all from where the going began."""
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = (row, column)
        self.set_current(row, column)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            rows, columns = sorted((self._anchor[0], row)), sorted((self._anchor[1], column))
            self.ranged.emit(rows[0], columns[0], rows[1], columns[1])

    def _row_at(self, y: int) -> int:
        return (y - HEAD_HEIGHT + self.verticalScrollBar().value()) // self.pitch()[1]

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position().toPoint())
        if cell is not None:
            self.activated.emit(*cell)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_hover(self.cell_at(event.position().toPoint()))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._set_hover(None)
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip(event.pos()), self)
            return True
        return super().viewportEvent(event)

    def _set_hover(self, cell: tuple[int, int] | None) -> None:
        if cell != self._hover:
            self._hover = cell
            self.viewport().update()

    def _tip(self, point: QPoint) -> str:
        cell = self.cell_at(point)
        if self._model is None:
            return ""
        if cell is not None:
            return self._index(*cell).data(Qt.ItemDataRole.ToolTipRole) or ""
        across = self.pitch()[0]
        column = (point.x() - HEAD_WIDTH + self.horizontalScrollBar().value()) // across
        row = self._row_at(point.y())
        role = Qt.ItemDataRole.ToolTipRole
        if point.y() < HEAD_HEIGHT and 0 <= column < self.counts()[1]:
            return self._model.headerData(column, Qt.Orientation.Horizontal, role) or ""
        if point.x() < HEAD_WIDTH and point.y() >= HEAD_HEIGHT and row < self.counts()[0]:
            return self._model.headerData(row, Qt.Orientation.Vertical, role) or ""
        return ""

    # -- painting ---------------------------------------------------------------------------

    def visible_rows(self) -> range:
        """Return the rows at least partly on screen."""
        return _visible(
            self.verticalScrollBar().value(), self.viewport().height() - HEAD_HEIGHT,
            self.pitch()[1], self.counts()[0],
        )  # fmt: skip

    def visible_columns(self) -> range:
        """Return the columns at least partly on screen."""
        return _visible(
            self.horizontalScrollBar().value(), self.viewport().width() - HEAD_WIDTH,
            self.pitch()[0], self.counts()[1],
        )  # fmt: skip

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.tokens()
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), colours.background)
        if all(self.counts()):
            self._paint_all(painter)
        painter.end()

    def _paint_all(self, painter: QPainter) -> None:
        painter.setFont(theme.font(0.92, tabular=True))
        painter.setClipRect(self.viewport().rect().adjusted(HEAD_WIDTH, HEAD_HEIGHT, 0, 0))
        self._paint_cells(CellBrush(painter, self._zoom, CAPTION, self._texts, self._marked))
        painter.setClipping(False)
        self._paint_heads(painter)

    def _paint_cells(self, brush: CellBrush) -> None:
        assert self._model is not None
        index, columns = self._model.index, self.visible_columns()
        across, down = self.pitch()
        first = self.cell_rect(0, 0)
        for row in self.visible_rows():
            y = first.top() + row * down
            for column in columns:
                x = first.left() + column * across
                brush.paint(x, y, index(row, column).data(Role.CELL))
                if (row, column) == (self.row, self.column):
                    brush.outline(x, y, True, 3 if self.hasFocus() else 2)
                elif (row, column) == self._hover:
                    brush.outline(x, y, False, 1)
                if self._chosen and (row, column) in self._chosen:
                    brush.tick(x, y)

    def _paint_heads(self, painter: QPainter) -> None:
        assert self._model is not None
        colours = theme.tokens()
        size = self.viewport().size()
        painter.fillRect(0, 0, size.width(), HEAD_HEIGHT, colours.surface)
        painter.fillRect(0, 0, HEAD_WIDTH, size.height(), colours.surface)
        brush = HeadBrush(painter, self._texts, self._model)
        painter.setClipRect(QRect(HEAD_WIDTH, 0, size.width(), HEAD_HEIGHT))
        for column in self.visible_columns():
            brush.column(column, self.cell_rect(0, column), column == self.column)
        painter.setClipRect(QRect(0, HEAD_HEIGHT, HEAD_WIDTH, size.height()))
        for row in self.visible_rows():
            frame = self.cell_rect(row, 0).adjusted(0, 0, 0, CAPTION)
            brush.row(row, QRect(0, frame.top(), HEAD_WIDTH, frame.height()), row == self.row)
        painter.setClipping(False)
        painter.setPen(QPen(colours.line, 1))
        painter.drawLine(0, HEAD_HEIGHT - 1, size.width(), HEAD_HEIGHT - 1)
        painter.drawLine(HEAD_WIDTH - 1, 0, HEAD_WIDTH - 1, size.height())


def _visible(offset: int, room: int, pitch: int, count: int) -> range:
    return range(max(0, offset // pitch), min(count, (offset + max(0, room)) // pitch + 1))


def _show(bar: QScrollBar, start: int, length: int, room: int) -> None:
    """Scroll `bar` no further than needed to show start..start + length."""
    if start < bar.value():
        bar.setValue(start)
    elif start + length > bar.value() + room:
        bar.setValue(start + length - room)
