"""Pillow's resize on arrays, and the registration of one of its filters as a resize method."""

from __future__ import annotations

import numpy as np
from PIL import Image

from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.resize import register


def register_filter(name: str, title: str, hint: str, *, pixel_true: bool = False) -> None:
    """Register Pillow's filter `name`; it ignores the grid."""
    chosen = Image.Resampling[name.upper()]

    def run(image: np.ndarray, size: tuple[int, int], grid: Grid | None = None) -> np.ndarray:
        return np.array(Image.fromarray(image).resize(size, chosen))

    register(name, title, hint, pixel_true=pixel_true)(run)
