"""Near-duplicates: pairs of images of which all but a few native cells look the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bespoke_gui.core.health.duplicates import identity
from bespoke_gui.core.health.facts import ImageFacts, Shape
from bespoke_gui.core.health.read import Cancelled, stop_if
from bespoke_gui.core.health.sketch import alike, sketches
from bespoke_gui.core.pixels.codes import pack
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

VISIBLE = 0.06
"""Cells nearer than this in OKLab look the same."""
ALIKE = 0.85
"""Share of cells that look the same, above which two images are near-duplicates."""
MOST_PAIRS = 2000
_MOST_MARKED = 0.25
_SKETCH = 0.72  # what a pair just over ALIKE reaches even where jitter is on every cell
_MOST_CANDIDATES = 400_000
_KEPT_BYTES = 64 << 20


@dataclass(frozen=True)
class NearPair:
    """Two images that nearly are one.

    cells: how many of `total` differ at all; visible: how many by more than OKLab 0.06. where:
    (column, row) of those that differ, in the first image. mirrored: the second one turned left
    to right is meant. native: whether both have a grid; else a coarse look was compared. kept:
    somebody said that both are wanted.
    """

    a: str
    b: str
    cells: int
    visible: int
    total: int
    mirrored: bool
    native: bool
    where: tuple[tuple[int, int], ...] = ()
    kept: bool = False

    @property
    def same(self) -> float:
        """Share of cells that look the same."""
        return 1 - self.visible / self.total

    def marks(self) -> tuple[tuple[int, int], ...]:
        """Return the cells worth pointing at: where a compression touched nearly all, none."""
        return self.where if self.cells <= _MOST_MARKED * self.total else ()

    def as_dict(self) -> dict[str, Any]:
        """Return the pair as the command line prints it."""
        return {**vars(self), "same": round(self.same, 4), "where": [list(c) for c in self.where]}


@dataclass
class NearPairs:
    """Pairs, the most alike first; `left_out` of them were too many to list."""

    pairs: list[NearPair] = field(default_factory=list)
    left_out: int = 0


def find_near(images: Iterable[ImageFacts], cancelled: Cancelled | None = None) -> NearPairs:
    """Return all pairs of images of one native size with more than 0.85 of their cells alike.

    Exact duplicates count as one image, the first. Sketches choose candidates, every one of
    which is then compared cell by cell. Raises AppError with kind "cancelled".
    """
    groups: dict[tuple[Shape, bool], dict[str, ImageFacts]] = {}
    for facts in images:
        group = groups.setdefault((facts.shape, facts.has_grid), {})
        group.setdefault(identity(facts), facts)
    found: list[NearPair] = []
    left_out = 0
    for group in groups.values():
        candidates, cut = _candidates(list(group.values()), cancelled)
        left_out += cut
        found += _verified(list(group.values()), candidates, cancelled)
    found.sort(key=lambda pair: (pair.visible / pair.total, pair.cells / pair.total))
    return NearPairs(found[:MOST_PAIRS], left_out + max(0, len(found) - MOST_PAIRS))


def _candidates(
    images: Sequence[ImageFacts], cancelled: Cancelled | None
) -> tuple[np.ndarray, int]:
    """Return int (n, 3): first, second, mirrored (0, 1), sorted; and how many were too many."""
    if len(images) < 2:
        return np.empty((0, 3), int), 0

    def check() -> None:
        stop_if(cancelled)

    plain, mirrored = sketches([facts.cells for facts in images], check)
    found, scores, cut = np.empty((0, 3), int), np.empty(0, np.float32), 0
    for turned, other in enumerate((plain, mirrored)):
        for first, second, product in alike(plain, other, _SKETCH, check):
            rows = np.stack([first, second, np.full_like(first, turned)], axis=1)
            found, scores = np.concatenate([found, rows]), np.concatenate([scores, product])
            more = max(0, len(found) - _MOST_CANDIDATES)
            if more:
                kept = np.argpartition(scores, more)[more:]
                found, scores, cut = found[kept], scores[kept], cut + more
    return found[np.lexsort(found.T[::-1])], cut


def _verified(
    images: Sequence[ImageFacts], candidates: np.ndarray, cancelled: Cancelled | None
) -> list[NearPair]:
    """Return the candidates that really are alike."""
    views = _Views(images)
    best: dict[tuple[int, int], NearPair] = {}
    for first, second, turned in candidates.tolist():
        stop_if(cancelled)
        pair = _compare(images[first], images[second], views, (first, second), bool(turned))
        if pair is not None:
            other = best.get((first, second))
            if other is None or pair.visible < other.visible:
                best[first, second] = pair
    return list(best.values())


def _compare(
    a: ImageFacts, b: ImageFacts, views: _Views, places: tuple[int, int], mirrored: bool
) -> NearPair | None:
    (codes, lab), (other_codes, other_lab) = views.get(places[0]), views.get(places[1])
    if mirrored:
        other_codes, other_lab = other_codes[:, ::-1], other_lab[:, ::-1]
    step = lab - other_lab
    visible = int((np.einsum("ijk,ijk->ij", step, step) >= VISIBLE * VISIBLE).sum())
    if 1 - visible / codes.size <= ALIKE:
        return None
    rows, columns = np.nonzero(codes != other_codes)
    where = tuple(zip(columns.tolist(), rows.tolist(), strict=True))
    native = a.has_grid and b.has_grid
    return NearPair(a.name, b.name, len(where), visible, codes.size, mirrored, native, where)


class _Views:
    """Codes and OKLab of images by place, the last ones looked at kept up to so many bytes."""

    def __init__(self, images: Sequence[ImageFacts]) -> None:
        self._images = images
        self._kept: OrderedDict[int, tuple[np.ndarray, np.ndarray]] = OrderedDict()
        cells = images[0].rows * images[0].columns if images else 1
        self._most = max(2, _KEPT_BYTES // (cells * 16))

    def get(self, place: int) -> tuple[np.ndarray, np.ndarray]:
        """Return int32 (rows, columns) and float32 (rows, columns, 3)."""
        found = self._kept.pop(place, None)
        if found is None:
            cells = self._images[place].cells()
            found = pack(cells), srgb_to_oklab(cells)
            while len(self._kept) >= self._most:
                self._kept.popitem(last=False)
        self._kept[place] = found
        return found
