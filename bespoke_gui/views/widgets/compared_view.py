"""Compared views: two images of other sizes, with every native cell at the same place in both."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QSize, Signal
from PySide6.QtGui import QResizeEvent

from bespoke_gui.views.widgets.pixel_paint import zoom_to_fit, zoomed
from bespoke_gui.views.widgets.pixel_view import FIT, MOST, PixelView


class SharedScale(QObject):
    """How large the views show their images: all as many device pixels wide and high.

    Fitted, a native cell covers a whole number of device pixels. Zoomed in, a pixel of the source
    does; the level counts how many.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._views: list[ComparedView] = []
        self._source, self._cells = QSize(), QSize()
        self.level = FIT

    def add(self, view: ComparedView) -> None:
        """Let a view take part."""
        self._views.append(view)
        self.changed.connect(view.update)

    def show_sizes(self, source: QSize, cells: QSize) -> None:
        """Take the size of the source in pixels and in native cells; 0 cells mean no grid."""
        self._source, self._cells = source, cells if not cells.isEmpty() else source
        self.changed.emit()

    def fit(self) -> None:
        """Show the images wholly."""
        self.level = FIT
        self.changed.emit()

    def step(self, steps: int) -> None:
        """Zoom in (positive) or out; out of the first level the images fit again."""
        first = self._first()
        for _ in range(abs(steps)):
            level = max(self.level, first - 1)
            pace = max(1, level // 8)
            level = min(MOST, level + pace) if steps > 0 else level - pace
            self.level = level if level >= first else FIT
        self.changed.emit()

    def extent(self) -> QSize:
        """Return how many device pixels an image takes."""
        if self.level == FIT or self.level < self._first():
            return self._fitted()
        return self._source * self.level

    def _first(self) -> int:
        """Return the lowest level that shows more than fitting does."""
        return self._fitted().width() // max(1, self._source.width()) + 1

    def _fitted(self) -> QSize:
        ratios = [view.devicePixelRatioF() for view in self._views]
        room_width = min(v.width() * r for v, r in zip(self._views, ratios, strict=True))
        room_height = min(v.height() * r for v, r in zip(self._views, ratios, strict=True))
        width, height = self._cells.width(), self._cells.height()
        zoom = zoom_to_fit(width, height, room_width, room_height)
        pixels = self._source.width() // max(1, width)
        if self._cells * pixels == self._source and zoom > pixels:
            # Where a cell is a whole number of pixels, those can be whole as well.
            zoom -= zoom % pixels
        return QSize(zoomed(width, zoom), zoomed(height, zoom))


class ComparedView(PixelView):
    """A pixel view whose size on screen is that of its partner."""

    def __init__(self, scale: SharedScale) -> None:
        super().__init__()
        self._scale = scale
        scale.add(self)

    def zoom(self) -> int:
        return self._scale.level

    def set_zoom(self, zoom: int) -> None:
        """Fit, the one zoom that is set and not stepped to."""
        self._scale.fit()
        self.show_middle()

    def step_zoom(self, steps: int) -> None:
        self._scale.step(steps)
        if self._scale.level == FIT:
            self.show_middle()

    def extent(self) -> QSize:
        return self._scale.extent()

    def cell_box(self, x: int, y: int, columns: int, rows: int) -> QRect:
        """Return where a native cell lies, in device pixels from the view's corner."""
        box = self.target_pixels()
        left, right = (box.width() * at // columns for at in (x, x + 1))
        top, bottom = (box.height() * at // rows for at in (y, y + 1))
        return QRect(left, top, right - left, bottom - top).translated(box.topLeft())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._scale.changed.emit()
