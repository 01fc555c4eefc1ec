"""Where the cells of a grid lie in a picture, and the pixels sampled from each cell."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.pixels.codes import pack
from bespoke_gui.core.pixels.gridtype import Grid

MOST_SAMPLES = 9
MOST_WHOLE = 16


def core_samples(rgb: np.ndarray, grid: Grid, most: int = MOST_SAMPLES) -> np.ndarray:
    """Return int32 (rows, columns, samples): colour codes from the central half of each cell.

    At most 9 x 9 a cell, an odd number each way, so that a median is one of them.
    """
    height, width = rgb.shape[:2]
    xs = _core_indices(grid.columns, grid.cell_width, grid.offset_x, width, most)
    ys = _core_indices(grid.rows, grid.cell_height, grid.offset_y, height, most)
    picked = np.take(pack(np.take(rgb, ys.ravel(), axis=0)), xs.ravel(), axis=1)
    shape = (grid.rows, ys.shape[1], grid.columns, xs.shape[1])
    return picked.reshape(shape).transpose(0, 2, 1, 3).reshape(grid.rows, grid.columns, -1)


def whole_samples(rgb: np.ndarray, grid: Grid, most: int = MOST_WHOLE) -> np.ndarray:
    """Return int32 (rows, columns, samples): colour codes from all over each cell.

    As many each way as the cell has pixels, at most 16 x 16, evenly apart.
    """
    height, width = rgb.shape[:2]
    across = int(np.clip(round(grid.cell_width), 1, most))
    down = int(np.clip(round(grid.cell_height), 1, most))
    parts_x, parts_y = ((np.arange(n) + 0.5) / n for n in (across, down))
    xs = _indices(grid.columns, grid.cell_width, grid.offset_x, width, parts_x)
    ys = _indices(grid.rows, grid.cell_height, grid.offset_y, height, parts_y)
    picked = np.take(pack(np.take(rgb, ys.ravel(), axis=0)), xs.ravel(), axis=1)
    shape = (grid.rows, down, grid.columns, across)
    return picked.reshape(shape).transpose(0, 2, 1, 3).reshape(grid.rows, grid.columns, -1)


def centre_pixels(rgb: np.ndarray, grid: Grid) -> np.ndarray:
    """Return uint8 (rows, columns, 3): the pixel in the middle of each cell."""
    height, width = rgb.shape[:2]
    xs = _indices(grid.columns, grid.cell_width, grid.offset_x, width, np.array([0.5]))
    ys = _indices(grid.rows, grid.cell_height, grid.offset_y, height, np.array([0.5]))
    return rgb[ys, xs.T]


def owners(count: int, size: float, offset: float, length: int, shift: float = 0.0) -> np.ndarray:
    """Return int64 (length,): the cell that each pixel's centre, moved by `shift` px, is in.

    count: cells; size, offset: of a cell and of the first one, in px.
    """
    cells = np.floor((np.arange(length) + 0.5 + shift - offset) / size).astype(int)
    return np.clip(cells, 0, count - 1)


def paint(cells: np.ndarray, grid: Grid, width: int, height: int) -> np.ndarray:
    """Return uint8 (height, width, 3): each pixel in the colour of its cell."""
    xs = owners(grid.columns, grid.cell_width, grid.offset_x, width)
    ys = owners(grid.rows, grid.cell_height, grid.offset_y, height)
    return np.take(cells[:, xs], ys, axis=0)


def extent(grid: Grid) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of all cells, in px; may reach outside the picture."""
    right = grid.offset_x + grid.columns * grid.cell_width
    bottom = grid.offset_y + grid.rows * grid.cell_height
    return grid.offset_x, grid.offset_y, right, bottom


def _core_indices(count: int, size: float, offset: float, length: int, most: int) -> np.ndarray:
    samples = int(np.clip(round(size / 2), 1, most))
    samples -= 1 - samples % 2
    parts = 0.25 + 0.5 * (np.arange(samples) + 0.5) / samples
    return _indices(count, size, offset, length, parts)


def _indices(count: int, size: float, offset: float, length: int, parts: np.ndarray) -> np.ndarray:
    """Return int (count, parts): pixel indices at fractions `parts` of each cell."""
    places = offset + (np.arange(count)[:, None] + parts[None, :]) * size
    return np.clip(np.floor(places), 0, length - 1).astype(int)
