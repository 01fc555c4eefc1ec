"""Picture pane: the image large, in its native pixels or as the file is, with its colours."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from bespoke_gui.core.colour_names import name_of
from bespoke_gui.qtmodels.picture import Picture
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import badge, button, card, column, figure, muted, row, tool
from bespoke_gui.views.widgets.pixel_view import PixelView


class PicturePane(QWidget):
    """Shows a Picture with zoom, grid, the choice of native or file, and a colour reader."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: Picture | None = None
        self.view = PixelView()
        self.view.setMinimumHeight(120)
        self._native = self._choice("Native", "The image in its own pixels")
        self._file = self._choice("File", "The file exactly as it is on disk")
        self._native.setChecked(True)
        self._group = QButtonGroup(self)
        for choice in (self._native, self._file):
            self._group.addButton(choice)
        self._group.buttonClicked.connect(self._show)
        self._grid = tool("grid", "Show the pixel grid")
        self._grid.setCheckable(True)
        self._grid.toggled.connect(self._show_grid)
        smaller, larger = tool("zoom_out", "Zoom out", "-"), tool("zoom_in", "Zoom in", "+")
        fit = tool("zoom_fit", "Fit", "0")
        smaller.clicked.connect(lambda: self.view.step_zoom(-1))
        larger.clicked.connect(lambda: self.view.step_zoom(1))
        fit.clicked.connect(lambda: self.view.set_zoom(0))
        self._zoom = muted(wrap=False)
        self.facts = muted()
        self.state = badge()
        self.state.hide()
        self.colour = ColourReader()
        self.view.hovered.connect(self.colour.show_colour)
        self.view.left.connect(self.colour.clear)
        self.view.zoom_changed.connect(self._show_zoom)
        tools = row(self._native, self._file, None, spacing=2)
        for button_ in (smaller, larger, fit, self._grid):
            tools.addWidget(button_)
        inner = QVBoxLayout()
        inner.setSpacing(8)
        inner.addWidget(self.view, 1)
        inner.addLayout(tools)
        inner.addLayout(row(self.colour, None, self._zoom))
        inner.addLayout(column(row(self.state, None), self.facts, spacing=4))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 12))

    def show_picture(self, picture: Picture | None) -> None:
        """Show an image with what is known of it; None shows nothing."""
        self._picture = picture
        self._native.setEnabled(picture is not None and not picture.native.isNull())
        if picture is None:
            self.view.set_image(None)
            self.facts.setText("")
            self.state.hide()
            return
        self._show()
        self._tell(picture)

    def show_problem(self, text: str) -> None:
        """Say in words why there is no image."""
        self.show_picture(None)
        self.view.set_message(text)

    def _choice(self, text: str, tip: str) -> QPushButton:
        choice = button(text, tip, "ghost")
        choice.setCheckable(True)
        return choice

    def _show(self) -> None:
        picture = self._picture
        if picture is None:
            return
        native = self._native.isChecked() and not picture.native.isNull()
        self.view.set_image(picture.native if native else picture.file)
        self._show_grid()

    def _show_grid(self) -> None:
        picture = self._picture
        if picture is None or not self._grid.isChecked() or picture.native.isNull():
            self.view.set_grid(0, 0)
        else:
            self.view.set_grid(picture.native.width(), picture.native.height())

    def _show_zoom(self, zoom: int) -> None:
        self._zoom.setText(f"{zoom}×" if zoom > 0 else f"1/{-zoom}")

    def _tell(self, picture: Picture) -> None:
        file, native = picture.file, picture.native
        lines = [f"File {file.width()}×{file.height()}, {_colours(picture.colours)}"]
        if not native.isNull():
            lines.append(
                f"Native {native.width()}×{native.height()}, {_colours(picture.native_colours)}"
            )
        self.facts.setText("\n".join(lines))
        words, kind = _judge(picture)
        self.state.setText(words)
        theme.set_kind(self.state, kind)
        self.state.show()


class ColourReader(QWidget):
    """The colour under the pointer: a swatch, its code and the pixel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._swatch = Swatch()
        self._code = figure()
        self._where = muted(wrap=False)
        self.setLayout(row(self._swatch, self._code, self._where, None))
        self.clear()

    def show_colour(self, x: int, y: int, colour: QColor) -> None:
        """Show the colour of a pixel."""
        self._swatch.set_colour(colour)
        alpha = "" if colour.alpha() == 255 else f" {round(colour.alphaF() * 100)}%"
        self._code.setText(f"{colour.name()}{alpha}")
        name = name_of(colour.red(), colour.green(), colour.blue())
        name = name if colour.alpha() else "transparent"
        self._where.setText(f"{name} at {x}, {y}")

    def clear(self) -> None:
        """Show no colour."""
        self._swatch.set_colour(None)
        self._code.setText("")
        self._where.setText("Point at a pixel")


class Swatch(QWidget):
    """A small field of one colour."""

    def __init__(self, size: int = 20) -> None:
        super().__init__()
        self._colour: QColor | None = None
        self._size = size
        self.setFixedSize(size, size)

    def set_colour(self, colour: QColor | None) -> None:
        """Show a colour, or an empty field."""
        self._colour = colour
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._colour is not None:
            painter.fillRect(self.rect(), self._colour)
        painter.setPen(theme.tokens().line_strong)
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()


def _colours(count: int) -> str:
    return f"{count} colour{'s' if count != 1 else ''}"


def _judge(picture: Picture) -> tuple[str, str]:
    if picture.native.isNull():
        return "No pixel grid found", "badge-warning"
    if picture.off_grid:
        pixels = "1 pixel" if picture.off_grid == 1 else f"{picture.off_grid} pixels"
        return f"{pixels} off the grid", "badge-warning"
    return "Wholly on its grid", "badge-good"
