"""The native image: one colour a cell, and which pixels of the picture do not agree with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bespoke_gui.core.downsample import DOWNSAMPLERS
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.pixels.codes import pack
from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.pixels.palette import snap
from bespoke_gui.core.pixels.sampling import owners, paint

DEFAULT_METHOD = "median"
# An artist's edit touches a few cells; a resampled or JPEG picture is off in a tenth or more.
DAMAGED_SHARE = 0.10
# Lines that fall on the middle of a pixel belong to either side: scalers round differently.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class OffGridCell:
    """A cell (column, row, counted from 0) with `pixels` that are not of its colour."""

    column: int
    row: int
    pixels: int


def to_native(
    rgb: np.ndarray,
    grid: Grid,
    method: str = DEFAULT_METHOD,
    palette: np.ndarray | None = None,
) -> np.ndarray:
    """Return uint8 (rows, columns, 3), one colour a cell, of uint8 (height, width, 3).

    palette: uint8 (n, 3), used by a method that locks colours. Raises AppError (kind "usage")
    when there is no such method, or it needs a palette and there is none.
    """
    downsampler = DOWNSAMPLERS[method]
    if not downsampler.locks:
        return downsampler.run(rgb, grid)
    return snap(downsampler.run(rgb, grid), needed(palette, method))


def needed(palette: np.ndarray | None, method: str) -> np.ndarray:
    """Return the palette, uint8 (n, 3); raises AppError (kind "usage") where there is none."""
    if palette is None or not len(palette):
        hint = "give a palette or a training set, or choose another downsampler"
        raise AppError(f"downsampler {method!r} needs a palette", hint=hint, kind="usage")
    return palette


def off_grid(
    rgb: np.ndarray, grid: Grid, cells: np.ndarray, slack: float | None = None
) -> list[OffGridCell]:
    """Return the cells in which pixels differ from the cell's colour, row by row.

    rgb: uint8 (height, width, 3); cells: uint8 (rows, columns, 3).

    slack: a pixel may also have the colour of the cell this many px further. By default none on
    a grid that fills the frame and 1 on a measured one, whose lines are not exact to the pixel.
    """
    height, width = rgb.shape[:2]
    return cells_of(*off_grid_pixels(rgb, grid, cells, slack), grid, (width, height))


def cells_of(
    ys: np.ndarray, xs: np.ndarray, grid: Grid, size: tuple[int, int]
) -> list[OffGridCell]:
    """Return the cells that pixels at rows `ys`, columns `xs` lie in, row by row.

    ys, xs: int (n,); size: width and height of the picture.
    """
    rows = owners(grid.rows, grid.cell_height, grid.offset_y, size[1])[ys]
    columns = owners(grid.columns, grid.cell_width, grid.offset_x, size[0])[xs]
    found, counts = np.unique(rows * grid.columns + columns, return_counts=True)
    return [
        OffGridCell(int(cell % grid.columns), int(cell // grid.columns), int(count))
        for cell, count in zip(found, counts, strict=True)
    ]


def off_grid_pixels(
    rgb: np.ndarray, grid: Grid, cells: np.ndarray, slack: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return int64 (n,) twice: row and column of each pixel that `off_grid` counts."""
    height, width = rgb.shape[:2]
    if np.array_equal(rgb, paint(cells, grid, width, height)):
        return np.empty(0, int), np.empty(0, int)
    if slack is None:
        slack = _ROUNDING if fills_frame(grid, width, height) else 1.0
    return _wrong_pixels(pack(rgb), grid, pack(cells), slack)


def fills_frame(grid: Grid, width: int, height: int) -> bool:
    """Say whether the cells fill the frame exactly, so that their lines are known."""
    return (
        grid.offset_x == 0
        and grid.offset_y == 0
        and abs(grid.columns * grid.cell_width - width) < 1e-6
        and abs(grid.rows * grid.cell_height - height) < 1e-6
    )


def _wrong_pixels(
    codes: np.ndarray, grid: Grid, cells: np.ndarray, slack: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column indices of the pixels that no cell within `slack` explains."""
    height, width = codes.shape
    shifts = (0, -slack, slack)
    ys = [owners(grid.rows, grid.cell_height, grid.offset_y, height, s) for s in shifts]
    xs = [owners(grid.columns, grid.cell_width, grid.offset_x, width, s) for s in shifts]
    wrong = codes != cells[ys[0][:, None], xs[0]]
    for y in ys:
        for x in xs:
            # Beyond their own cell only pixels beside a line have another near.
            rows, columns = _moved(y, ys[0]), _moved(x, xs[0])
            block = np.ix_(rows, columns)
            wrong[block] &= codes[block] != cells[y[rows][:, None], x[columns]]
    rows, columns = np.nonzero(wrong)
    return rows, columns


def _moved(near: np.ndarray, own: np.ndarray) -> np.ndarray:
    return np.arange(len(own)) if near is own else np.flatnonzero(near != own)
