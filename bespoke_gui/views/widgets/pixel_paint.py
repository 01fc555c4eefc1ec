"""Pixel painting: images at a whole number of device pixels per pixel, never smoothed."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from bespoke_gui.views.tokens import tokens

CHECKER = 8


def zoom_to_fit(width: int, height: int, room_width: float, room_height: float) -> int:
    """Return the largest whole zoom at which an image fits; -n means every n-th pixel (1/n)."""
    if width < 1 or height < 1:
        return 1
    scale = min(room_width / width, room_height / height)
    if scale >= 1:
        return math.floor(scale)
    return -max(2, math.ceil(1 / max(scale, 1e-3)))


def zoomed(length: int, zoom: int) -> int:
    """Return how many device pixels `length` pixels take at a zoom."""
    return length * zoom if zoom > 0 else max(1, length // -zoom)


def logical_rect(painter: QPainter, box: QRect) -> QRectF:
    """Return the logical coordinates that land exactly on a rectangle of device pixels."""
    inverse, _ = painter.deviceTransform().inverted()
    return inverse.mapRect(QRectF(box))


def draw_image(painter: QPainter, image: QImage, box: QRectF) -> QRectF:
    """Draw an image centred in `box` at the largest whole zoom and return where it landed.

    The zoom depends on the size of the box alone: where a display has one and a half device pixels
    to a pixel, boxes of one size that begin at odd and even places would else show it unlike.
    """
    room = painter.deviceTransform().mapRect(box)
    zoom = zoom_to_fit(image.width(), image.height(), room.width() + 0.01, room.height() + 0.01)
    width, height = zoomed(image.width(), zoom), zoomed(image.height(), zoom)
    left = math.floor(room.left() + (room.width() - width) / 2 + 0.01)
    top = math.floor(room.top() + (room.height() - height) / 2 + 0.01)
    target = logical_rect(painter, QRect(left, top, width, height))
    draw_at(painter, image, target)
    return target


def draw_at(painter: QPainter, image: QImage, target: QRectF) -> None:
    """Draw an image into a rectangle that is a whole multiple of it, over a checkerboard."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if image.hasAlphaChannel():
        draw_checker(painter, target)
    painter.drawImage(target, image, QRectF(image.rect()))


def draw_checker(painter: QPainter, target: QRectF) -> None:
    """Fill a rectangle with the checkerboard that stands for transparency."""
    colours = tokens()
    painter.save()
    painter.setClipRect(target, Qt.ClipOperation.IntersectClip)
    painter.fillRect(target, colours.checker_light)
    for row in range(math.ceil(target.height() / CHECKER)):
        for column in range(row % 2, math.ceil(target.width() / CHECKER), 2):
            left, top = target.left() + column * CHECKER, target.top() + row * CHECKER
            painter.fillRect(QRectF(left, top, CHECKER, CHECKER), colours.checker_dark)
    painter.restore()
