"""Cells of the image list: as a wall of thumbnails or as rows, with signs that tell the state."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from bespoke_gui.qtmodels.image_list_model import ImageListModel, RowState
from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.views import icons, theme
from bespoke_gui.views.widgets.pixel_paint import draw_image

MARGIN = 8
NAME_HEIGHT = 20
DOT = 8
SIGN = 18
ROW_HEIGHT = 36
ROW_IMAGE = 24
ROW_NAME, ROW_NAME_LEAST = 0.42, 116  # share of a row that its name may take, at least so much
ROW_REST_LEAST = 90  # where the caption would get less, the name has the whole row
FADED = 0.35
ELIDED_KEPT = 2_000
EXCERPT = 400
KEPT_PIXELS = 5_000_000  # of magnified images, 20 MB: some 500 cells of the wall
Selected, Hovered = QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_MouseOver
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
# Icon and colour of a review's sign.
SIGNS = {
    "accepted": ("check", "good"),
    "needs_work": ("flag", "warning"),
    "excluded": ("bar", "muted"),
}


class ImageCells(QStyledItemDelegate):
    """What both kinds of cells share: fonts, elided words and signs are made once and kept."""

    def __init__(self, model: ImageListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._fonts = {bold: theme.font(0.9, bold) for bold in (False, True)}
        self._metrics = {bold: QFontMetrics(font) for bold, font in self._fonts.items()}
        self._elided: dict[tuple[str, int, bool], str] = {}
        self._pictures: dict[tuple[int, int, float, bool], QPixmap] = {}
        self._signs: dict[tuple[str, bool, float], QPixmap] = {}

    def size(self) -> QSize:
        """Return the least size of a cell."""
        raise NotImplementedError

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        selected, hovered = bool(option.state & Selected), bool(option.state & Hovered)
        self.paint_row(painter, option.rect, index.row(), selected, hovered)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self.size()

    def paint_row(
        self, painter: QPainter, rect: QRect, row: int, selected: bool, hovered: bool
    ) -> None:
        """Draw one image with its state."""
        raise NotImplementedError

    def draw_words(self, painter: QPainter, line: QRectF, words: str, bold: bool) -> None:
        """Draw one line, ending in an ellipsis where it does not fit."""
        painter.setFont(self._fonts[bold])
        key = (words, int(line.width()), bold)
        found = self._elided.get(key)
        if found is None:
            if len(self._elided) > ELIDED_KEPT:
                self._elided.clear()
            mode = Qt.TextElideMode.ElideRight
            found = self._elided[key] = self._metrics[bold].elidedText(words, mode, key[1])
        painter.drawText(line, LEFT, found)

    def draw_picture(self, painter: QPainter, box: QRectF, row: int, faded: bool) -> None:
        """Draw the native image; the style never does it: Qt tints what is selected."""
        image = self._model.image(row)
        if image is None or image.isNull():
            self._draw_nothing(painter, box, "" if image is None else "unreadable")
            return
        painter.setOpacity(FADED if faded else 1.0)
        ratio = painter.device().devicePixelRatioF()
        if ratio == int(ratio):
            painter.drawPixmap(box.topLeft(), self._magnified(image, int(box.width()), ratio))
        else:
            draw_image(painter, image, box)
        painter.setOpacity(1.0)

    def _draw_nothing(self, painter: QPainter, box: QRectF, words: str) -> None:
        painter.fillRect(box, theme.tokens().hover)
        painter.setPen(theme.tokens().danger)
        fits = box.width() > 64 or not words
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words if fits else "!")

    def _magnified(self, image: QImage, size: int, ratio: float) -> QPixmap:
        """Return the image as the cell shows it: to magnify is most of the work of a frame."""
        key = (image.cacheKey(), size, ratio, theme.is_dark())
        found = self._pictures.pop(key, None)
        if found is None:
            found = QPixmap(round(size * ratio), round(size * ratio))
            found.setDevicePixelRatio(ratio)
            found.fill(theme.tokens().hover)
            painter = QPainter(found)
            draw_image(painter, image, QRectF(0, 0, size, size))
            painter.end()
            while len(self._pictures) >= KEPT_PIXELS // (found.width() * found.height()):
                del self._pictures[next(iter(self._pictures))]
        self._pictures[key] = found  # the last one used stands last
        return found

    def draw_sign(self, painter: QPainter, place: QPointF, review: str) -> None:
        """Draw a review's sign, a tick or a flag on a disc, with its top left corner there."""
        ratio = painter.device().devicePixelRatioF()
        key = (review, theme.is_dark(), ratio)
        if key not in self._signs:
            self._signs[key] = _sign(*SIGNS[review], ratio)
        painter.drawPixmap(place, self._signs[key])


