"""Stamps: a large picture laid out of a few small ones, all at once: one lookup, no painting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    import numpy as np

FORMAT = QImage.Format.Format_ARGB32_Premultiplied


def stamped(codes: np.ndarray, tiles: Sequence[QImage]) -> QImage:
    """Return tile number `codes[row, column]` at each place of integer `codes` (rows, columns).

    The tiles are squares of one size in FORMAT, and so is the picture, which owns its bytes.
    """
    import numpy as np

    side = tiles[0].width()
    pixels = np.stack([np.frombuffer(tile.constBits(), np.uint32) for tile in tiles])
    rows, columns = codes.shape
    laid = pixels.reshape(-1, side, side)[codes].transpose(0, 2, 1, 3)
    width, height = columns * side, rows * side
    return QImage(laid.tobytes(), width, height, 4 * width, FORMAT).copy()
