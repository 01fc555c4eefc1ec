"""Paints the cells of a gallery: picture, figure below, outline. Made anew for every repaint."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QStaticText

from bespoke_gui.qtmodels.gallery_model import CellLook
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.crisp import CrispPainter, paint_outline
from bespoke_gui.views.widgets.mark_art import Kinds, MarkArt

TEXTS = 4096


class TextCache:
    """Laid-out texts: thousands of cells share few of them, and laying out is what costs."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], tuple[QStaticText, float, float]] = {}
        self._short: dict[tuple[str, str, int], str] = {}

    def get(self, text: str, font_key: str, painter: QPainter) -> tuple[QStaticText, float, float]:
        """Return the text laid out in the painter's font, its width and its height."""
        key = (text, font_key)
        found = self._texts.get(key)
        if found is None:
            laid = QStaticText(text)
            laid.setTextFormat(Qt.TextFormat.PlainText)
            laid.prepare(font=painter.font())
            if len(self._texts) > TEXTS:
                self._texts.clear()
            size = laid.size()
            found = self._texts[key] = (laid, size.width(), size.height())
        return found

    def elided(self, text: str, width: int, painter: QPainter) -> tuple[QStaticText, float]:
        """Return the text cut in its middle to `width` and laid out, and its height."""
        key = (text, painter.font().key(), width)
        short = self._short.get(key)
        if short is None:
            if len(self._short) > TEXTS:
                self._short.clear()
            middle = Qt.TextElideMode.ElideMiddle
            short = self._short[key] = painter.fontMetrics().elidedText(text, middle, width)
        laid, _, height = self.get(short, key[1], painter)
        return laid, height


class Marked(NamedTuple):
    """How marks are drawn, and which kinds of them."""

    art: MarkArt
    kinds: Kinds


class CellBrush:
    """Holds what all cells of one repaint share."""

    def __init__(
        self, painter: QPainter, side: int, caption: int, texts: TextCache, marks: Marked
    ) -> None:
        self._painter = painter
        self._side, self._caption = side, caption
        self._texts = texts
        self._marks = marks
        self._colours = theme.tokens()
        self._font_key = painter.font().key()
        self._crisp = CrispPainter(painter, side)

    def paint(self, x: int, y: int, look: CellLook) -> None:
        """Paint one cell whose picture begins at (x, y)."""
        if look.image is not None:
            target = self._crisp.paint(x, y, look.image)
            if look.marks is not None:
                self._marks.art.paint(self._painter, target, look.marks, self._marks.kinds)
        else:
            self._blank(QRect(x, y, self._side, self._side), look.error)
        if look.caption:
            self._figure(x, y + self._side, look)

    def outline(self, x: int, y: int, is_current: bool, width: int) -> None:
        """Draw round a cell: strong for the current one, faint for the one below the mouse."""
        colours = self._colours
        colour = colours.accent if is_current else colours.line_strong
        paint_outline(self._painter, QRect(x, y, self._side, self._side), colour, width)

    def tick(self, x: int, y: int) -> None:
        """Mark a cell as chosen, below its picture: nothing covers a pixel."""
        box = QRectF(x, y + self._side + 4.0, 16, 16)
        painter, colours = self._painter, self._colours
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.accent)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QPen(colours.on_accent, 2))
        places = ((4.0, 8.5), (7.0, 11.5), (12.0, 5.0))
        painter.drawPolyline([box.topLeft() + QPointF(*place) for place in places])
        painter.restore()

    def _figure(self, x: int, y: int, look: CellLook) -> None:
        laid, width, height = self._texts.get(look.caption, self._font_key, self._painter)
        colours = self._colours
        self._painter.setPen(getattr(colours, look.tone) if look.tone else colours.muted)
        top = y + 1 + (self._caption - height) / 2
        self._painter.drawStaticText(QPointF(x + (self._side - width) / 2, top), laid)

    def _blank(self, frame: QRect, error: str | None) -> None:
        colours = self._colours
        self._painter.fillRect(frame, colours.raised)
        if error is not None:
            self._painter.setPen(colours.danger if error else colours.muted)
            words = "cannot be read" if error else "no image"
            self._painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, words)
