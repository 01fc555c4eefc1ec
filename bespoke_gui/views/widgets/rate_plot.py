"""The planned learning rate over the steps of a run, with its value at the end of every epoch."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from bespoke_gui.core.config.forecast import Mark
from bespoke_gui.qtmodels import wording
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.plot import Plot, plot_ink
from bespoke_gui.views.widgets.plot_axes import Scale, draw_frame, draw_grid, draw_marks, scale


class RatePlot(Plot):
    """Draws a learning-rate plan. An epoch saved at a low rate has a filled dot, else a ring."""

    margins = (56, 10, 14, 22)
    nothing = "No plan yet"
    font_size = 0.85

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Planned learning rate", parent)
        self._curve: list[tuple[float, float]] = []
        self._marks: list[Mark] = []
        self._total = 0
        self.setMinimumSize(200, 110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

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

    def is_empty(self) -> bool:
        return not self._curve

    def paint_plot(self, painter: QPainter) -> None:
        area, ink = self.area(), plot_ink()
        across, up = self._scales(area)
        draw_grid(painter, area, up, wording.rate, ink)
        draw_marks(painter, area, across, [(mark.step, mark.epoch) for mark in self._marks], ink)
        draw_frame(painter, area, ink)
        painter.setPen(QPen(theme.tokens().warning, 1.75))
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
