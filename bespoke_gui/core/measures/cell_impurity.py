"""Measure: cell impurity, the share of a large image's samples unlike their own cell."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput
from bespoke_gui.core.pixels.grid import Grid
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

CORE = 0.75
SAMPLES = 5
UNLIKE = 0.05


def _run(given: MeasureInput) -> float | None:
    if given.large is None or given.grid is None:
        return None
    samples = _samples(given.large, given.grid)
    lab = srgb_to_oklab(samples)
    middle = np.median(lab, axis=(1, 3), keepdims=True)
    return float((np.square(lab - middle).sum(axis=-1) > UNLIKE * UNLIKE).mean())


def _samples(rgb: np.ndarray, grid: Grid) -> np.ndarray:
    """Return uint8 (rows, 5, columns, 5, 3): samples of the central 75% of each cell."""
    xs = _places(grid.columns, grid.cell_width, grid.offset_x, rgb.shape[1])
    ys = _places(grid.rows, grid.cell_height, grid.offset_y, rgb.shape[0])
    picked = rgb[ys[:, None], xs[None, :]]
    return picked.reshape(grid.rows, SAMPLES, grid.columns, SAMPLES, 3)


def _places(count: int, cell: float, offset: float, length: int) -> np.ndarray:
    inside = (1 - CORE) / 2 + CORE * (np.arange(SAMPLES) + 0.5) / SAMPLES
    at = offset + cell * (np.arange(count)[:, None] + inside[None, :])
    return np.floor(at).astype(int).clip(0, length - 1).ravel()


MEASURES.add(
    "cell_impurity",
    Measure(
        "cell_impurity",
        "Cell impurity",
        "share",
        "lower",
        "Share of the large image's samples that differ visibly from their own cell's median: "
        "blur, a wrong grid, pixels of mixed sizes. Does not apply to native images.",
        "percentile",
        _run,
        limit=0.01,
        decimals=4,
    ),
)
