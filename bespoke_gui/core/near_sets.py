"""Sets of numbers that are nearly equal, found without comparing each with each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

import numpy as np

from bespoke_gui.core.breathing import Breath

BANDS = 12
ROWS = 4  # of a band; two sets alike to 0.85 meet in one of 12 bands with 0.9998
WINDOW = 8  # how many neighbours a set is compared with where a band holds many equal ones
KEPT = 1024  # sets held ready to be compared
MIX = np.uint64(0x9E3779B97F4A7C15)

Near = dict[int, list[tuple[int, float]]]


def near_pairs(sets: Sequence[Sequence[int]], alike: float, fewest: int = 1) -> Near:
    """Return for each set its neighbours and how alike they are (shared over all, below 1).

    Method: MinHash in bands (Broder 1997; Leskovec, Rajaraman, Ullman, chapter 3): time grows
    with the numbers in the sets, not with the pairs. Where very many sets share a band each is
    compared with the next eight only. Sets of less than `fewest` numbers have no neighbours.
    """
    breath = Breath()
    kept = [index for index, numbers in enumerate(sets) if len(numbers) >= fewest]
    if len(kept) < 2:
        return {}
    signatures = _signatures([sets[index] for index in kept])
    # Sets of those that are compared, not of all: a set of forty numbers takes 2 KB.
    members = lru_cache(KEPT)(lambda place: frozenset(sets[kept[place]]))
    found: dict[tuple[int, int], float] = {}
    for first, second in breath.over(_candidates(signatures)):
        if (first, second) not in found:
            found[first, second] = _alike(members(first), members(second))
    near: Near = {}
    for (first, second), share in found.items():
        if alike <= share < 1:
            near.setdefault(kept[first], []).append((kept[second], share))
            near.setdefault(kept[second], []).append((kept[first], share))
    return {index: sorted(row, key=lambda pair: (-pair[1], pair[0])) for index, row in near.items()}


def _signatures(sets: Sequence[Sequence[int]]) -> np.ndarray:
    """Return (n, BANDS * ROWS): the smallest of each of 48 hashes over every set."""
    lengths = np.fromiter(map(len, sets), np.int64, len(sets))
    numbers = np.fromiter(chain.from_iterable(Breath().over(sets)), np.uint64, lengths.sum())
    starts = np.concatenate([[0], np.cumsum(lengths[:-1])])
    factors = np.random.default_rng(24).integers(0, 1 << 63, BANDS * ROWS, np.uint64)
    mixed = _mixed(numbers + np.uint64(1))
    columns = [np.minimum.reduceat(_mixed(mixed ^ factor), starts) for factor in factors]
    return np.stack(columns, axis=1)


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Return 64-bit numbers in which every bit depends on all of the given ones."""
    mixed = (numbers ^ (numbers >> np.uint64(31))) * MIX
    mixed = (mixed ^ (mixed >> np.uint64(29))) * MIX
    return mixed ^ (mixed >> np.uint64(32))


def _candidates(signatures: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield pairs of rows that agree in a whole band."""
    for band in range(BANDS):
        keys = np.zeros(len(signatures), np.uint64)
        for column in signatures[:, band * ROWS : (band + 1) * ROWS].T:
            keys = (keys ^ column) * MIX
        order = np.argsort(keys, kind="stable")
        for step in range(1, WINDOW + 1):
            same = np.flatnonzero(keys[order[step:]] == keys[order[:-step]])
            for index in same.tolist():
                yield int(order[index]), int(order[index + step])


def _alike(first: frozenset[int], second: frozenset[int]) -> float:
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared)
