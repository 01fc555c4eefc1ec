"""Resize method `pixel`: down to the native cells, then each cell a block of the new picture."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.pixels.gridtype import Grid, full_frame
from bespoke_gui.core.pixels.native import to_native
from bespoke_gui.core.pixels.sampling import owners, paint
from bespoke_gui.core.resize import register

HINT = "Recovers the native image and enlarges it by whole pixels: no new colours."


@register("pixel", "Pixel-true", HINT, pixel_true=True)
def run(image: np.ndarray, size: tuple[int, int], grid: Grid | None = None) -> np.ndarray:
    """Return uint8 (height, width, 3 or 4); without a grid each pixel is its own cell.

    With transparency the alpha channel is sampled at the same cells.
    """
    if grid is None:
        grid = full_frame(image.shape[1], image.shape[0], image.shape[1], image.shape[0])
    cells = to_native(image[..., :3], grid)
    if image.shape[-1] == 4:
        alpha = np.repeat(image[..., 3:], 3, axis=-1)
        cells = np.concatenate([cells, to_native(alpha, grid)[..., :1]], axis=-1)
    return enlarge(cells, size)


def enlarge(cells: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return uint8 (height, width, c): cells (rows, columns, c) as blocks over `size` in px.

    size: width, height.
    """
    rows, columns = cells.shape[:2]
    return paint(cells, full_frame(*size, columns, rows), *size)


def block_sizes(cells: int, length: int) -> list[int]:
    """Return the different widths, in px, that `cells` get over `length` px; one when even."""
    counts = np.bincount(owners(cells, length / cells, 0.0, length), minlength=cells)
    return sorted(set(counts.tolist()))
