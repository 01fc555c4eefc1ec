"""Token bar: how far a caption fills the text encoder's windows, and which phrase crosses."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from bespoke_gui.core.clip_tokens import LIMITS, WINDOW
from bespoke_gui.core.token_borders import Border, Reading
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import column, elided, figure, row

BAR = 6
TICK = 10
REACH = 12  # how near a click must be to a mark


class TokenBar(QWidget):
    """The tokens of one caption. `place_wanted` asks for a phrase: start and end in characters."""

    place_wanted = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading: Reading | None = None
        self.gauge = _Gauge()
        self.gauge.mark_clicked.connect(self.select)
        self.number = figure()
        self.links = [BorderLink() for _ in LIMITS]
        for link in self.links:
            link.clicked.connect(lambda _=False, link=link: self.select(link.limit))
        self._words = elided(kind="muted")
        self._words.setFixedHeight(22)
        line = row(self._words, *self.links)
        line.setStretch(0, 1)
        layout: QVBoxLayout = column(row(self.gauge, self.number, spacing=12), line, spacing=2)
        self.setLayout(layout)
        self.show_reading(None)

    def show_reading(self, reading: Reading | None, limit: int | None = None) -> None:
        """Show what was counted, None while it is not known; tokens beyond `limit` are cut off."""
        self._reading = reading
        borders = reading.borders if reading else ()
        self.gauge.show_count(reading.count if reading else 0, limit)
        self.number.setText(_counted(reading))
        self._words.setText(_room_left(reading))
        self._words.setVisible(not borders)
        for index, link in enumerate(self.links):
            link.show_border(borders[index] if index < len(borders) else None)
        self.gauge.setAccessibleDescription(". ".join(border.words() for border in borders))

    def select(self, limit: int) -> None:
        """Ask for the phrase at a border, if the caption passes it."""
        for border in self._reading.borders if self._reading else ():
            if border.limit == limit and border.phrase is not None:
                self.place_wanted.emit(border.phrase.start, border.phrase.end)


def _counted(reading: Reading | None) -> str:
    if reading is None:
        return "… tokens"
    return "1 token" if reading.count == 1 else f"{reading.count} tokens"


def _room_left(reading: Reading | None) -> str:
    if reading is None:
        return "Reading the vocabulary…"
    left = WINDOW - reading.count
    return f"{left} left of the first {WINDOW}" if left else f"The first {WINDOW} are full"


class BorderLink(QPushButton):
    """A border in words; a click asks for its phrase. Gives way where room is short."""

    def __init__(self) -> None:
        super().__init__()
        self.limit = 0
        self._full = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.set_kind(self, "link-line")

    def show_border(self, border: Border | None) -> None:
        """Show this border; nothing without one."""
        self.setVisible(border is not None)
        if border is None:
            return
        self.limit, self._full = border.limit, border.words()
        self.setEnabled(border.phrase is not None)
        self.setToolTip(f"{self._full}: click to select the phrase")
        self.setAccessibleName(self._full)
        self._elide()

    def words(self) -> str:
        """Return what the link says, also where it is shown shortened."""
        return self._full

    def minimumSizeHint(self) -> QSize:
        return QSize(48, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(0, self.width())
        self.setText(self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, room))


class _Gauge(QWidget):
    """The bar itself, with its marks."""

    mark_clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._count, self._limit, self._known = 0, LIMITS[-1], False
        self.setAccessibleName("CLIP tokens")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        return QSize(180, TICK + self.fontMetrics().height() + 2)

    def show_count(self, count: int, limit: int | None) -> None:
        """Fill the bar; what is beyond `limit` is shown as cut off."""
        self._count, self._limit = count, limit or LIMITS[-1]
        self._known = limit is not None
        self.setToolTip(
            f"The text encoder reads {WINDOW} tokens at a time. Click a mark to select the phrase "
            "that crosses it."
        )
        self.update()

    def mark_x(self, limit: int) -> float:
        """Return where a mark stands, in pixels from the left."""
        return self.width() * limit / self._scale()

    def changeEvent(self, event: QEvent) -> None:
        self.update()
        super().changeEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._mark_at(event.position())
        passed = over is not None and self._count > over
        self.setCursor(Qt.CursorShape.PointingHandCursor if passed else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        mark = self._mark_at(event.position())
        if mark is not None:
            self.mark_clicked.emit(mark)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.hover)
        top = (TICK - BAR) / 2
        painter.drawRoundedRect(QRectF(0, top, self.width(), BAR), BAR / 2, BAR / 2)
        fits = self._known or self._count <= WINDOW
        ink = colours.accent if fits else colours.warning
        self._fill(painter, 0, min(self._count, self._limit), ink)
        self._fill(painter, self._limit, self._count, colours.danger)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for mark in LIMITS:
            self._paint_mark(painter, mark)
        painter.end()

    def _fill(self, painter: QPainter, start: int, end: int, ink) -> None:
        if end > start:
            left, right = self.mark_x(start), self.mark_x(end)
            painter.setBrush(ink)
            rect = QRectF(left, (TICK - BAR) / 2, right - left, BAR)
            painter.drawRoundedRect(rect, BAR / 2, BAR / 2)

    def _paint_mark(self, painter: QPainter, mark: int) -> None:
        colours = theme.tokens()
        x = min(round(self.mark_x(mark)), self.width() - 1)
        passed = self._count > mark
        painter.setPen(QPen(colours.text if passed else colours.line_strong, 1))
        painter.drawLine(x, 0, x, TICK)
        painter.setPen(colours.text if passed else colours.muted)
        width = self.fontMetrics().horizontalAdvance(str(mark))
        left = min(x - width // 2, self.width() - width)
        painter.drawText(QPointF(left, TICK + self.fontMetrics().ascent() + 1), str(mark))

    def _scale(self) -> int:
        return max(LIMITS[-1], self._count)

    def _mark_at(self, point: QPointF) -> int | None:
        nearest = min(LIMITS, key=lambda mark: abs(self.mark_x(mark) - point.x()))
        return nearest if abs(self.mark_x(nearest) - point.x()) <= REACH else None
