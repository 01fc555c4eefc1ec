"""Sprite sheets: native images side by side, enlarged by whole pixels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from bespoke_gui.core.imagefile import to_rgb
from bespoke_gui.core.imageset.native import NativeWanted, native_cells
from bespoke_gui.core.resize.pixel import enlarge


def make_sheet(images: dict[str, Path], columns: int = 0, scale: int = 4) -> np.ndarray:
    """Return uint8 (height, width, 3): native images side by side, each cell `scale` px.

    Images keep their size in slots as large as the largest, with a gap of one cell; columns 0
    makes the sheet about square. Raises AppError for an image without a grid.
    """
    natives = [_opaque(path) for path in images.values()]
    sheet = sheet_of(natives, columns)
    return enlarge(sheet, (sheet.shape[1] * scale, sheet.shape[0] * scale))


def sheet_of(cells: Sequence[np.ndarray], columns: int = 0) -> np.ndarray:
    """Return uint8 (height, width, 3): images side by side with one cell between, on white."""
    columns = min(columns or int(np.ceil(np.sqrt(len(cells)))), len(cells))
    rows = -(-len(cells) // columns)
    high = max(one.shape[0] for one in cells) + 1
    wide = max(one.shape[1] for one in cells) + 1
    sheet = np.full((rows * high - 1, columns * wide - 1, 3), 255, dtype=np.uint8)
    for number, one in enumerate(cells):
        top, left = number // columns * high, number % columns * wide
        sheet[top : top + one.shape[0], left : left + one.shape[1]] = one
    return sheet


def _opaque(path: Path) -> np.ndarray:
    """Return the native cells of a file, transparency laid over white."""
    return to_rgb(Image.fromarray(native_cells(path, NativeWanted()).cells))
