"""Downsampler `box`: the mean of a whole cell, as an ordinary area resize gives it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from bespoke_gui.core.downsample import register
from bespoke_gui.core.downsample._frame import resized
from bespoke_gui.core.pixels.gridtype import Grid


@register("box", "Mean", "Averages each cell: damage at the cell's border changes its colour.")
def run(rgb: np.ndarray, grid: Grid) -> np.ndarray:
    """Return uint8 (rows, columns, 3)."""
    return resized(rgb, grid, Image.Resampling.BOX)
