"""Sprite sheets: native images side by side, enlarged by whole pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bespoke_gui.core.imageset.native import NativeWanted, native_cells
from bespoke_gui.core.resize.pixel import enlarge


def make_sheet(images: dict[str, Path], columns: int = 0, scale: int = 4) -> np.ndarray:
    """Return uint8 (height, width, 3): native images side by side, each cell `scale` px.

    Images keep their size in slots as large as the largest, with a gap of one cell; columns 0
    makes the sheet about square. Raises AppError for an image without a grid.
    """
    natives = [native_cells(path, NativeWanted())[0] for path in images.values()]
    columns = columns or int(np.ceil(np.sqrt(len(natives))))
    columns = min(columns, len(natives))
    rows = -(-len(natives) // columns)
    high = max(len(cells) for cells in natives) + 1
    wide = max(cells.shape[1] for cells in natives) + 1
    sheet = np.full((rows * high - 1, columns * wide - 1, 3), 255, dtype=np.uint8)
    for index, cells in enumerate(natives):
        top, left = index // columns * high, index % columns * wide
        sheet[top : top + len(cells), left : left + cells.shape[1]] = cells
    return enlarge(sheet, (sheet.shape[1] * scale, sheet.shape[0] * scale))
