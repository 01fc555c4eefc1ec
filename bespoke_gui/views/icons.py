"""Icons: own SVG drawings from resources/icons, coloured for the theme in use."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from bespoke_gui.core.resources import resource
from bespoke_gui.views.tokens import tokens


def path(name: str) -> Path:
    """Return the SVG file of an icon."""
    return resource(f"icons/{name}.svg")


def paint(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draw an icon, sharp at every display scale, in one colour."""
    _renderer(name, colour.name()).render(painter, rect)


def pixmap(name: str, colour: QColor, size: int = 20, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a pixmap of `size` logical pixels."""
    pixels = round(size * ratio)
    image = QImage(QSize(pixels, pixels), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint(painter, name, QRectF(0, 0, pixels, pixels), colour)
    painter.end()
    result = QPixmap.fromImage(image)
    result.setDevicePixelRatio(ratio)
    return result


def icon(name: str, colour: QColor, size: int = 20) -> QIcon:
    """Return an icon in one colour, pale grey when disabled, for common and fine displays."""
    result = QIcon()
    for ratio in (1.0, 2.0):
        result.addPixmap(pixmap(name, colour, size, ratio))
        pale = pixmap(name, tokens().line_strong, size, ratio)
        result.addPixmap(pale, QIcon.Mode.Disabled)
    return result


def attach(button: QAbstractButton, name: str, token: str = "text", size: int = 18) -> None:
    """Give a button an icon that follows the theme; `token` names one of the theme's colours."""
    _Follower(button, name, token, size)


class _Follower(QObject):
    """Sets a button's icon again whenever the palette changes."""

    def __init__(self, button: QAbstractButton, name: str, token: str, size: int) -> None:
        super().__init__(button)
        self._button = button
        self._name = name
        self._token = token
        self._size = size
        button.setIconSize(QSize(size, size))
        button.installEventFilter(self)
        self._colour = QColor()
        self._set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.PaletteChange:
            self._set()
        return super().eventFilter(watched, event)

    def _set(self) -> None:
        colour = getattr(tokens(), self._token)
        # The palette is said to change many times while a window is being built.
        if colour != self._colour:
            self._colour = colour
            self._button.setIcon(icon(self._name, colour, self._size))


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    source = path(name).read_text(encoding="utf-8").replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(source.encode()))
    renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    return renderer


def application_icon() -> QIcon:
    """Return the program's own icon in the sizes that desktops ask for."""
    result = QIcon()
    renderer = QSvgRenderer(str(path("bespoke")))
    for size in (16, 24, 32, 48, 64, 128, 256):
        image = QImage(QSize(size, size), QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        result.addPixmap(QPixmap.fromImage(image))
    return result
