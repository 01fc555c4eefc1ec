"""Counting colours: as they are, and after merging those nobody can tell apart."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.pixels.codes import pack, row_runs
from bespoke_gui.core.pixels.merge import GENERATION_TAU, merge_palette


def unique_colours(rgb: np.ndarray) -> int:
    """Return how many different colours uint8 (..., 3) holds."""
    codes = pack(rgb)
    if codes.ndim == 2:
        codes = codes[row_runs(codes)[0]]
    codes = codes.ravel()
    changes = np.flatnonzero(codes[1:] != codes[:-1])
    return len(np.unique(np.append(codes[changes], codes[-1:])))


def distinct_colours(rgb: np.ndarray, tau: float = GENERATION_TAU) -> int:
    """Return how many colours uint8 (..., 3) holds after merging those within `tau` (OKLab)."""
    return unique_colours(merge_palette(rgb, tau))
