"""Plot: what the plots share: where the curves lie, words while there are none, the focus ring."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from bespoke_gui.views import theme
from bespoke_gui.views.widgets.focus_ring import paint_focus
from bespoke_gui.views.widgets.plot_axes import Ink

Margins = tuple[int, int, int, int]


def plot_area(widget: QWidget, margins: Margins) -> QRectF:
    """Return a widget without its margins (left, top, right, bottom), all of it if it is tiny."""
    left, top, right, bottom = margins
    inside = QRectF(widget.rect()).adjusted(left, top, -right, -bottom)
    return inside if inside.width() > 10 and inside.height() > 10 else QRectF(widget.rect())


def plot_ink() -> Ink:
    """Return the colours of axes in the theme of now."""
    colours = theme.tokens()
    return Ink(colours.muted, colours.line, colours.line_strong)


class Plot(QWidget):
    """Subclasses say whether there is something to draw, and draw it.

    margins: left, top, right, bottom in logical pixels; nothing: words while there is nothing.
    """

    margins: Margins = (56, 14, 14, 24)
    nothing = ""
    font_size = 0.9

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setAccessibleName(name)

    def is_empty(self) -> bool:
        """Say whether there is nothing to draw."""
        raise NotImplementedError

    def paint_plot(self, painter: QPainter) -> None:
        """Draw axes and curves."""
        raise NotImplementedError

    def area(self) -> QRectF:
        """Return where the curves lie."""
        return plot_area(self, self.margins)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(self.font_size, tabular=True))
        if self.is_empty():
            painter.setPen(theme.tokens().muted)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.nothing)
        else:
            self.paint_plot(painter)
        paint_focus(painter, self, corner=4)
        painter.end()
