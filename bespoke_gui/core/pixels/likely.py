"""The native image where its native size is likely known: that size first, else a search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bespoke_gui.core.pixels.grid import detect, known_native
from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.pixels.native import OffGridCell, off_grid, to_native

# A picture that more of its pixels contradict is not on the likely grid: look for its own.
MOST_OFF = 0.02
_FEWEST_LINES = 4


@dataclass(frozen=True)
class Likely:
    """cells: uint8 (rows, columns, 3), None without a sure grid; strays: cells off the grid.

    grid: the grid of the cells, or what the search found when it was not sure.
    """

    cells: np.ndarray | None
    grid: Grid
    strays: tuple[OffGridCell, ...] = ()

    @property
    def off_pixels(self) -> int:
        """How many pixels are not of their cell's colour."""
        return sum(cell.pixels for cell in self.strays)


def likely_native(rgb: np.ndarray, native: int = 0) -> Likely:
    """Return the native image of uint8 (height, width, 3).

    native: cells along the longer side, as most images of the set have them; 0 when not known.
    A picture that fits them takes a tenth of the time that the search takes. One whose cells
    stand in equal blocks (drawn at half the size) is searched as well.
    """
    found = _fitting(rgb, native)
    if found is not None and _block(found.cells) == 1:
        return found
    grid = detect(rgb)
    if grid.verdict == "pixel_art":
        return _on(rgb, grid)
    return found or Likely(None, grid)


def _fitting(rgb: np.ndarray, native: int) -> Likely | None:
    height, width = rgb.shape[:2]
    if not 0 < native <= max(width, height):
        return None
    found = _on(rgb, known_native(width, height, native))
    return found if found.off_pixels <= MOST_OFF * width * height else None


def _on(rgb: np.ndarray, grid: Grid) -> Likely:
    cells = to_native(rgb, grid)
    return Likely(cells, grid, tuple(off_grid(rgb, grid, cells)))


def _block(cells: np.ndarray | None) -> int:
    """Return of how many cells a side the equal blocks are that cells (rows, columns, 3) form."""
    if cells is None:
        return 1
    changes = [
        np.flatnonzero((np.diff(cells.astype(np.int16), axis=axis) != 0).any(axis=(1 - axis, 2)))
        for axis in (0, 1)
    ]
    if min(map(len, changes)) < _FEWEST_LINES:
        return 1
    lines = np.concatenate([*(places + 1 for places in changes), cells.shape[:2]])
    return int(np.gcd.reduce(lines))
