"""Stamps: a large picture laid out of a few small ones, all at once: one lookup, no painting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    import numpy as np

FORMAT = QImage.Format.Format_ARGB32_Premultiplied


class Stamps:
    """Square tiles of one size in FORMAT, numbered in their order."""

    def __init__(self, tiles: Sequence[QImage]) -> None:
        import numpy as np

        side = tiles[0].width()
        pixels = [np.frombuffer(tile.constBits(), np.uint32) for tile in tiles]
        # By line first, uint32 (side, tiles, side): each line of all cells is one lookup.
        self._lines = np.stack(pixels).reshape(-1, side, side).transpose(1, 0, 2).copy()

    def laid(self, codes: np.ndarray) -> QImage:
        """Return tile number `codes[row, column]` at each place of integer `codes`."""
        import numpy as np

        (rows, columns), side = codes.shape, len(self._lines)
        image = QImage(columns * side, rows * side, FORMAT)
        pixels = np.frombuffer(image.bits(), np.uint32).reshape(rows, side, columns, side)
        for y, line in enumerate(self._lines):
            pixels[:, y] = line.take(codes, axis=0)
        return image
