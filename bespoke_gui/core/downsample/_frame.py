"""Pillow's resize over the cells of a grid, the frame widened where cells reach outside."""

from __future__ import annotations

import numpy as np
from PIL import Image

from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.pixels.sampling import extent


def resized(rgb: np.ndarray, grid: Grid, filter_: Image.Resampling) -> np.ndarray:
    """Return uint8 (rows, columns, 3): the extent of the grid resized to one pixel a cell."""
    height, width = rgb.shape[:2]
    left, top, right, bottom = extent(grid)
    pad_x, pad_y = int(np.ceil(max(0, -left))), int(np.ceil(max(0, -top)))
    more_x, more_y = int(np.ceil(max(0, right - width))), int(np.ceil(max(0, bottom - height)))
    if pad_x or pad_y or more_x or more_y:
        rgb = np.pad(rgb, ((pad_y, more_y), (pad_x, more_x), (0, 0)), mode="edge")
    limit_y, limit_x = rgb.shape[:2]
    box = (left + pad_x, top + pad_y, min(right + pad_x, limit_x), min(bottom + pad_y, limit_y))
    image = Image.fromarray(rgb).resize((grid.columns, grid.rows), filter_, box=box)
    return np.array(image)
