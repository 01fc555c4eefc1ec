"""Downsampler `mode`: the most frequent colour in the central half of a cell."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.downsample import register
from bespoke_gui.core.pixels.codes import unpack
from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.pixels.sampling import core_samples


@register("mode", "Most frequent", "Never invents a colour; good where a cell has one main colour.")
def run(rgb: np.ndarray, grid: Grid) -> np.ndarray:
    """Return uint8 (rows, columns, 3); of equally frequent colours the smallest code wins."""
    codes = np.sort(core_samples(rgb, grid), axis=-1)
    place = np.arange(codes.shape[-1])
    starts = np.ones(codes.shape, dtype=bool)
    starts[..., 1:] = codes[..., 1:] != codes[..., :-1]
    run_start = np.maximum.accumulate(np.where(starts, place, 0), axis=-1)
    longest = (place - run_start).argmax(axis=-1)
    return unpack(np.take_along_axis(codes, longest[..., None], axis=-1)[..., 0])
