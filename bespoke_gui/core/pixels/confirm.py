"""Second opinion on a grid: are its cells of one colour each, and drawn rather than shaded?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bespoke_gui.core.downsample.median import cell_medians
from bespoke_gui.core.pixels.codes import pack
from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.pixels.oklab import length, oklab_distance, srgb_to_oklab
from bespoke_gui.core.pixels.sampling import owners

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
_SAMPLES = 160
# Parts of a cell that are off their cell by so much: three, or one. Portraits under ten kinds of
# damage and generations: at most 2 and 0.
_OWN_COLOUR = (0.12, 0.2)
_MANY_PARTS = 3
_PART_SAMPLES = 5
_FINEST = 3.0


def cells_explain(rgb: np.ndarray, grid: Grid) -> bool:
    """Say whether cells of `grid` describe uint8 (height, width, 3) far better than chance.

    Compared with the same grid moved by half a cell, by the pixels off their cell's colour in
    the middle of cells and by the mean distance over all. And many steps between cells must be
    strong: blocks of a JPEG gradient are even inside as well, but differ by next to nothing.
    """
    cells = cell_medians(rgb, grid)
    if not _drawn_steps(cells):
        return False
    moved = replace(
        grid,
        offset_x=grid.offset_x + grid.cell_width / 2,
        offset_y=grid.offset_y + grid.cell_height / 2,
    )
    core, error = _distances(rgb, grid, cells)
    moved_core, moved_error = _distances(rgb, moved, cell_medians(rgb, moved))
    off = max(_OFF, 3 * float(np.median(core)))
    few = (core > off).mean() <= _MOST_OFF * (moved_core > off).mean()
    most = _MOST_ERROR_NOISY if few else _MOST_ERROR
    return bool(error.mean() <= most * moved_error.mean())


def finer_cells_show(rgb: np.ndarray, grid: Grid) -> bool:
    """Say whether halves, thirds or quarters of cells have colours of their own.

    Then the grid is a multiple of the true one, as regular patterns and broad brushes suggest.
    What blur explains does not count: a colour up to half way to that of the cell beside it.
    """
    cells = cell_medians(rgb, grid)
    own = np.zeros(2, dtype=int)
    for times in (2, 3, 4):
        for turned in (False, True):
            finer = _finer(grid, times, turned)
            if min(finer.cell_width, finer.cell_height) >= _FINEST:
                parts = cell_medians(rgb, finer, _PART_SAMPLES)
                apart = _unexplained(parts, cells, times, turned)
                own = np.maximum(own, [(apart > limit).sum() for limit in _OWN_COLOUR])
    return bool(own[0] >= _MANY_PARTS or own[1] >= 1)


def _finer(grid: Grid, times: int, turned: bool) -> Grid:
    if turned:
        return replace(grid, rows=grid.rows * times, cell_height=grid.cell_height / times)
    return replace(grid, columns=grid.columns * times, cell_width=grid.cell_width / times)


def _unexplained(parts: np.ndarray, cells: np.ndarray, times: int, turned: bool) -> np.ndarray:
    """Return how far (OKLab) parts are from anything between their cell and half its neighbour."""
    if turned:
        parts, cells = parts.transpose(1, 0, 2), cells.transpose(1, 0, 2)
    lab, part = srgb_to_oklab(cells), srgb_to_oklab(parts)
    padded = np.concatenate([lab[:, :1], lab, lab[:, -1:]], axis=1)
    rest = part - lab.repeat(times, axis=1)
    return np.minimum(
        _off_segment(rest, (padded[:, :-2] - lab).repeat(times, axis=1)),
        _off_segment(rest, (padded[:, 2:] - lab).repeat(times, axis=1)),
    )


def _off_segment(rest: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Return (...): the distance of `rest` to the first half of `way`, both (..., 3)."""
    square = np.maximum((way * way).sum(axis=-1), 1e-9)
    share = np.clip((rest * way).sum(axis=-1) / square, 0, 0.5)
    return length(rest - share[..., None] * way)


def strong_steps(rgb: np.ndarray, grid: Grid) -> bool:
    """Say whether cells differ as colours that an artist chose do, not as bands of a gradient."""
    steps = _neighbour_steps(cell_medians(rgb, grid))
    return bool(np.quantile(steps[steps > 0], 0.95) >= _STRONG_STEP) if steps.any() else False


def looks_drawn(rgb: np.ndarray) -> bool:
    """Say whether a small picture has the steps of drawn pixels: none or strong, few between.

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


def _distances(rgb: np.ndarray, grid: Grid, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return OKLab distances to cells of some 160 x 160 pixels: in their middles, and of all."""
    height, width = rgb.shape[:2]
    rows = owners(grid.rows, grid.cell_height, grid.offset_y, height)
    columns = owners(grid.columns, grid.cell_width, grid.offset_x, width)
    middle_y = _middles(rows, grid.cell_height, grid.offset_y)
    middle_x = _middles(columns, grid.cell_width, grid.offset_x)

    def distance(ys: np.ndarray, xs: np.ndarray) -> np.ndarray:
        ys, xs = _thinned(ys), _thinned(xs)
        return oklab_distance(rgb[ys][:, xs], cells[rows[ys]][:, columns[xs]])

    return distance(middle_y, middle_x), distance(np.arange(height), np.arange(width))


def _middles(cells: np.ndarray, size: float, offset: float) -> np.ndarray:
    """Return the pixels in the middle half of their cell, along one axis."""
    place = (np.arange(len(cells)) + 0.5 - offset) / size - cells
    return np.flatnonzero(np.abs(place - 0.5) <= _CORE)


def _thinned(places: np.ndarray) -> np.ndarray:
    return places[:: max(1, len(places) // _SAMPLES)]