class WallCells(ImageCells):
    """A thumbnail with its name below; the chosen one has a frame, never a tint."""

    def __init__(self, model: ImageListModel, cell: int, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.cell = cell

    def size(self) -> QSize:
        return QSize(self.cell + 2 * MARGIN, self.cell + 2 * MARGIN + NAME_HEIGHT)

    def paint_row(
        self, painter: QPainter, rect: QRect, row: int, selected: bool, hovered: bool
    ) -> None:
        left = rect.left() + (rect.width() - self.cell) // 2
        box = QRectF(left, rect.top() + MARGIN, self.cell, self.cell)
        colours, state = theme.tokens(), self._model.state(row)
        self.draw_picture(painter, box, row, state.excluded)
        if selected or hovered:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.accent if selected else colours.line_strong, 2))
            painter.drawRect(box.adjusted(-3, -3, 3, 3))
        if state.review in SIGNS:
            self.draw_sign(painter, QPointF(box.right() - SIGN + 8, box.top() - 6), state.review)
        if state.excluded:
            self.draw_sign(painter, QPointF(box.left() - 6, box.top() - 6), "excluded")
        line = QRectF(box.left(), box.bottom() + 4, box.width(), NAME_HEIGHT)
        if draw_state(painter, QPointF(line.left(), line.center().y()), state):
            line.adjust(DOT + 4, 0, 0, 0)
        painter.setPen(colours.text if selected else colours.muted)
        self.draw_words(painter, line, self._model.item(row).stem, selected)


class RowCells(ImageCells):
    """A line: small thumbnail, name, the beginning of the caption, signs at the right."""

    def __init__(
        self,
        model: ImageListModel,
        text_of: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(model, parent)
        self._text_of = text_of

    def size(self) -> QSize:
        return QSize(ROW_IMAGE, ROW_HEIGHT)

    def paint_row(
        self, painter: QPainter, rect: QRect, row: int, selected: bool, hovered: bool
    ) -> None:
        colours, state = theme.tokens(), self._model.state(row)
        if selected or hovered:
            painter.fillRect(rect, colours.accent_soft if selected else colours.hover)
        top = rect.top() + (rect.height() - ROW_IMAGE) // 2
        self.draw_picture(
            painter, QRectF(rect.left() + 8, top, ROW_IMAGE, ROW_IMAGE), row, state.excluded
        )
        if state.excluded:
            self.draw_sign(painter, QPointF(rect.left() + 2, top - 4), "excluded")
        line = QRectF(rect).adjusted(ROW_IMAGE + 16, 0, -8, 0)
        if state.review in SIGNS:
            place = QPointF(line.right() - SIGN, line.center().y() - SIGN / 2)
            self.draw_sign(painter, place, state.review)
        line.adjust(0, 0, -SIGN - 4, 0)
        if draw_state(painter, QPointF(line.right() - DOT, line.center().y()), state):
            line.adjust(0, 0, -DOT - 4, 0)
        name = QRectF(line)
        rest = line.adjusted(max(ROW_NAME_LEAST, line.width() * ROW_NAME) + 8, 0, 0, 0)
        if rest.width() > ROW_REST_LEAST:
            name.setRight(rest.left() - 8)
            painter.setPen(colours.muted)
            self.draw_words(painter, rest, self._first(row), False)
        painter.setPen(colours.text)
        self.draw_words(painter, name, self._model.item(row).stem, selected)

    def _first(self, row: int) -> str:
        """Return the caption from the first phrase on that the row above does not have too."""
        text = self._text_of(self._model.name(row))[:EXCERPT]
        above = self._text_of(self._model.name(row - 1))[:EXCERPT] if row else ""
        pairs = enumerate(zip(text, above, strict=False))
        alike = next((place for place, (one, other) in pairs if one != other), len(above))
        cut = text.rfind(" ", 0, alike) + 1 if 0 < alike < len(text) else 0
        return ("… " if cut else "") + text[cut:].replace("\n", " ")


def state_colour(state: RowState | None) -> QColor | None:
    """Return the colour of a row's mark: what matters most comes first."""
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


def draw_state(painter: QPainter, middle_left: QPointF, state: RowState) -> bool:
    """Draw the mark of a row's state; its shape tells as much as its colour."""
    colour = state_colour(state)
    if colour is None:
        return False
    box = QRectF(middle_left.x(), middle_left.y() - DOT / 2, DOT, DOT)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if state.unsaved:
        painter.drawEllipse(box)
    elif state.missing or state.lossy:
        painter.drawRect(box.adjusted(0, DOT / 3, 0, -DOT / 3))
    elif state.notes:
        top = QPointF(box.center().x(), box.top())
        painter.drawPolygon(QPolygonF([top, box.bottomRight(), box.bottomLeft()]))
    else:
        painter.drawEllipse(box.adjusted(1.5, 1.5, -1.5, -1.5))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    return True


def _sign(icon: str, token: str, ratio: float) -> QPixmap:
    colours = theme.tokens()
    result = QPixmap(round(SIGN * ratio), round(SIGN * ratio))
    result.setDevicePixelRatio(ratio)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colours.surface, 1.5))
    painter.setBrush(getattr(colours, token))
    painter.drawEllipse(QRectF(1, 1, SIGN - 2, SIGN - 2))
    if icon == "check":
        # The icon's thin line would be lost at this size.
        painter.setPen(QPen(colours.surface, 2))
        painter.drawPolyline([QPointF(5.2, 9.4), QPointF(8, 12.1), QPointF(12.8, 6.2)])
    elif icon == "bar":
        painter.setPen(QPen(colours.surface, 2.5))
        painter.drawLine(QPointF(5.5, SIGN / 2), QPointF(SIGN - 5.5, SIGN / 2))
    else:
        icons.paint(painter, icon, QRectF(4, 4, SIGN - 8, SIGN - 8), colours.surface)
    painter.end()
    return result
