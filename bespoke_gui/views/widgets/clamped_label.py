"""Clamped label: text that wraps over a few lines at most and then ends in "…"."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextLayout
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class ClampedLabel(QLabel):
    """A label that never takes more than `lines` lines; the tip holds all of it."""

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return min(len(self._cut(width)), self._lines) * self.fontMetrics().lineSpacing() + 2

    def sizeHint(self) -> QSize:
        width = self.width() if self.width() > 40 else 300
        return QSize(120, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        metrics, lines = self.fontMetrics(), self._cut(self.width())
        for number, start in enumerate(lines[: self._lines]):
            end = lines[number + 1] if number + 1 < len(lines) else len(self.text())
            is_last = number == self._lines - 1
            words = self.text()[start:] if is_last else self.text()[start:end].rstrip()
            mode = Qt.TextElideMode.ElideRight if is_last else Qt.TextElideMode.ElideNone
            shown = metrics.elidedText(words, mode, self.width())
            top = number * metrics.lineSpacing() + metrics.ascent() + 1
            painter.drawText(QPointF(0, top), shown)
        painter.end()

    def _cut(self, width: int) -> list[int]:
        """Return where each line begins."""
        layout = QTextLayout(self.text(), self.font())
        starts = []
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, 20))
            starts.append(line.textStart())
        layout.endLayout()
        return starts or [0]
