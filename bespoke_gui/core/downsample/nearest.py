"""Downsampler `nearest`: what an ordinary nearest-neighbour resize to the native size gives."""

from __future__ import annotations

import numpy as np
from PIL import Image

from bespoke_gui.core.downsample import register
from bespoke_gui.core.downsample._frame import resized
from bespoke_gui.core.pixels.gridtype import Grid


@register("nearest", "Nearest", "One pixel a cell, as a drawing program's nearest resize takes it.")
def run(rgb: np.ndarray, grid: Grid) -> np.ndarray:
    """Return uint8 (rows, columns, 3)."""
    return resized(rgb, grid, Image.Resampling.NEAREST)
