"""Tick rows: what the lists share whose rows are painted here: ground, tick and picture."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QRectF,
    Qt,
)
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.views import icons, theme
from bespoke_gui.views.widgets.pixel_paint import draw_image

BOX = 16
_CHECK = Qt.ItemDataRole.CheckStateRole


class TickDelegate(QStyledItemDelegate):
    """A delegate whose rows have a tick; a click in its `tick_room` turns it round."""

    def tick_room(self, rect: QRectF) -> QRectF:
        """Return where in a row a click is meant for the tick."""
        raise NotImplementedError

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease:
            room = self.tick_room(QRectF(option.rect))
            return room.contains(event.position()) and set_tick(model, index, not is_ticked(index))
        return False


def is_ticked(index: Index) -> bool:
    """Whether the tick of a row is on."""
    return index.data(_CHECK) == Qt.CheckState.Checked


def set_tick(model: QAbstractItemModel, index: Index, on: bool) -> bool:
    """Turn the tick of a row on or off; False where it has none."""
    if not index.isValid() or index.data(_CHECK) is None:
        return False
    return model.setData(index, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked, _CHECK)


def turn_by_key(view: QAbstractItemView, event: QKeyEvent) -> bool:
    """Let Space turn the current row's tick round, and those of all chosen rows with it."""
    current = view.currentIndex()
    if event.key() != Qt.Key.Key_Space or not current.isValid():
        return False
    on = not is_ticked(current)
    chosen = view.selectionModel().selectedIndexes() or [current]
    turned = [set_tick(view.model(), index, on) for index in chosen]
    return any(turned)


def set_up(view: QAbstractItemView, name: str, many: bool = False) -> None:
    """Give a view the ways of these lists; many: more than one row can be chosen."""
    modes = QAbstractItemView.SelectionMode
    view.setAccessibleName(name)
    view.setMouseTracking(True)
    view.setSelectionMode(modes.ExtendedSelection if many else modes.SingleSelection)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)


def draw_ground(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """Fill a row that is chosen or under the mouse, and draw the line below it."""
    colours, rect = theme.tokens(), QRectF(option.rect)
    if option.state & QStyle.StateFlag.State_Selected:
        painter.fillRect(rect, colours.accent_soft)
    elif option.state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(rect, colours.hover)
    painter.setPen(QPen(colours.line, 1))
    painter.drawLine(rect.bottomLeft(), rect.bottomRight())


def draw_tick(painter: QPainter, box: QRectF, on: bool) -> None:
    """Draw a tick into a square, as the style sheet draws check boxes."""
    colours = theme.tokens()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colours.accent if on else colours.line_strong, 1))
    painter.setBrush(colours.accent if on else colours.surface)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    if on:
        icons.paint(painter, "check", box.adjusted(2, 2, -2, -2), colours.on_accent)
    painter.restore()


def draw_picture(painter: QPainter, box: QRectF, image: QImage | None) -> None:
    """Draw a row's native image, or its ground while it is being read."""
    painter.fillRect(box, theme.tokens().hover)
    if image is not None and not image.isNull():
        draw_image(painter, image, box)
