"""Downsampler `centre`: the one pixel in the middle of a cell."""

from __future__ import annotations

from bespoke_gui.core.downsample import register
from bespoke_gui.core.pixels.sampling import centre_pixels

register("centre", "Centre", "The middle pixel; exact on clean art, helpless against noise.")(
    centre_pixels
)
