"""The native grid of an upscaled picture: cell size (also 21.33), offset, and how sure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bespoke_gui.core.downsample.median import run as to_median
from bespoke_gui.core.pixels.codes import pack
from bespoke_gui.core.pixels.confirm import (
    cells_explain,
    finer_cells_show,
    looks_drawn,
    strong_steps,
)
from bespoke_gui.core.pixels.edges import edge_profiles
from bespoke_gui.core.pixels.gridtype import Grid, full_frame, known_native
from bespoke_gui.core.pixels.lines import edge_places, is_sharp, sharp_lines
from bespoke_gui.core.pixels.period import Period, find_period, phase_of

ACCEPT = 0.7
REFUSE = 0.4
NATIVE_SIDE = 32
DRAWN_SIDE = 128
"""Without a coarser grid, a picture of up to 32 px a side is its own native image, one of up to
128 when its steps are those of drawn pixels."""

__all__ = ["Grid", "detect", "full_frame", "known_native"]

_JOIN_DIFFERENCE = 0.04
_JOIN_BELOW = 0.8
# Cells wider than high exist (old screens, two to one); boards with rows of JPEG blocks do too.
_LONGEST_CELL = 3.0


def detect(rgb: np.ndarray) -> Grid:
    """Find the grid of uint8 (height, width, 3).

    Edge strength per pixel boundary and axis, then the mean resultant length (Rayleigh) of the
    boundaries wrapped around every period from 4 px (2 px in small pictures) up; the largest
    period that explains the edges nearly as well as the best one wins. It is believed when
    chance does not explain it and its cells really are of one colour each.
    """
    height, width = rgb.shape[:2]
    sharp = _sharp(rgb)
    if sharp is not None:
        return sharp
    across, down = edge_profiles(rgb)
    if not across.any() and not down.any():
        return _own_cells(width, height, 0.0, "unsure")
    x, y = _join(across, down, find_period(across), find_period(down))
    if not (x.sure and y.sure and min(x.score, y.score) >= ACCEPT):
        small = _native_already(rgb)
        if small is not None:
            return small
    if not x.length or not y.length:
        return _own_cells(width, height, 0.0, "unsure" if _few_edges(x, y) else "not_pixel_art")
    return _grid(rgb, x, y)


def _sharp(rgb: np.ndarray) -> Grid | None:
    """Return the grid that explains every edge, or None where edges are wide or off any grid."""
    height, width = rgb.shape[:2]
    codes = pack(rgb)
    xs, ys = edge_places(codes), edge_places(codes.T)
    if not (is_sharp(xs) and is_sharp(ys)):
        return None
    found = sharp_lines(xs, width, ys, height)
    if found is None:
        return None
    x, y, sure = found
    columns, offset_x = _count(width, x.period, x.offset)
    rows, offset_y = _count(height, y.period, y.offset)
    grid = Grid(columns, rows, x.period, y.period, offset_x, offset_y, 1.0, "unsure")
    return (
        replace(grid, verdict="pixel_art") if sure and strong_steps(to_median(rgb, grid)) else grid
    )


def _grid(rgb: np.ndarray, x: Period, y: Period) -> Grid:
    height, width = rgb.shape[:2]
    columns, cell_width, offset_x = _cells(width, x)
    rows, cell_height, offset_y = _cells(height, y)
    score = round(float(min(x.score, y.score)), 4)
    grid = Grid(columns, rows, cell_width, cell_height, offset_x, offset_y, score, "")
    long = max(cell_width, cell_height) > _LONGEST_CELL * min(cell_width, cell_height)
    verdict = _verdict(score, x.sure and y.sure and not long)
    if verdict == "pixel_art" and not _confirmed(rgb, grid):
        verdict = "unsure"
    return replace(grid, verdict=verdict)


def _confirmed(rgb: np.ndarray, grid: Grid) -> bool:
    cells = to_median(rgb, grid)
    return cells_explain(rgb, grid, cells) and not finer_cells_show(rgb, grid, cells)


def _verdict(score: float, sure: bool) -> str:
    if score < REFUSE:
        return "not_pixel_art"
    return "pixel_art" if score >= ACCEPT and sure else "unsure"


def _cells(length: int, period: Period) -> tuple[int, float, float]:
    """Return count, size and offset of the cells whose centre lies inside the picture."""
    count = round(length / period.length)
    drift = abs(length / period.length - count) * period.length
    if count and drift < _slack(period) and abs(period.offset) < _slack(period):
        return count, length / count, 0.0
    count, first = _count(length, period.length, period.offset)
    return count, float(period.length), first


def _count(length: int, size: float, offset: float) -> tuple[int, float]:
    """Return how many cells have their centre inside the picture, and where the first begins."""
    first = offset - size * np.floor(offset / size + 0.5)
    count = int(np.floor((length - first) / size - 0.5 - 1e-9)) + 1
    return max(1, count), float(first)


def _slack(period: Period) -> float:
    """Return how far, in px, a grid may miss the frame and still be meant to fill it."""
    return max(0.6, 0.12 * period.length)


def _join(across: np.ndarray, down: np.ndarray, x: Period, y: Period) -> tuple[Period, Period]:
    """Give a weak axis the period of the strong one; two strong ones keep their own."""
    strong, weak = (x, y) if x.rank >= y.rank else (y, x)
    if not strong.length or not _should_join(strong, weak):
        return x, y
    profile = down if weak is y else across
    if strong.length > len(profile) + 1:
        return x, y
    joined = phase_of(profile, strong.length)
    return (strong, joined) if weak is y else (joined, strong)


def _should_join(strong: Period, weak: Period) -> bool:
    if not weak.length:
        return True
    differ = abs(strong.length - weak.length) / strong.length > _JOIN_DIFFERENCE
    return differ and (weak.score < _JOIN_BELOW or not weak.sure)


def _few_edges(x: Period, y: Period) -> bool:
    return not (x.enough and y.enough)


def _native_already(rgb: np.ndarray) -> Grid | None:
    """Return cells of one pixel for a picture so small that its pixels are its cells."""
    height, width = rgb.shape[:2]
    longer = max(height, width)
    if longer > DRAWN_SIDE or (longer > NATIVE_SIDE and not looks_drawn(rgb)):
        return None
    return _own_cells(width, height, 1.0, "pixel_art")


def _own_cells(width: int, height: int, score: float, verdict: str) -> Grid:
    return replace(full_frame(width, height, width, height), score=score, verdict=verdict)
