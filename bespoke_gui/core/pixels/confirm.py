"""Second opinion on a grid: are its cells of one colour each, and drawn rather than shaded?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bespoke_gui.core.downsample.median import run as cell_medians
from bespoke_gui.core.pixels.codes import pack
from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.pixels.oklab import length, oklab_distance, srgb_to_oklab
from bespoke_gui.core.pixels.sampling import core_samples, owners

# Measured on portraits, sprites and generations under 17 kinds of damage (score 0.7 or more), and
# on 77 wallpapers, photographs and graphics, at 6 sizes, as they are and as JPEG of quality 10 to
# 75. The mean distance of pixels to their cell, to that with cells moved by half: art at most 0.6,
# with strong noise 0.75, but then few pixels are further off than noise explains.
_MOST_ERROR = 0.6
_MOST_ERROR_NOISY = 0.75
_MOST_OFF = 0.33
# Strong ones among the noticeable steps between cells: art 0.33 or more; JPEG blocks of a
# gradient at most 0.1, a printed pattern 0.2.
_NOTICEABLE = 0.05
_STRONG = 0.15
_FEWEST_STRONG = 0.3
_STRONG_STEP = 0.12
_CORE = 0.25
_MOST_COLOURS = 128
_OFF = 0.05
_SAMPLES = 100
# Cells with a part that is off them by so much: three, or one. Portraits under ten kinds of
# damage and generations have at most 2 and 0.
_OWN_COLOUR = (0.12, 0.2)
_MANY_CELLS = 3
_PART_SAMPLES = 5
_FINEST = 3.0


def cells_explain(rgb: np.ndarray, grid: Grid, cells: np.ndarray) -> bool:
    """Say whether cells of `grid` describe uint8 (height, width, 3) far better than chance.

    Compared with the same grid moved by half a cell: by the mean distance of pixels to their
    cell and, under noise, by how many are further off in the middle of cells. And many steps
    between cells must be strong: blocks of a JPEG gradient are even inside too, but alike.
    """
    if not _drawn_steps(cells):
        return False
    moved = replace(
        grid,
        offset_x=grid.offset_x + grid.cell_width / 2,
        offset_y=grid.offset_y + grid.cell_height / 2,
    )
    moved_cells = cell_medians(rgb, moved)
    chance = max(_distances(rgb, moved, moved_cells).mean(), 1e-9)
    error = _distances(rgb, grid, cells).mean() / chance
    if error <= _MOST_ERROR or error > _MOST_ERROR_NOISY:
        return bool(error <= _MOST_ERROR)
    core = _distances(rgb, grid, cells, _middles)
    off = max(_OFF, 3 * float(np.median(core)))
    moved_core = _distances(rgb, moved, moved_cells, _middles)
    return bool((core > off).mean() <= _MOST_OFF * (moved_core > off).mean())


def finer_cells_show(rgb: np.ndarray, grid: Grid, cells: np.ndarray) -> bool:
    """Say whether halves, thirds or quarters of cells have colours of their own.

    rgb: uint8 (height, width, 3); cells: those of `grid`, uint8 (rows, columns, 3).

    Then the grid is a multiple of the true one, as regular patterns and broad brushes suggest.
    What blur explains does not count: a colour up to half way to that of the cell beside it.
    """
    own = np.zeros(2, dtype=int)
    for times in (2, 3, 4):
        finer = replace(
            grid,
            columns=grid.columns * times,
            rows=grid.rows * times,
            cell_width=grid.cell_width / times,
            cell_height=grid.cell_height / times,
        )
        if min(finer.cell_width, finer.cell_height) >= _FINEST:
            apart = _unexplained(_means(rgb, finer, _PART_SAMPLES), cells, times)
            own = np.maximum(own, [(apart > limit).sum() for limit in _OWN_COLOUR])
    return bool(own[0] >= _MANY_CELLS or own[1] >= 1)


def _means(rgb: np.ndarray, grid: Grid, most: int) -> np.ndarray:
    """Return uint8 (rows, columns, 3): means of `most` x `most` samples of each cell."""
    codes = core_samples(rgb, grid, most)
    sums = [((codes >> shift) & 255).sum(axis=2) for shift in (16, 8, 0)]
    return np.round(np.stack(sums, axis=-1) / codes.shape[2]).astype(np.uint8)


def _unexplained(parts: np.ndarray, cells: np.ndarray, times: int) -> np.ndarray:
    """Return (rows, columns): how far a part is from all between its cell and half way to the next.

    OKLab, the part of each cell that is furthest.
    """
    lab = srgb_to_oklab(cells)
    padded = np.pad(lab, ((1, 1), (1, 1), (0, 0)), mode="edge")
    besides = (padded[1:-1, :-2], padded[1:-1, 2:], padded[:-2, 1:-1], padded[2:, 1:-1])
    rows, columns = cells.shape[:2]
    rest = srgb_to_oklab(parts).reshape(rows, times, columns, times, 3) - lab[:, None, :, None]
    ways = [(beside - lab)[:, None, :, None] for beside in besides]
    return np.minimum.reduce([_off_segment(rest, way) for way in ways]).max(axis=(1, 3))


def _off_segment(rest: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Return (...): the distance of `rest` to the first half of `way`, both (..., 3)."""
    square = np.maximum((way * way).sum(axis=-1), 1e-9)
    share = np.clip((rest * way).sum(axis=-1) / square, 0, 0.5)
    return length(rest - share[..., None] * way)


