"""Lines of the Images page's lists: two small native images, and two lines of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QObject,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from bespoke_gui.qtmodels.health_model import HealthModel
from bespoke_gui.qtmodels.rows import NOWHERE, Index
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.pixel_paint import draw_image

SIDE = 48
PAD = 8
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
FADED = 0.45


@dataclass(frozen=True)
class Line:
    """One line: the images by name, what is said about them, and the finding itself."""

    images: tuple[str, ...]
    title: str
    detail: str
    finding: Any
    faded: bool = False


class LineModel(QAbstractListModel):
    """Lines of a list, in order; pictures are made when they are painted."""

    def __init__(self, model: HealthModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._lines: list[Line] = []
        self._pictures: dict[str, QImage] = {}

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines."""
        self.beginResetModel()
        self._lines, self._pictures = list(lines), {}
        self.endResetModel()

    def line(self, row: int) -> Line:
        """Return a line."""
        return self._lines[row]

    def picture(self, name: str) -> QImage:
        """Return the native image of that name, null where there is none."""
        if name not in self._pictures:
            self._pictures[name] = self._model.image(name)
        return self._pictures[name]

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join((*line.images, line.detail))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{line.title}: {line.detail}"
        return None


class LineCells(QStyledItemDelegate):
    """Draws a line; the chosen one on a tinted ground, its pictures never tinted."""

    def __init__(self, lines: LineModel, pictures: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self._pictures = pictures

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self._pictures * (SIDE + PAD) + 120, SIDE + 2 * PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours, line = theme.tokens(), self._lines.line(index.row())
        rect = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colours.accent_soft)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colours.hover)
        painter.save()
        painter.setOpacity(FADED if line.faded else 1.0)
        box = QRectF(rect.left() + PAD, rect.top() + PAD, SIDE, SIDE)
        for name in line.images[: self._pictures]:
            picture = self._lines.picture(name)
            if picture.isNull():
                painter.fillRect(box, colours.hover)
            else:
                draw_image(painter, picture, box)
            box.translate(SIDE + PAD, 0)
        painter.setOpacity(1.0)
        self._words(painter, QRectF(box.left(), rect.top(), rect.right() - box.left(), 0), line)
        painter.restore()

    def _words(self, painter: QPainter, room: QRectF, line: Line) -> None:
        colours = theme.tokens()
        parts = ((line.title, True, colours.text), (line.detail, False, colours.muted))
        y = room.top() + PAD + 2
        for words, bold, colour in parts:
            painter.setFont(theme.font(0.95, bold, tabular=True))
            metrics = painter.fontMetrics()
            box = QRectF(room.left(), y, room.width() - PAD, metrics.height())
            painter.setPen(colour)
            text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(box.width()))
            painter.drawText(box, _LEFT, text)
            y += metrics.height() + 2
