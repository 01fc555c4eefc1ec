"""Where a resized picture shows something else than its native cells: pixels, and heat a cell."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.pixels.sampling import owners
from bespoke_gui.core.prepared.judge import Resizing
from bespoke_gui.core.resize import RESIZERS


def changed_pixels(resizing: Resizing, written: np.ndarray) -> np.ndarray:
    """Return bool (height, width): pixels that are no native pixel's colour.

    Without a grid the plain nearest neighbour resize stands for the native pixels.
    """
    wanted = resizing.painted
    if wanted is None:
        size = (written.shape[1], written.shape[0])
        wanted = RESIZERS["nearest"].run(resizing.source.rgb, size, None)
    return (wanted != written).any(axis=-1)


def cell_heat(resizing: Resizing, changed: np.ndarray) -> np.ndarray | None:
    """Return float (height, width): the changed share, 0 to 1, of the cell that each pixel is in.

    None without a grid.
    """
    layout = resizing.layout
    if layout is None:
        return None
    grid, (height, width) = layout.grid(), changed.shape
    rows = owners(grid.rows, grid.cell_height, grid.offset_y, height)
    columns = owners(grid.columns, grid.cell_width, grid.offset_x, width)
    cells = rows[:, None] * grid.columns + columns[None, :]
    total = grid.rows * grid.columns
    counts = np.bincount(cells.ravel(), minlength=total)
    wrong = np.bincount(cells.ravel(), weights=changed.ravel(), minlength=total)
    return (wrong / np.maximum(1, counts))[cells]
