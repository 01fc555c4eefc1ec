"""The planned learning rate over the steps of a run, with its value at the end of every epoch."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from bespoke_gui.core.config.forecast import Mark
from bespoke_gui.qtmodels import wording
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.plot_axes import Ink, Scale, draw_frame, draw_grid, draw_marks, scale

_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 14, 10, 22


class RatePlot(QWidget):
    """Draws a learning-rate plan. An epoch saved at a low rate has a filled dot, else a ring."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve: list[tuple[float, float]] = []
        self._marks: list[Mark] = []
        self._total = 0
        self.setMouseTracking(True)
        self.setMinimumSize(200, 110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Planned learning rate")

    def show_plan(
        self, curve: Sequence[tuple[float, float]], marks: Sequence[Mark], total: int
    ) -> None:
        """Draw (step, rate) points, and a dot at the end of each epoch whose rate is known."""
        self._curve, self._total = list(curve), total
        self._marks = [mark for mark in marks if mark.learning_rate is not None]
        self.setAccessibleDescription(", ".join(map(_words, self._marks)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, 130)

    def area(self) -> QRectF:
        """Return where the curve lies."""
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(0.85, tabular=True))
        if not self._curve:
            painter.setPen(colours.muted)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No plan yet")
            return
        area = self.area()
        across, up = self._scales(area)
        ink = Ink(colours.muted, colours.line, colours.line_strong)
        draw_grid(painter, area, up, wording.rate, ink)
        draw_marks(painter, area, across, [(mark.step, mark.epoch) for mark in self._marks], ink)
        draw_frame(painter, area, ink)
        painter.setPen(QPen(colours.warning, 1.75))
        painter.drawPolyline(
            QPolygonF([QPointF(across.pixel(step), up.pixel(rate)) for step, rate in self._curve])
        )
        self._paint_dots(painter, across, up)

    def _paint_dots(self, painter: QPainter, across: Scale, up: Scale) -> None:
        colours = theme.tokens()
        painter.setPen(QPen(colours.warning, 1.5))
        for mark in self._marks:
            painter.setBrush(colours.warning if mark.annealed else colours.surface)
            place = QPointF(across.pixel(mark.step), up.pixel(mark.learning_rate or 0.0))
            painter.drawEllipse(place, 3.5, 3.5)

    def _highest(self) -> float:
        return max(rate for _, rate in self._curve)

    def _scales(self, area: QRectF) -> tuple[Scale, Scale]:
        across = scale(0, max(self._total, 1), area.left(), area.right())
        return across, scale(0, self._highest() * 1.08 or 1.0, area.bottom(), area.top())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._marks:
            across, _ = self._scales(self.area())
            step = across.value(event.position().x())
            mark = min(self._marks, key=lambda one: abs(one.step - step))
            words = f"end of {_words(mark)}\n{mark.checkpoint or 'no checkpoint'}"
            QToolTip.showText(event.globalPosition().toPoint(), words, self)


def _words(mark: Mark) -> str:
    annealed = " · annealed" if mark.annealed else ""
    return f"epoch {mark.epoch}: {wording.rate(mark.learning_rate)}{annealed}"
