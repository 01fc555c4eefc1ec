"""How native cells are laid out in a picture of another size: even, uneven, or padded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.pixels.gridtype import Grid, full_frame
from bespoke_gui.core.resize.pixel import block_sizes, enlarge


@dataclass(frozen=True)
class Layout:
    """Where `columns` x `rows` cells lie in a picture of `width` x `height` px.

    cell: px of a cell, 0 where cells are uneven; left, top: px of padding before the first one.
    """

    columns: int
    rows: int
    width: int
    height: int
    cell: int = 0
    left: int = 0
    top: int = 0

    @property
    def padded(self) -> bool:
        """Whether pixels stand round the cells that belong to none."""
        filled = self.columns * self.cell, self.rows * self.cell
        return bool(self.cell) and filled != (self.width, self.height)

    def grid(self) -> Grid:
        """Return where the cells lie, as a known grid."""
        if not self.cell:
            return full_frame(self.width, self.height, self.columns, self.rows)
        size = float(self.cell)
        return Grid(self.columns, self.rows, size, size, self.left, self.top, 1.0, "pixel_art")

    def widths(self) -> list[int]:
        """Return the different sizes, in px, that cells get; one when they are even."""
        if self.cell:
            return [self.cell]
        across, down = block_sizes(self.columns, self.width), block_sizes(self.rows, self.height)
        return sorted({*across, *down})

    def paint(self, cells: np.ndarray) -> np.ndarray:
        """Return uint8 (height, width, 3): cells (rows, columns, 3) as blocks, edges repeated."""
        if not self.cell:
            return enlarge(cells, (self.width, self.height))
        inner = cells.repeat(self.cell, 1).repeat(self.cell, 0)
        below = self.height - self.top - len(inner)
        right = self.width - self.left - inner.shape[1]
        if not (below or right or self.left or self.top):
            return inner
        return np.pad(inner, ((self.top, below), (self.left, right), (0, 0)), mode="edge")


def plan(columns: int, rows: int, size: int, fit: str = "ask") -> Layout:
    """Return how `columns` x `rows` cells fill a picture whose longer side is `size` px.

    Where `size` is a multiple of the cells, every cell is one whole block. Else `fit` says what
    becomes of the rest: "uneven" ("ask" stands for it): cells of two widths; "pad-cells": edge
    cells repeated until a whole factor fits (24 -> 32 cells of 8 px at 256); "pad-pixels": the
    largest whole factor, its rest filled with the edge. Raises AppError where no factor fits.
    """
    longer = max(columns, rows)
    width, height = target_size(columns, rows, size)
    if fit in ("ask", "uneven") or size % longer == 0:
        even = width % columns == 0 and height % rows == 0 and width // columns == height // rows
        return Layout(columns, rows, width, height, width // columns if even else 0)
    cell = _factor(longer, size) if fit == "pad-cells" else size // longer
    left, top = _before(columns, width, cell, fit), _before(rows, height, cell, fit)
    return Layout(columns, rows, width, max(height, rows * cell), cell, left, top)


def target_size(width: int, height: int, size: int) -> tuple[int, int]:
    """Return width and height in the proportion given, the longer side `size`."""
    longer = max(width, height)
    return max(1, round(width * size / longer)), max(1, round(height * size / longer))


def _factor(longer: int, size: int) -> int:
    """Return the largest cell, in px, that divides `size` and leaves room for all cells."""
    found = next((cell for cell in range(size // longer, 1, -1) if size % cell == 0), 0)
    if not found:
        raise AppError(
            f"no whole factor of {size} px leaves room for {longer} cells",
            hint="choose another size, or --fit uneven",
        )
    return found


def _before(cells: int, length: int, cell: int, fit: str) -> int:
    """Return the padding before the first of `cells`; whole cells of it for "pad-cells"."""
    room = max(0, length - cells * cell)
    return room // cell // 2 * cell if fit == "pad-cells" else room // 2
