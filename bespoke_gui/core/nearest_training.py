"""How near a picture is to the training images, and the nearest of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bespoke_gui.core.cell_marks import edge_bits, unlike_share
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

if TYPE_CHECKING:
    from bespoke_gui.core.reference import Reference


SAME = 0.06
COPY = 0.90
EDGE_COPY = 0.75


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


def nearness(lab: np.ndarray, reference: Reference) -> np.ndarray:
    """Return float (n,): how near the picture is to each reference image of its size.

    The share of cells within OKLab 0.06, or the agreement (Jaccard) of edges scaled so that
    both call a copy at 0.90; edges also find a recoloured copy.
    """
    others = reference.labs(lab.shape[:2])
    if not others.size:
        return np.empty(0)
    square = np.zeros(others.shape[1:], np.float32)
    for channel, mine in zip(others, lab.reshape(-1, 3).T, strict=True):
        step = channel - mine
        square += step * step
    same = np.count_nonzero(square < SAME * SAME, axis=1) / others.shape[2]
    bits = edge_bits(lab).astype(np.float32)
    theirs = reference.edges(lab.shape[:2])
    both = theirs @ bits
    either = theirs.sum(axis=1) + bits.sum() - both
    jaccard = both / np.maximum(either, 1)
    return np.maximum(same, np.minimum(1, jaccard * (COPY / EDGE_COPY)))


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
