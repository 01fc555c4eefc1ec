"""Marks of a picture: cells whose colour the training set has not, and stray cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bespoke_gui.core.cell_marks import orphans, palette_steps
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

if TYPE_CHECKING:
    from bespoke_gui.core.reference import Reference

VISIBLE = 0.02
"""OKLab distance that is just visible: nearer colours count as those of the training set."""
USUAL = 0.08
"""Share of training images with a single cell at a place that makes one there usual art."""


@dataclass(frozen=True, eq=False)
class PictureMarks:
    """Both bool (rows, columns). off_palette is all False where there is no training set."""

    off_palette: np.ndarray
    strays: np.ndarray


def picture_marks(cells: np.ndarray, reference: Reference | None) -> PictureMarks:
    """Mark uint8 (rows, columns, 3).

    Off-palette: over 0.02 (OKLab) from every colour of the training set. Stray: unlike all
    neighbours, at a place where fewer than 8% of the training images have such a cell (no
    training image of that size: anywhere).
    """
    alone = orphans(srgb_to_oklab(cells))
    if reference is None:
        return PictureMarks(np.zeros(alone.shape, bool), alone)
    share = reference.orphan_share(alone.shape)
    strays = alone if share is None else alone & (share < USUAL)
    return PictureMarks(palette_steps(cells, reference.palette()) > VISIBLE, strays)
