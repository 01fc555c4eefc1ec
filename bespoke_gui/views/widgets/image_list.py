"""Image list: native thumbnails with names; the selected one has a frame, never a tint."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from bespoke_gui.qtmodels.image_list_model import ImageFilter, ImageListModel, Role, RowState
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.pixel_paint import draw_image

MARGIN = 8
NAME_HEIGHT = 20
DOT = 7


class ImageDelegate(QStyledItemDelegate):
    """Paints one cell. The style never draws the picture: Qt tints what is selected."""

    def __init__(self, cell: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cell = cell

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(self.cell + 2 * MARGIN, self.cell + 2 * MARGIN + NAME_HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        painter.save()
        colours = theme.tokens()
        rect = QRectF(option.rect)
        left = rect.left() + (rect.width() - self.cell) // 2
        box = QRectF(left, rect.top() + MARGIN, self.cell, self.cell)
        self._paint_image(painter, box, index)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            painter.setPen(QPen(colours.accent if selected else colours.line_strong, 2))
            painter.drawRect(box.adjusted(-3, -3, 3, 3))
        self._paint_name(painter, box, index, selected)
        painter.restore()

    def _paint_image(
        self, painter: QPainter, box: QRectF, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = theme.tokens()
        painter.fillRect(box, colours.hover)
        image = index.data(Role.IMAGE)
        if image is not None and image.isNull():
            painter.setPen(colours.danger)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "unreadable")
        elif image is not None:
            draw_image(painter, image, box)

    def _paint_name(
        self,
        painter: QPainter,
        box: QRectF,
        index: QModelIndex | QPersistentModelIndex,
        selected: bool,
    ) -> None:
        colours = theme.tokens()
        line = QRectF(box.left(), box.bottom() + 4, box.width(), NAME_HEIGHT)
        dot = state_colour(index.data(Role.STATE))
        if dot is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(dot)
            painter.drawEllipse(QRectF(line.left(), line.center().y() - DOT / 2, DOT, DOT))
            line.adjust(DOT + 4, 0, 0, 0)
        painter.setFont(theme.font(0.9, bold=selected))
        painter.setPen(colours.text if selected else colours.muted)
        name = str(index.data(Qt.ItemDataRole.DisplayRole))
        elide = Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(name, elide, int(line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class ImageList(QListView):
    """A grid of images. `chosen` carries the name of the one that became current."""

    chosen = Signal(str)
    hint = QAbstractItemView.ScrollHint.EnsureVisible

    def __init__(
        self, model: ImageListModel, shown: ImageFilter, cell: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._source = model
        self._shown = shown
        self._cell = cell
        self.setModel(shown)
        self.setItemDelegate(ImageDelegate(cell, self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(500)
        self.setUniformItemSizes(True)
        self.setSpacing(0)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setAccessibleName("Images")
        self.selectionModel().currentChanged.connect(self._on_current_changed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Columns share the width, so that no gap is left at the right.
        hint = QSize(self._cell + 2 * MARGIN, self._cell + 2 * MARGIN + NAME_HEIGHT)
        width = self.viewport().width() - 1
        columns = max(1, width // hint.width())
        self.setGridSize(QSize(width // columns, hint.height()))
        super().resizeEvent(event)

    def current_name(self) -> str:
        """Return the name of the current image, empty when there is none."""
        index = self.currentIndex()
        return str(index.data(Role.NAME)) if index.isValid() else ""

    def select(self, name: str) -> bool:
        """Make an image the current one; False when the filter hides it."""
        row = self._source.row_of(name)
        index = self._shown.mapFromSource(self._source.index(row)) if row >= 0 else QModelIndex()
        if not index.isValid():
            return False
        self.setCurrentIndex(index)
        self.scrollTo(index, self.hint)
        return True

    def step(self, by: int) -> None:
        """Go to another image, stopping at both ends."""
        count = self._shown.rowCount()
        if count:
            row = min(max(self.currentIndex().row() + by, 0), count - 1)
            index = self._shown.index(row, 0)
            self.setCurrentIndex(index)
            self.scrollTo(index, self.hint)

    def position(self) -> int:
        """Return the place of the current image among those shown, from 0; -1 without one."""
        return self.currentIndex().row()

    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(str(current.data(Role.NAME)))


def state_colour(state: RowState | None) -> QColor | None:
    """Return the colour of a row's dot: what matters most comes first."""
    colours = theme.tokens()
    if state is None:
        return None
    if state.unsaved:
        return colours.accent
    if state.missing or state.lossy:
        return colours.danger
    if state.notes:
        return colours.warning
    return colours.good if state.changed else None
