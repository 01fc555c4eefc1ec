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

BUTTON = 18


@lru_cache(maxsize=128)
def path(name: str) -> Path:
    """Return the SVG file of an icon."""
    return resource(f"icons/{name}.svg")


def paint(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draw an icon, sharp at every display scale, in one colour."""
    _renderer(name, colour.name()).render(painter, rect)


def pixmap(name: str, colour: QColor, size: int = 20, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a pixmap of `size` logical pixels."""
    return _pixmap(_image(name, colour.name(), round(size * ratio)), ratio)


def icon(name: str, colour: QColor, size: int = 20) -> QIcon:
    """Return an icon in one colour, pale grey when disabled, for common and fine displays."""
    return _icon(name, colour.name(), tokens().line_strong.name(), size)


@lru_cache(maxsize=256)
def _icon(name: str, colour: str, pale: str, size: int) -> QIcon:
    result = QIcon()
    for ratio in (1.0, 2.0):
        image = _image(name, colour, round(size * ratio))
        result.addPixmap(_pixmap(image, ratio))
        result.addPixmap(_pixmap(_tinted(image, pale), ratio), QIcon.Mode.Disabled)
    return result


def draw_ahead() -> None:
    """Draw every icon in the size and colour of buttons; may be called on another thread."""
    ink = tokens().text.name()
    for file in sorted(path("close").parent.glob("*.svg")):
        if "currentColor" in file.read_text(encoding="utf-8"):
            for ratio in (1, 2):
                _image(file.stem, ink, BUTTON * ratio)


@lru_cache(maxsize=512)
def _image(name: str, colour: str, pixels: int) -> QImage:
    """Return an icon as an image of that many device pixels."""
    image = QImage(QSize(pixels, pixels), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    # A reader of its own: those of `paint` belong to the window's thread.
    _read(name, colour).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return image


def _tinted(image: QImage, colour: str) -> QImage:
    """Return the same shape in another colour; cheaper than reading its drawing again."""
    result = image.copy()
    painter = QPainter(result)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(result.rect(), QColor(colour))
    painter.end()
    return result


def _pixmap(image: QImage, ratio: float) -> QPixmap:
    result = QPixmap.fromImage(image)
    result.setDevicePixelRatio(ratio)
    return result


def attach(button: QAbstractButton, name: str, token: str = "text", size: int = BUTTON) -> None:
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
    return _read(name, colour)


def _read(name: str, colour: str) -> QSvgRenderer:
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
