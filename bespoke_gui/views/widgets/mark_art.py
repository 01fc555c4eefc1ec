"""Mark art: marks over the cells of a picture; a dot for off-palette, four corners for strays.

Told apart by shape as well as by colour, with dark rims where a cell has the room for them. Every
cell shows its own colour between its marks, with both of them and at every zoom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from bespoke_gui.qtmodels.stamps import FORMAT, Stamps

if TYPE_CHECKING:
    from bespoke_gui.core.picture_marks import PictureMarks

OFF_PALETTE, STRAYS = "off_palette", "strays"
DOT, CORNER, RIM = QColor(255, 0, 200), QColor(0, 229, 255), QColor(20, 20, 20)
LEAST, ROOMY, ROOMIER = 3, 8, 12
KEPT_BYTES = 64 << 20

Kinds = frozenset[str]


class MarkArt:
    """Marks drawn before, by picture, kind and zoom: scrolling draws each of them once.

    The oldest are forgotten from KEPT_BYTES on.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[PictureMarks, Kinds, int], QImage] = {}
        self._stamps: dict[tuple[Kinds, int], Stamps] = {}
        self._bytes = 0

    def paint(self, painter: QPainter, target: QRectF, marks: PictureMarks, kinds: Kinds) -> None:
        """Draw the chosen kinds over the picture that lies in `target` (logical px)."""
        side = target.width() * painter.deviceTransform().m11() / marks.strays.shape[1]
        painter.drawImage(target, self.image(marks, kinds, max(LEAST, round(side))))

    def image(self, marks: PictureMarks, kinds: Kinds, zoom: int) -> QImage:
        """Return the marks as a clear picture of `zoom` px a cell."""
        key = (marks, kinds, zoom)
        image = self._kept.pop(key, None)
        if image is None:
            image = self._draw(*key)
            self._bytes += image.sizeInBytes()
        # Put back last: what was not looked at for longest is first, and goes first.
        self._kept[key] = image
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._bytes -= self._kept.pop(next(iter(self._kept))).sizeInBytes()
        return image

    def _draw(self, marks: PictureMarks, kinds: Kinds, zoom: int) -> QImage:
        stamps = self._stamps.get((kinds, zoom))
        if stamps is None:
            stamps = self._stamps[kinds, zoom] = Stamps(_tiles(kinds, zoom))
        return stamps.laid(marks.off_palette + 2 * marks.strays)


def _tiles(kinds: Kinds, zoom: int) -> list[QImage]:
    """Return what a cell gets that is neither off-palette nor stray, one, the other, both."""
    dot, corners = OFF_PALETTE in kinds, STRAYS in kinds
    choices = ((False, False), (dot, False), (False, corners), (dot, corners))
    return [_tile(zoom, *choice) for choice in choices]


def _tile(zoom: int, dot: bool, corners: bool) -> QImage:
    tile = QImage(zoom, zoom, FORMAT)
    tile.fill(0)
    painter = QPainter(tile)
    if corners:
        _corners(painter, zoom)
    if dot:
        _dot(painter, tile.rect())
    painter.end()
    return tile


def _dot(painter: QPainter, cell: QRect) -> None:
    inset = max(1, cell.width() * 3 // 8)
    inner = cell.adjusted(inset, inset, -inset, -inset)
    if cell.width() >= ROOMY:
        painter.fillRect(inner.adjusted(-1, -1, 1, 1), RIM)
    painter.fillRect(inner, DOT)


def _corners(painter: QPainter, zoom: int) -> None:
    """Draw a bracket into each corner; its dark rim lies inside, as the cell ends outside.

    Where there is no room for rims every other bracket is dark, to be seen on any colour.
    """
    rims = zoom >= ROOMIER
    arm = (zoom + 1) // 4 if rims else max(1, 3 * zoom // 8)
    thick = max(1, (zoom + 2) // 8)
    for right in (False, True):
        for below in (False, True):
            at = (right, below)
            if rims:
                _bracket(painter, zoom, at, (arm + 1, thick + 1), RIM)
            dark = not rims and right != below
            _bracket(painter, zoom, at, (arm, thick), RIM if dark else CORNER)


def _bracket(
    painter: QPainter, zoom: int, at: tuple[bool, bool], size: tuple[int, int], colour: QColor
) -> None:
    arm, thick = size
    for width, height in ((arm, thick), (thick, arm)):
        x, y = at[0] * (zoom - width), at[1] * (zoom - height)
        painter.fillRect(x, y, width, height, colour)
