"""Downsampler `median`: each channel's median over the central half of a cell."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.downsample import register
from bespoke_gui.core.pixels.codes import unpack
from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.pixels.sampling import core_samples


@register("median", "Median", "Robust against noise and ringing; exact on clean pixel art.")
def run(rgb: np.ndarray, grid: Grid) -> np.ndarray:
    """Return uint8 (rows, columns, 3); clean cells cost nothing beyond a comparison."""
    codes = core_samples(rgb, grid)
    middle = codes.shape[2] // 2
    cells = unpack(codes[:, :, middle])
    mixed = (codes != codes[:, :, middle, None]).any(axis=2)
    if mixed.any():
        cells[mixed] = np.partition(unpack(codes[mixed]), middle, axis=1)[:, middle]
    return cells
