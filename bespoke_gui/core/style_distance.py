"""Style distance: how far images are, in palette and edges, from a set of training images.

Three parts for each image, all at native size:
  middle  palette of the central half of each side (the face of a portrait),
  rest    palette of what is around it (hair, clothes, background),
  edges   how often neighbours differ, sideways and downwards, by how much; flat cells included.
Palettes are compared by the sliced 1-Wasserstein distance in OKLab (Bonneel, Rabin, Peyre,
Pfister 2015): cells are projected on 24 fixed directions and their quantiles compared. Edges are
compared by the mean difference of the shares of steps above eight sizes. An image's distance is
the mean to its 3 nearest training images, each part divided by what training images have among
themselves (each without itself); the three parts then have equal weight. 1 is as near as
training images are to each other. No part is random: same images, same figure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bespoke_gui.core.bootstrap import Interval, mean_difference_interval, mean_interval
from bespoke_gui.core.cell_marks import steps
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

__all__ = [
    "Interval", "StyleReference", "mean_difference_interval", "mean_interval", "style_distance",
    "style_distances",
]  # fmt: skip

DIRECTIONS = 24
QUANTILES = 24
NEAREST = 3
STEP_SIZES = np.array([0.02, 0.04, 0.07, 0.10, 0.15, 0.20, 0.30, 0.45])
"""OKLab; the first is one step an eye can see, so that jitter of generated images is flat."""

Parts = tuple[np.ndarray, np.ndarray, np.ndarray]


class StyleReference:
    """A training set prepared for many comparisons.

    cells: uint8 (rows, columns, 3) each, at least 2; sizes may differ. Raises ValueError.
    """

    def __init__(self, cells: Sequence[np.ndarray]) -> None:
        if len(cells) < 2:
            raise ValueError("a style needs at least two training images")
        features = [_features(image) for image in cells]
        self._parts = [np.stack([parts[n] for parts in features]) for n in range(3)]
        own = [self._distances(parts, skip=n) for n, parts in enumerate(features)]
        # A set of copies has no spread of its own: one visible step stands in for it.
        self._usual = np.maximum(np.mean(own, axis=0), 1e-3)

    def distances(self, cells: Sequence[np.ndarray]) -> list[float]:
        """Return one distance for each image, uint8 (rows, columns, 3)."""
        return [self.distance(image) for image in cells]

    def distance(self, cells: np.ndarray, skip: int | None = None) -> float:
        """Return the distance of uint8 (rows, columns, 3); `skip` leaves a training image out."""
        return float(np.mean(self.parts(cells, skip)))

    def parts(self, cells: np.ndarray, skip: int | None = None) -> np.ndarray:
        """Return float64 (3,): middle, rest and edges of one image; 1 is usual."""
        return self._distances(_features(cells), skip) / self._usual

    def _distances(self, parts: Parts, skip: int | None = None) -> np.ndarray:
        pairs = zip(parts, self._parts, strict=True)
        return np.array([_nearest(mine, theirs, skip) for mine, theirs in pairs])


def style_distances(cells: Sequence[np.ndarray], reference: Sequence[np.ndarray]) -> list[float]:
    """Return each image's distance to the reference set, both uint8 (rows, columns, 3) each."""
    return StyleReference(reference).distances(cells)


def style_distance(cells: Sequence[np.ndarray], reference: Sequence[np.ndarray]) -> float:
    """Return the mean of `style_distances`; raises ValueError without images."""
    if not cells:
        raise ValueError("there is no image to compare")
    return float(np.mean(style_distances(cells, reference)))


def _nearest(mine: np.ndarray, theirs: np.ndarray, skip: int | None) -> float:
    distance = np.abs(theirs - mine).mean(axis=1)
    if skip is not None:
        distance = np.delete(distance, skip)
    return float(np.sort(distance)[:NEAREST].mean())


def _features(cells: np.ndarray) -> Parts:
    lab = srgb_to_oklab(cells)
    rows, columns = lab.shape[:2]
    middle = np.zeros((rows, columns), bool)
    middle[rows // 4 : rows - rows // 4, columns // 4 : columns - columns // 4] = True
    rest = lab[~middle] if not middle.all() else lab.reshape(-1, 3)
    return _palette(lab[middle]), _palette(rest), _edges(lab)


def _palette(lab: np.ndarray) -> np.ndarray:
    """Return float64 (24 * 24,): quantiles of OKLab (n, 3) projected on fixed directions."""
    at = (np.arange(QUANTILES) + 0.5) / QUANTILES
    return np.quantile(lab.astype(np.float64) @ _directions(), at, axis=0).ravel()


def _directions() -> np.ndarray:
    """Return float64 (3, 24): unit vectors spread evenly over half a sphere (Fibonacci)."""
    number = np.arange(DIRECTIONS) + 0.5
    height = number / DIRECTIONS
    turn = np.pi * (1 + 5**0.5) * number
    radius = np.sqrt(1 - height**2)
    return np.stack([height, radius * np.cos(turn), radius * np.sin(turn)])


def _edges(lab: np.ndarray) -> np.ndarray:
    """Return float64 (16,): share of steps above each size, to the right and downwards."""
    sums = [(step.reshape(-1, 1) > STEP_SIZES).sum(axis=0) for step in steps(lab)]
    counts = [max(1, step.size) for step in steps(lab)]
    return np.concatenate([total / count for total, count in zip(sums, counts, strict=True)])
