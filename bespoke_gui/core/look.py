"""How to look at an image: native size, downsampler, merge; and reading its cells that way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bespoke_gui.core.downsample import DOWNSAMPLERS
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.imagefile import read_rgb
from bespoke_gui.core.pixels.grid import Grid, known_native
from bespoke_gui.core.pixels.merge import GENERATION_TAU, merge_palette, needs_merge
from bespoke_gui.core.pixels.native import needed, to_native
from bespoke_gui.core.pixels.palette import snap


@dataclass(frozen=True)
class Look:
    """native_size: cells along the longer side; merge: "auto", "on" or "off".

    palette: uint8 (n, 3), for a downsampler that locks colours; it also holds a native file to it.
    """

    native_size: int = 24
    downsampler: str = "median"
    merge: str = "auto"
    palette: np.ndarray | None = field(default=None, compare=False, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, without the palette."""
        names = ("native_size", "downsampler", "merge")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Cells:
    """One image at its native size, uint8 (rows, columns, 3).

    large and grid: the image it was read from, uint8 (height, width, 3); None when the file is
    native already.
    """

    cells: np.ndarray
    large: np.ndarray | None = None
    grid: Grid | None = None


def read_cells(path: Path, look: Look) -> Cells:
    """Read an image file at native size.

    Raises AppError when it is unreadable or too small, and (kind "usage") when its colours are to
    be locked and the look has no palette.
    """
    rgb = read_rgb(path)
    height, width = rgb.shape[:2]
    if max(width, height) < look.native_size:
        raise AppError(
            f"is {width}x{height}, smaller than {look.native_size} cells",
            file=path,
            hint="give the native size with --native, or the larger image",
        )
    grid = known_native(width, height, look.native_size)
    if (grid.columns, grid.rows) == (width, height):
        locks = DOWNSAMPLERS[look.downsampler].locks
        return Cells(snap(rgb, needed(look.palette, look.downsampler)) if locks else rgb)
    return Cells(to_native(rgb, grid, look.downsampler, look.palette), rgb, grid)


def merge_tau(cells: Iterable[np.ndarray], merge: str) -> float:
    """Return the OKLab distance to merge a whole gallery by, 0 for none.

    cells: uint8 (rows, columns, 3) each; merge: "off", "auto" or "on". Decided once for all
    images, so that merged ones never stand beside unmerged ones.
    """
    if merge == "off" or (merge == "auto" and not needs_merge(cells)):
        return 0.0
    return GENERATION_TAU


def merged(cells: np.ndarray, tau: float) -> np.ndarray:
    """Return uint8 (rows, columns, 3) with jitter merged; the same array when `tau` is 0."""
    return merge_palette(cells, tau) if tau > 0 else cells
