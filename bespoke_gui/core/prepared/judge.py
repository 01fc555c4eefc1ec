"""Resizing one image and judging the result: is every native pixel still there?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image, ImageChops

from bespoke_gui.core.pixels.colours import unique_colours
from bespoke_gui.core.pixels.grid import Grid, detect, known_native
from bespoke_gui.core.pixels.native import (
    DAMAGED_SHARE,
    OffGridCell,
    cells_of,
    fills_frame,
    off_grid,
    off_grid_pixels,
    to_native,
)
from bespoke_gui.core.pixels.sampling import paint
from bespoke_gui.core.prepared import words
from bespoke_gui.core.prepared.layout import Layout, plan, target_size
from bespoke_gui.core.prepared.off_grid import ASK, keep_strays
from bespoke_gui.core.prepared.records import Settings
from bespoke_gui.core.resize import RESIZERS


@dataclass(frozen=True)
class Source:
    """A picture (RGB) and its grid as found.

    grid, cells: None where the grid is not sure or its cells do not fit into the size asked for.
    strays: row and column of the pixels that are not of their cell's colour.
    """

    picture: Image.Image
    found: Grid
    grid: Grid | None
    cells: np.ndarray | None
    strays: tuple[np.ndarray, np.ndarray]

    @cached_property
    def rgb(self) -> np.ndarray:
        """The picture as uint8 (height, width, 3)."""
        return np.asarray(self.picture)

    @cached_property
    def stray_cells(self) -> list[OffGridCell]:
        """The cells with pixels of another colour, row by row."""
        if self.grid is None or not len(self.strays[0]):
            return []
        return cells_of(*self.strays, self.grid, self.picture.size)

    @cached_property
    def native_colours(self) -> int:
        """How many colours the native cells hold, 0 without a grid."""
        return 0 if self.cells is None else unique_colours(self.cells)

    @cached_property
    def colours(self) -> int:
        """How many colours the picture holds."""
        plain = self.grid is not None and not len(self.strays[0])
        if self.grid is not None and plain and fills_frame(self.grid, *self.picture.size):
            return self.native_colours
        return unique_colours(self.rgb)

    @property
    def damaged(self) -> bool:
        """Whether so many cells hold foreign pixels that no artist drew them."""
        cells = self.cells
        return cells is not None and len(self.stray_cells) > DAMAGED_SHARE * cells[..., 0].size

    @property
    def asks(self) -> bool:
        """Whether a person has to say what becomes of pixels off the grid."""
        return bool(self.stray_cells) and not self.damaged


@dataclass(frozen=True)
class Verdict:
    """What a written picture holds. native_exact: exactly the native pixels, all of them.

    cells_damaged: cells of the result that do not show what the artist drew, of `cells` in all.
    """

    colours_before: int
    colours_after: int
    native_exact: bool
    cells: int
    cells_damaged: int
    note: str


def read_source(picture: Image.Image, settings: Settings) -> Source:
    """Find or take the grid of an RGB picture and read its cells."""
    if settings.native == "auto":
        found = detect(np.asarray(picture))
    else:
        found = known_native(*picture.size, settings.native)
    none = np.empty(0, int), np.empty(0, int)
    if found.verdict != "pixel_art" or max(found.columns, found.rows) > settings.size:
        return Source(picture, found, None, None, none)
    cells = _exact_cells(picture, found)
    if cells is not None:
        return Source(picture, found, found, cells, none)
    rgb = np.asarray(picture)
    cells = to_native(rgb, found)
    return Source(picture, found, found, cells, off_grid_pixels(rgb, found, cells))


class Resizing:
    """One picture on its way to the size asked for. Raises AppError where cells find no room.

    action: what becomes of pixels off the grid, for methods that know of one; "ask" flattens.
    layout: where the native cells lie in the result; painted: they as blocks there. Both are
    None without a grid.
    """

    def __init__(self, source: Source, settings: Settings, action: str = ASK) -> None:
        self.source = source
        self.settings = settings
        self.action = action
        self.layout: Layout | None = None
        self.painted: np.ndarray | None = None
        if source.grid is not None and source.cells is not None:
            fit = settings.fit if settings.method == "pixel" else "uneven"
            grid = source.grid
            self.layout = plan(grid.columns, grid.rows, settings.size, fit)
            self.painted = self.layout.paint(source.cells)

    def run(self) -> np.ndarray:
        """Return uint8 (height, width, 3) by the method asked for."""
        source, method = self.source, self.settings.method
        if method != "pixel" or self.layout is None or self.painted is None:
            # Without a grid the pixels stay what they are.
            method = "nearest" if method == "pixel" else method
            return RESIZERS[method].run(self._base(), self._size(), source.grid)
        if self.action == "keep" and source.asks and source.grid is not None:
            return keep_strays(self.painted, self.layout, source.rgb, source.grid, source.strays)
        return self.painted

    def judge(self, written: np.ndarray) -> Verdict:
        """Compare a resized picture, uint8 (height, width, 3), with the cells of its source."""
        source, cells, layout = self.source, self.source.cells, self.layout
        if cells is None or layout is None or self.painted is None:
            note = words.no_grid(source.found, self.settings)
            return Verdict(source.colours, unique_colours(written), False, 0, 0, note)
        if written is self.painted or np.array_equal(written, self.painted):
            foreign, after = set(), source.native_colours
        else:
            foreign, after = _foreign(cells, written, layout), unique_colours(written)
        drawn = {(cell.column, cell.row) for cell in source.stray_cells}
        kept = self.action == "keep" and source.asks
        damaged = foreign - drawn if kept else foreign | (set() if source.damaged else drawn)
        parts = (
            words.strays(source, self.action, self.settings) if drawn else "",
            words.written(source, after, layout, self.settings),
        )
        note = "; ".join(part for part in parts if part)
        exact = not drawn and not foreign
        return Verdict(source.colours, after, exact, cells[..., 0].size, len(damaged), note)

    def _base(self) -> np.ndarray:
        """Return what filters start from: the picture, or its flattened cells if that was asked."""
        source, cells, grid = self.source, self.source.cells, self.source.grid
        if self.action != "flatten" or cells is None or grid is None or not source.asks:
            return source.rgb
        return paint(cells, grid, *source.picture.size)

    def _size(self) -> tuple[int, int]:
        grid = self.source.grid
        shape = (grid.columns, grid.rows) if grid is not None else self.source.picture.size
        return target_size(*shape, self.settings.size)


def _exact_cells(picture: Image.Image, grid: Grid) -> np.ndarray | None:
    """Return the cells of a picture that is nothing but enlarged cells; None for any other.

    Pillow compares ten times faster than the general way, and most pictures are exact.
    """
    if not fills_frame(grid, *picture.size) or min(grid.cell_width, grid.cell_height) < 1:
        return None
    nearest = Image.Resampling.NEAREST
    cells = picture.resize((grid.columns, grid.rows), nearest)
    if ImageChops.difference(picture, cells.resize(picture.size, nearest)).getbbox() is not None:
        return None
    return np.asarray(cells)


def _foreign(cells: np.ndarray, written: np.ndarray, layout: Layout) -> set[tuple[int, int]]:
    """Return (column, row) of the cells of `written` that are not one block of their colour."""
    grid = layout.grid()
    # A plain nearest resize may put a line one pixel off without losing a cell.
    found = {(cell.column, cell.row) for cell in off_grid(written, grid, cells, slack=1.0)}
    other = (to_native(written, grid) != cells).any(axis=-1)
    return found | {(int(column), int(row)) for row, column in zip(*np.nonzero(other), strict=True)}
