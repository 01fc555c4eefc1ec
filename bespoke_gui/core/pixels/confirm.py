"""Second opinion on a grid: are its cells of one colour each, and drawn rather than shaded?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bespoke_gui.core.downsample.median import run as cell_medians
from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.pixels.oklab import length, oklab_distance, srgb_to_oklab
from bespoke_gui.core.pixels.sampling import owners

# Measured on 51 portraits under 14 kinds of damage and on 42 wallpapers with crops and JPEG
# down to quality 10: art 0 to 0.57 (sigma 8 noise), photographs 0.49 to 1.1.
_MOST_ERROR = 0.6
# The strongest twentieth of the steps between cells: art over 0.23, JPEG blocks under 0.11.
_STRONG_STEP = 0.12
_SAMPLES = 160


def cells_explain(rgb: np.ndarray, grid: Grid) -> bool:
    """Say whether cells of `grid` describe uint8 (height, width, 3) far better than chance.

    Compared with the same grid moved by half a cell: aligned cells must leave at most 0.6 of
    its error. And some steps between cells must be strong: blocks of a JPEG gradient are even
    inside as well, but differ from each other by next to nothing.
    """
    cells = cell_medians(rgb, grid)
    if _strongest(cells) < _STRONG_STEP:
        return False
    error = _error(rgb, grid, cells)
    if error == 0:
        return True
    moved = replace(
        grid,
        offset_x=grid.offset_x + grid.cell_width / 2,
        offset_y=grid.offset_y + grid.cell_height / 2,
    )
    return error <= _MOST_ERROR * _error(rgb, moved, cell_medians(rgb, moved))


def strong_steps(rgb: np.ndarray, grid: Grid) -> bool:
    """Say whether cells differ as colours that an artist chose do, not as bands of a gradient."""
    steps = _neighbour_steps(cell_medians(rgb, grid))
    return bool(np.quantile(steps[steps > 0], 0.95) >= _STRONG_STEP) if steps.any() else False


def looks_drawn(rgb: np.ndarray) -> bool:
    """Say whether a small picture has the steps of drawn pixels: none or strong, few between.

    Of the noticeable steps between neighbours (OKLab over 0.02) at least 0.4 exceed 0.15; or
    four in ten neighbours are equal and the colours are few.
    """
    steps = _neighbour_steps(rgb)
    strong, some = (steps > 0.15).mean(), ((steps >= 0.02) & (steps < 0.08)).mean()
    if strong < 0.03:
        return False
    colours = len(np.unique(rgb.reshape(-1, 3), axis=0)) / rgb[..., 0].size
    few = (steps == 0).mean() >= 0.4 and colours <= 0.2
    return bool(few or strong / (strong + some) >= 0.4)


def _neighbour_steps(rgb: np.ndarray) -> np.ndarray:
    lab = srgb_to_oklab(rgb)
    across, down = length(np.diff(lab, axis=1)), length(np.diff(lab, axis=0))
    return np.concatenate([across.ravel(), down.ravel()])


def _strongest(cells: np.ndarray) -> float:
    steps = _neighbour_steps(cells)
    return float(np.quantile(steps, 0.95)) if steps.size else 0.0


def _error(rgb: np.ndarray, grid: Grid, cells: np.ndarray) -> float:
    """Return the mean OKLab distance of some 160 x 160 pixels to their cells."""
    height, width = rgb.shape[:2]
    ys = np.arange(0, height, max(1, height // _SAMPLES))
    xs = np.arange(0, width, max(1, width // _SAMPLES))
    rows = owners(grid.rows, grid.cell_height, grid.offset_y, height)[ys]
    columns = owners(grid.columns, grid.cell_width, grid.offset_x, width)[xs]
    picked, painted = rgb[ys][:, xs], cells[rows][:, columns]
    return float(oklab_distance(picked, painted).mean())
