"""How far the colours of each image are from those of all the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bespoke_gui.core.health.facts import ImageFacts
from bespoke_gui.core.pixels.codes import unpack
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

_MOST_OTHERS = 8192  # colours, the most shared ones: more make no difference to the nearest
_BLOCK = 1024


def palette_distances(images: Sequence[ImageFacts]) -> list[float]:
    """Return for each image the mean OKLab distance of its cells to the colours of the others.

    A colour that another image has too counts as 0. Images that nobody else's colours can be
    compared with (a set of one) get 0.
    """
    if len(images) < 2:
        return [0.0] * len(images)
    parts = [facts.colour_counts for facts in images]
    owners = np.repeat(np.arange(len(parts)), [len(codes) for codes, _ in parts])
    joined = np.concatenate([codes for codes, _ in parts])
    codes, first, where, shared = np.unique(
        joined, return_index=True, return_inverse=True, return_counts=True
    )
    nearest = np.zeros(len(codes))
    alone = np.flatnonzero(shared == 1)
    nearest[alone] = _to_others(codes, owners[first], shared, alone)
    weights = np.concatenate([counts for _, counts in parts])
    sums = np.bincount(owners, weights=nearest[where] * weights)
    return (sums / np.bincount(owners, weights=weights)).tolist()


def _to_others(
    codes: np.ndarray, owners: np.ndarray, shared: np.ndarray, alone: np.ndarray
) -> np.ndarray:
    """Return the distance of each colour of one image alone to the nearest of other images."""
    others = np.argsort(-shared, kind="stable")[:_MOST_OTHERS]
    lab = srgb_to_oklab(unpack(codes)).astype(np.float64)
    target, squares = lab[others], np.square(lab[others]).sum(axis=1)
    found = np.empty(len(alone))
    for start in range(0, len(alone), _BLOCK):
        mine = alone[start : start + _BLOCK]
        square = squares - 2 * lab[mine] @ target.T + np.square(lab[mine]).sum(axis=1)[:, None]
        own = (owners[others] == owners[mine][:, None]) & (shared[others] == 1)
        best = np.where(own, np.inf, square).min(axis=1)
        found[start : start + _BLOCK] = np.sqrt(np.maximum(best, 0))
    return np.where(np.isfinite(found), found, 0.0)
