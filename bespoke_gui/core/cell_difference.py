"""Difference of two native images, cell by cell, and what it looks like as a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bespoke_gui.core.cell_marks import EDGE
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

FULL = 0.35
"""OKLab distance that is drawn at full strength: black against a mid grey is 0.6."""


@dataclass(frozen=True, eq=False)
class Difference:
    """distance: OKLab, float (rows, columns); changed: cells that are not equal; clear: of those
    the ones over 0.06 apart, which anyone sees; mean: distance over all cells."""

    distance: np.ndarray
    changed: int
    clear: int
    mean: float

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return int(self.distance.size)

    def heat(self) -> np.ndarray:
        """Return uint8 (rows, columns, 4): red, the stronger the farther apart; clear if equal."""
        strength = np.clip(self.distance / FULL, 0, 1)
        found = np.zeros((*self.distance.shape, 4), np.uint8)
        found[..., :3] = (235, 40, 60)
        found[..., 3] = np.where(self.distance > 0, 60 + 195 * strength, 0).astype(np.uint8)
        return found


def difference(one: np.ndarray, other: np.ndarray) -> Difference | None:
    """Compare uint8 (rows, columns, 3); None when the two are of other sizes."""
    if one.shape != other.shape:
        return None
    step = srgb_to_oklab(one) - srgb_to_oklab(other)
    distance = np.sqrt(np.square(step).sum(axis=-1))
    unlike = (one != other).any(axis=-1)
    distance = np.where(unlike, np.maximum(distance, 1e-6), 0.0)
    return Difference(
        distance, int(unlike.sum()), int((distance > EDGE).sum()), float(distance.mean())
    )


def palette_of(cells: np.ndarray) -> list[tuple[tuple[int, int, int], int]]:
    """Return the colours of uint8 (rows, columns, 3) with their number of cells, most first."""
    colours, counts = np.unique(cells.reshape(-1, 3), axis=0, return_counts=True)
    order = np.lexsort((*colours.T, -counts))
    return [(tuple(int(v) for v in colours[i]), int(counts[i])) for i in order]  # type: ignore[misc]
