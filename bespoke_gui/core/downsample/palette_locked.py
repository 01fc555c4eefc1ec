"""Downsampler `palette_locked`: the median of each cell, as the nearest colour of a palette."""

from __future__ import annotations

from bespoke_gui.core.downsample import DOWNSAMPLERS, register

register(
    "palette_locked",
    "Palette-locked",
    "The median, then the nearest colour of the training set: what its artist could have drawn.",
    locks=True,
)(lambda rgb, grid: DOWNSAMPLERS["median"].run(rgb, grid))
