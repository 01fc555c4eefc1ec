"""Merging jitter: colours that differ by less than an eye can see become one real colour."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bespoke_gui.core.pixels.codes import pack, unpack
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

FILE_TAU = 0.02
GENERATION_TAU = 0.025
JITTER = 0.04
JITTER_SHARE = 0.30
_ROUNDS = 2


def merge_palette(cells: np.ndarray, tau: float) -> np.ndarray:
    """Return `cells`, uint8 (..., 3), with colours nearer than `tau` (OKLab) made one.

    Colours are taken by frequency; each absorbs all within `tau`; two rounds give every colour
    to its nearest group; a group shows the member nearest to its weighted mean, so that no
    colour is invented. tau <= 0 changes nothing.
    """
    if tau <= 0:
        return cells.copy()
    codes, where, counts = np.unique(pack(cells), return_inverse=True, return_counts=True)
    groups, chosen = group_colours(codes, counts, tau)
    return unpack(codes[chosen][groups][where.reshape(cells.shape[:-1])])


def group_colours(
    codes: np.ndarray, counts: np.ndarray, tau: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the group (n,) of each colour, and for each group the colour (index) that it shows.

    codes: int32 (n,) 0xRRGGBB, all different; counts (n,): how often each is used; grouped as
    `merge_palette` does.
    """
    lab = srgb_to_oklab(unpack(codes)).astype(np.float64)
    groups = _settle(lab, counts, _absorb(lab, counts, tau))
    return groups, _representatives(lab, counts, groups)


def needs_merge(images: Iterable[np.ndarray]) -> bool:
    """Say whether native images, uint8 (rows, columns, 3), carry jitter, once for all of them.

    True when over 30% of neighbouring cells differ by less than OKLab 0.04 but not by 0:
    drawn originals 4% (median), images from a diffusion model 60%.
    """
    near = total = 0
    for cells in images:
        lab = srgb_to_oklab(cells)
        for step in (np.diff(lab, axis=0), np.diff(lab, axis=1)):
            distance = np.sqrt((step * step).sum(axis=-1))
            near += int(((distance > 0) & (distance < JITTER)).sum())
            total += distance.size
    return total > 0 and near / total > JITTER_SHARE


def _absorb(lab: np.ndarray, counts: np.ndarray, tau: float) -> np.ndarray:
    """Return the group number (n,) of each colour."""
    groups = np.empty(len(lab), dtype=int)
    left = np.argsort(-counts, kind="stable")
    number = 0
    while len(left):
        near = ((lab[left] - lab[left[0]]) ** 2).sum(axis=1) < tau * tau
        groups[left[near]] = number
        left = left[~near]
        number += 1
    return groups


def _settle(lab: np.ndarray, counts: np.ndarray, groups: np.ndarray) -> np.ndarray:
    for _ in range(_ROUNDS):
        groups = _nearest(lab, _means(lab, counts, groups))
        groups = np.unique(groups, return_inverse=True)[1]
    return groups


def _nearest(lab: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Return the index (n,) of the nearest mean, a block at a time to bound the memory."""
    block = max(1, 2_000_000 // max(1, len(means)))
    squares = (means * means).sum(axis=1)
    parts = [
        (squares - 2 * lab[start : start + block] @ means.T).argmin(axis=1)
        for start in range(0, len(lab), block)
    ]
    return np.concatenate(parts)


def _means(lab: np.ndarray, counts: np.ndarray, groups: np.ndarray) -> np.ndarray:
    weight = np.bincount(groups, weights=counts)
    sums = [np.bincount(groups, weights=counts * lab[:, axis]) for axis in range(3)]
    return np.stack(sums, axis=1) / weight[:, None]


def _representatives(lab: np.ndarray, counts: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return for each group the index of the member nearest to its weighted mean."""
    distance = ((lab - _means(lab, counts, groups)[groups]) ** 2).sum(axis=1)
    order = np.lexsort((distance, groups))
    _, first = np.unique(groups[order], return_index=True)
    return order[first]
