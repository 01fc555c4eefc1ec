"""Marks on cells: orphans (strays), anti-aliased cells, edges, distance to a palette."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.pixels.codes import pack, unpack
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

ORPHAN = 0.10
EDGE = 0.06
STRONG = 0.15
OFF_LINE = 0.03


def orphans(lab: np.ndarray) -> np.ndarray:
    """Return bool (rows, columns): cells over 0.10 (OKLab) from each neighbour they have."""
    rows, columns = lab.shape[:2]
    padded = np.pad(lab.astype(np.float32), ((1, 1), (1, 1), (0, 0)), constant_values=np.inf)
    alone = np.ones((rows, columns), bool)
    for dy in (0, 1, 2):
        for dx in (0, 1, 2):
            if (dy, dx) != (1, 1):
                step = padded[dy : dy + rows, dx : dx + columns] - lab
                alone &= np.square(step).sum(axis=-1) > ORPHAN * ORPHAN
    return alone


def anti_aliased(lab: np.ndarray) -> np.ndarray:
    """Return bool (rows, columns): cells that lie between two opposite, unlike neighbours.

    Neighbours A and B (left/right, above/below or across a corner) over 0.15 apart; the cell's
    foot on the line AB at 0.2 to 0.8 of it and less than 0.03 from it.
    """
    found = np.zeros(lab.shape[:2], bool)
    found[:, 1:-1] |= _between(lab[:, :-2], lab[:, 1:-1], lab[:, 2:])
    found[1:-1] |= _between(lab[:-2], lab[1:-1], lab[2:])
    middle = lab[1:-1, 1:-1]
    found[1:-1, 1:-1] |= _between(lab[:-2, :-2], middle, lab[2:, 2:])
    found[1:-1, 1:-1] |= _between(lab[:-2, 2:], middle, lab[2:, :-2])
    return found


def _between(first: np.ndarray, cell: np.ndarray, second: np.ndarray) -> np.ndarray:
    line = second - first
    length = np.square(line).sum(axis=-1)
    along = ((cell - first) * line).sum(axis=-1) / np.maximum(length, 1e-12)
    foot = first + along[..., None] * line
    near = np.square(cell - foot).sum(axis=-1) < OFF_LINE * OFF_LINE
    return (length > STRONG * STRONG) & (along >= 0.2) & (along <= 0.8) & near


def palette_steps(cells: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Return float64 (rows, columns): OKLab distance of uint8 cells to the nearest of `palette`.

    palette: float64 (n, 3), OKLab.
    """
    codes, where = np.unique(pack(cells), return_inverse=True)
    lab = srgb_to_oklab(unpack(codes)).astype(np.float64)
    square = (lab * lab).sum(1)[:, None] + (palette * palette).sum(1) - 2 * lab @ palette.T
    nearest = np.sqrt(square.min(axis=1).clip(min=0))
    return nearest[where.reshape(cells.shape[:-1])]


def steps(lab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the OKLab distance to the right and to the lower neighbour.

    lab: float (rows, columns, 3); returns its dtype, (rows, columns - 1) and (rows - 1, columns).
    """
    right, down = np.diff(lab, axis=1), np.diff(lab, axis=0)
    return np.sqrt(np.square(right).sum(axis=-1)), np.sqrt(np.square(down).sum(axis=-1))


def unlike_share(lab: np.ndarray, other: np.ndarray) -> float:
    """Return the share (0 to 1) of cells over 0.06 apart; both OKLab, float (rows, columns, 3)."""
    return float((np.square(lab - other).sum(axis=-1) > EDGE * EDGE).mean())


def edge_bits(lab: np.ndarray) -> np.ndarray:
    """Return bool (n,): for each pair of neighbours whether an edge (> 0.06) is between them."""
    right, down = steps(lab)
    return np.concatenate([right.ravel(), down.ravel()]) > EDGE
