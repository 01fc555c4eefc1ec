"""Epoch strip: the pictures a run has made so far, native and crisp, the newest in view."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from bespoke_gui.qtmodels.run_story import SampleRow
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.crisp import paint_crisp, paint_outline

CELL = 96
GAP = 12
CAPTION = 36
PITCH = CELL + CAPTION + GAP


class EpochStrip(QAbstractScrollArea):
    """Shows samples. `image_of` gives a native picture, or None while it is being read."""

    current_changed = Signal(int)

    def __init__(
        self, image_of: Callable[[Path], QImage | None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._image_of = image_of
        self._folder = Path()
        self.samples: list[SampleRow] = []
        self.current = -1
        self.empty_text = "No pictures yet"
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(CELL)
        self.setAccessibleName("Pictures of the run")

    def show_samples(self, folder: Path, samples: list[SampleRow]) -> None:
        """Show the pictures of the run in `folder`; the newest stays in view while it is last."""
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - CELL
        self._folder, self.samples = folder, list(samples)
        self.current = min(self.current, len(samples) - 1)
        self._update_bar()
        if follows:
            bar.setValue(bar.maximum())
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(600, CELL + CAPTION + 3 * GAP)

    def cell_rect(self, index: int) -> QRect:
        """Return where a picture lies on the viewport."""
        row, column = divmod(index, self.columns())
        y = GAP + row * PITCH - self.verticalScrollBar().value()
        return QRect(GAP + column * (CELL + GAP), y, CELL, CELL)

    def columns(self) -> int:
        """Return how many pictures stand side by side."""
        return max(1, (self.viewport().width() - GAP) // (CELL + GAP))

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.tokens()
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), colours.surface)
        painter.setFont(theme.font(0.9, tabular=True))
        if not self.samples:
            painter.setPen(colours.muted)
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self.empty_text)
        first = max(0, self.verticalScrollBar().value() // PITCH) * self.columns()
        last = first + (self.viewport().height() // PITCH + 2) * self.columns()
        for index in range(first, min(last, len(self.samples))):
            self._paint_sample(painter, index)
        painter.end()

    def _paint_sample(self, painter: QPainter, index: int) -> None:
        colours = theme.tokens()
        sample, frame = self.samples[index], self.cell_rect(index)
        image = self._image_of(self._folder / sample.path)
        if image is None or image.isNull():
            painter.fillRect(frame, colours.raised)
        else:
            paint_crisp(painter, frame, image)
        if index == self.current:
            paint_outline(painter, frame, colours.accent, 2)
        line = QRect(frame.left(), frame.bottom() + 3, CELL, 16)
        painter.setPen(colours.text)
        title = "LoRA off" if sample.epoch == 0 else f"Epoch {sample.epoch}"
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, title)
        painter.setPen(colours.muted)
        short = painter.fontMetrics().elidedText(sample.prompt, Qt.TextElideMode.ElideRight, CELL)
        painter.drawText(line.translated(0, 16), Qt.AlignmentFlag.AlignLeft, short)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._update_bar()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        column = int((event.position().x() - GAP / 2) // (CELL + GAP))
        row = int((event.position().y() + self.verticalScrollBar().value()) // PITCH)
        if 0 <= column < self.columns():
            self._go_to(row * self.columns() + column)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: self.current - 1, Qt.Key.Key_Right: self.current + 1,
            Qt.Key.Key_Up: self.current - self.columns(),
            Qt.Key.Key_Down: self.current + self.columns(),
            Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self.samples) - 1,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in moves:
            self._go_to(moves[key])
        else:
            super().keyPressEvent(event)

    def _go_to(self, index: int) -> None:
        if not 0 <= index < len(self.samples):
            return
        self.current = index
        frame, bar = self.cell_rect(index), self.verticalScrollBar()
        if frame.top() < GAP:
            bar.setValue(bar.value() + frame.top() - GAP)
        elif frame.bottom() + CAPTION > self.viewport().height():
            bar.setValue(bar.value() + frame.bottom() + CAPTION - self.viewport().height())
        sample = self.samples[index]
        self.setAccessibleDescription(f"epoch {sample.epoch}, {sample.prompt}")
        self.viewport().update()
        self.current_changed.emit(index)

    def _update_bar(self) -> None:
        rows = -(-len(self.samples) // self.columns())
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, GAP + rows * PITCH - self.viewport().height()))
        bar.setPageStep(max(1, self.viewport().height()))
        bar.setSingleStep(PITCH // 3)
