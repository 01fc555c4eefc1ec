"""The training image nearest to a picture, found as the measure memorisation finds it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bespoke_gui.core.cell_marks import unlike_share
from bespoke_gui.core.measures.memorisation import nearness
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

if TYPE_CHECKING:
    from bespoke_gui.core.reference import Reference


@dataclass(frozen=True, eq=False)
class Nearest:
    """cells: the training image, uint8 (rows, columns, 3), turned over where `mirrored`.

    differing: cells over 0.06 (OKLab) from the picture's; nearness: 0 to 1, 0.90 is a copy.
    """

    path: Path
    cells: np.ndarray
    mirrored: bool
    differing: int
    nearness: float


def nearest_training(cells: np.ndarray, reference: Reference) -> Nearest | None:
    """Find what uint8 (rows, columns, 3) is nearest to; None without a member of its size."""
    lab = srgb_to_oklab(cells)
    members = reference.members(cells.shape[:2])
    if not members:
        return None
    scores = np.stack([nearness(lab, reference), nearness(lab[:, ::-1], reference)])
    best = float(scores.max())
    # Outlines alone can tie (a recoloured copy): of those the one with the fewest unlike cells.
    tied = [(int(turned), members[int(place)]) for turned, place in np.argwhere(scores >= best)]
    found = [_held_against(lab, reference, member, bool(turned), best) for turned, member in tied]
    return min(found, key=lambda one: one.differing)


def _held_against(
    lab: np.ndarray, reference: Reference, member: int, mirrored: bool, score: float
) -> Nearest:
    theirs = reference.cells[member]
    theirs = np.ascontiguousarray(theirs[:, ::-1]) if mirrored else theirs
    differing = round(unlike_share(lab, srgb_to_oklab(theirs)) * lab.shape[0] * lab.shape[1])
    return Nearest(reference.paths[member], theirs, mirrored, differing, score)