def strong_steps(cells: np.ndarray) -> bool:
    """Say whether cells, uint8 (rows, columns, 3), differ as colours an artist chose do.

    The steps of a gradient's bands are smaller.
    """
    steps = _neighbour_steps(cells)
    return bool(np.quantile(steps[steps > 0], 0.95) >= _STRONG_STEP) if steps.any() else False


def looks_drawn(rgb: np.ndarray) -> bool:
    """Say whether a picture, uint8 (height, width, 3), has the steps of drawn pixels.

    They are none or strong, with few between.

    Of the noticeable steps between neighbours (OKLab over 0.02) at least 0.4 exceed 0.15, or
    four in ten neighbours are equal. And the colours are few: a photograph has nearly as many as
    pixels, and of line art the smoothed edges alone make hundreds.
    """
    steps = _neighbour_steps(rgb)
    strong, some = (steps > 0.15).mean(), ((steps >= 0.02) & (steps < 0.08)).mean()
    if strong < 0.03 or len(np.unique(pack(rgb))) > _MOST_COLOURS:
        return False
    return bool((steps == 0).mean() >= 0.4 or strong / (strong + some) >= 0.4)


def _neighbour_steps(rgb: np.ndarray) -> np.ndarray:
    lab = srgb_to_oklab(rgb)
    across, down = length(np.diff(lab, axis=1)), length(np.diff(lab, axis=0))
    return np.concatenate([across.ravel(), down.ravel()])


def _drawn_steps(cells: np.ndarray) -> bool:
    steps = _neighbour_steps(cells)
    noticeable = steps[steps > _NOTICEABLE]
    return bool(len(noticeable) and (noticeable > _STRONG).mean() >= _FEWEST_STRONG)


def _everywhere(cells: np.ndarray, size: float, offset: float) -> np.ndarray:
    return np.arange(len(cells))


def _distances(
    rgb: np.ndarray, grid: Grid, cells: np.ndarray, where: Callable = _everywhere
) -> np.ndarray:
    """Return OKLab distances of some 100 x 100 pixels to their cells."""
    height, width = rgb.shape[:2]
    rows = owners(grid.rows, grid.cell_height, grid.offset_y, height)
    columns = owners(grid.columns, grid.cell_width, grid.offset_x, width)
    ys = _thinned(where(rows, grid.cell_height, grid.offset_y))
    xs = _thinned(where(columns, grid.cell_width, grid.offset_x))
    return oklab_distance(rgb[ys][:, xs], cells[rows[ys]][:, columns[xs]])


def _middles(cells: np.ndarray, size: float, offset: float) -> np.ndarray:
    """Return the pixels in the middle half of their cell, along one axis."""
    place = (np.arange(len(cells)) + 0.5 - offset) / size - cells
    return np.flatnonzero(np.abs(place - 0.5) <= _CORE)


def _thinned(places: np.ndarray) -> np.ndarray:
    return places[:: max(1, -(-len(places) // _SAMPLES))]
