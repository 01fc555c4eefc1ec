"""Suggestion list: picture, tick, and in red what a suggestion would lose."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.qtmodels.suggest_list_model import Role, SuggestListModel, summary
from bespoke_gui.qtmodels.suggestions import Proposal
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.crisp import paint_crisp
from bespoke_gui.views.widgets.tick_rows import (
    TickDelegate,
    draw_ground,
    draw_tick,
    is_ticked,
    set_up,
    turn_by_key,
)

PICTURE = 48  # two device pixels a native pixel of 24
ROW = 64
BOX = 18
MARGIN = 12


class SuggestList(QTreeView):
    """The proposals. `chosen` carries the name of the current one, empty without one.

    A tree without branches: a QListView lays out every row anew when one of them changes.
    """

    chosen = Signal(str)

    def __init__(self, model: SuggestListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setItemDelegate(SuggestDelegate(self))
        self.setUniformRowHeights(True)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setIndentation(0)
        set_up(self, "Suggestions", many=True)
        self.setMinimumHeight(2 * ROW)
        self.setToolTip("Space ticks what is selected")
        self.selectionModel().currentChanged.connect(self._on_current)
        self._kept = ("", 0)
        model.modelAboutToBeReset.connect(self._keep_current)
        model.modelReset.connect(self._on_reset)
        model.rowsRemoved.connect(lambda: self.chosen.emit(self.current_name()))
        model.rowsInserted.connect(self._on_inserted)

    def current_name(self) -> str:
        """Return the name of the current proposal, empty without one."""
        return self._model.name(self.currentIndex().row())

    def selected_names(self) -> list[str]:
        """Return the selected names in the list's order."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        return [self._model.name(row) for row in rows]

    def select(self, name: str) -> bool:
        """Make a proposal the current one; False where there is none for that caption."""
        row = self._model.row_of(name)
        if row < 0:
            return False
        if row != self.currentIndex().row():
            self.setCurrentIndex(self._model.index(row))
        return True

    def step(self, by: int) -> None:
        """Go to another proposal, stopping at both ends."""
        count = self._model.rowCount()
        if count:
            row = min(max(self.currentIndex().row() + by, 0), count - 1)
            self.setCurrentIndex(self._model.index(row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not turn_by_key(self, event):
            super().keyPressEvent(event)

    def _on_current(self, current: QModelIndex, previous: QModelIndex) -> None:
        self.chosen.emit(self._model.name(current.row()))

    def _keep_current(self) -> None:
        self._kept = (self.current_name(), self.currentIndex().row())

    def _on_reset(self) -> None:
        """Go back to the same caption; where it is gone, to what is at its place now."""
        name, row = self._kept
        count = self._model.rowCount()
        if count and not self.select(name):
            self.setCurrentIndex(self._model.index(min(max(row, 0), count - 1)))
        elif not count:
            self.chosen.emit("")

    def _on_inserted(self) -> None:
        if not self.currentIndex().isValid():
            self.setCurrentIndex(self._model.index(0))


class SuggestDelegate(TickDelegate):
    """Paints one row; a click on the box changes its tick."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(240, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        proposal = index.data(Role.PROPOSAL)
        if proposal is None:
            return
        painter.save()
        rect, colours = option.rect, theme.tokens()
        draw_ground(painter, option)
        if proposal.is_change:
            draw_tick(painter, QRectF(box_of(rect)), is_ticked(index))
        picture = QRect(rect.left() + 2 * MARGIN + BOX, rect.top() + 8, PICTURE, PICTURE)
        painter.fillRect(picture, colours.hover)
        image = index.data(Role.IMAGE)
        if image is not None and not image.isNull():
            paint_crisp(painter, picture, image)
        room = QRect(picture.right() + MARGIN, rect.top() + 10, 0, 44)
        room.setRight(rect.right() - MARGIN)
        _paint_words(painter, room, proposal)
        painter.restore()

    def tick_room(self, rect: QRectF) -> QRectF:
        """Return where in a row a click is meant for the tick."""
        return QRectF(box_of(rect.toRect())).adjusted(-8, -16, 8, 16)


def box_of(row: QRect) -> QRect:
    """Return where the box for the tick is in a row."""
    return QRect(row.left() + MARGIN, row.center().y() - BOX // 2, BOX, BOX)


def _paint_words(painter: QPainter, room: QRect, proposal: Proposal) -> None:
    """Two lines: the name with what is odd about the answer, and what accepting would do."""
    colours, elide = theme.tokens(), Qt.TextElideMode.ElideRight
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    upper, lower = QRect(room), QRect(room)
    upper.setHeight(room.height() // 2)
    lower.setTop(upper.bottom() + 1)
    painter.setFont(theme.font(1.0, bold=True))
    painter.setPen(colours.text)
    metrics = painter.fontMetrics()
    painter.drawText(upper, left, metrics.elidedText(proposal.stem, elide, upper.width()))
    upper.setLeft(upper.left() + metrics.horizontalAdvance(proposal.stem) + MARGIN)
    painter.setFont(theme.font(0.9))
    note = ", ".join(part for part in (proposal.note, "edited" if proposal.edited else "") if part)
    if note and upper.width() > 40:
        painter.setPen(colours.warning)
        painter.drawText(upper, left, painter.fontMetrics().elidedText(note, elide, upper.width()))
    painter.setPen(colours.danger if proposal.diff.lossy else colours.muted)
    words = painter.fontMetrics().elidedText(summary(proposal), elide, lower.width())
    painter.drawText(lower, left, words)
