"""Bootstrap intervals: how sure a mean, or a difference of means, is."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
MOST_PICKS = 8_000_000  # numbers in one table of picks: above it there are fewer resamples

Place = tuple[str, int | None]
"""A prompt and a seed: values of one prompt are alike, so they are resampled together."""


@dataclass(frozen=True)
class Interval:
    """A mean and its interval from resampling `count` values; low = high = mean for one value."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def excludes_zero(self) -> bool:
        """Whether zero lies outside, with two values or more."""
        return self.count > 1 and (self.low > 0 or self.high < 0)


def mean_interval(values: Sequence[float], confidence: float = 0.95, seed: int = 0) -> Interval:
    """Return the mean with its percentile bootstrap interval (Efron 1979, 10,000 resamples).

    Same values and seed, same interval. Raises ValueError without values.
    """
    data = np.asarray(values, dtype=np.float64)
    if data.size == 0:
        raise ValueError("an interval needs at least one value")
    picks = np.random.default_rng(seed).integers(0, data.size, (RESAMPLES, data.size))
    means = data[picks].mean(axis=1)
    tail = (1 - confidence) / 2 * 100
    low, high = np.percentile(means, [tail, 100 - tail])
    return Interval(float(data.mean()), float(low), float(high), int(data.size))


def mean_difference_interval(
    a: Sequence[float], b: Sequence[float], confidence: float = 0.95, seed: int = 0
) -> Interval:
    """Return the mean of a - b over pairs, with its interval; pairs are resampled together.

    Raises ValueError when the lengths differ.
    """
    if len(a) != len(b):
        raise ValueError(f"{len(a)} values cannot be paired with {len(b)}")
    return mean_interval(np.subtract(a, b).tolist(), confidence, seed)


def nested_interval(values: Mapping[Place, float]) -> Interval:
    """Return the mean over prompts and seeds with its 95% bootstrap interval.

    values: (prompt, seed) -> figure. Prompts are drawn with replacement, and for each its seeds
    (a two-stage bootstrap, Davison and Hinkley 1997, 3.8): four seeds of one prompt are not four
    prompts. With one seed a prompt it is the plain bootstrap over prompts. Same values, same
    interval. Raises ValueError without values.
    """
    groups: dict[str, list[float]] = {}
    for place in sorted(values, key=str):
        groups.setdefault(place[0], []).append(values[place])
    if not groups:
        raise ValueError("an interval needs at least one value")
    data = np.array([value for group in groups.values() for value in group], np.float64)
    picks, weights = _picks(tuple(len(group) for group in groups.values()))
    means = (data[picks] * weights).sum(axis=1) / weights.sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(data.mean()), float(low), float(high), int(data.size))


def nested_difference(a: Mapping[Place, float], b: Mapping[Place, float]) -> Interval | None:
    """Return the mean of a - b where both have the place, with its interval; None if nowhere."""
    shared = {place: a[place] - b[place] for place in a if place in b}
    return nested_interval(shared) if shared else None


@functools.lru_cache(maxsize=16)
def _picks(counts: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return int (resamples, n) places to take and float weights of the same shape.

    counts: how many values each group has, one group after the other.
    """
    widest, groups = max(counts), len(counts)
    times = max(1000, min(RESAMPLES, MOST_PICKS // (groups * widest)))
    rng = np.random.default_rng(0)
    sizes = np.array(counts)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    drawn = rng.integers(0, groups, (times, groups))
    inside = (rng.random((times, groups, widest)) * sizes[drawn][..., None]).astype(np.int64)
    picks = (starts[drawn][..., None] + inside).reshape(times, -1)
    weights = (np.arange(widest) < sizes[drawn][..., None]).reshape(times, -1)
    return picks, weights.astype(np.float32)


def share_interval(hits: int, count: int, z: float = 1.959964) -> Interval:
    """Return a share of yes answers with its 95% Wilson score interval (Wilson 1927).

    Unlike a resampled one it is not a point where all answers agree. ValueError without answers.
    """
    if count < 1:
        raise ValueError("a share needs at least one answer")
    share, square = hits / count, z * z / count
    middle = (share + square / 2) / (1 + square)
    half = z / (1 + square) * float(np.sqrt(share * (1 - share) / count + square / count / 4))
    low = 0.0 if hits == 0 else middle - half
    return Interval(share, low, 1.0 if hits == count else middle + half, count)


def ratio_interval(
    a: Sequence[float], b: Sequence[float], sign: int = 1, confidence: float = 0.95, seed: int = 0
) -> Interval:
    """Return sign * (mean a / mean b - 1) over pairs, with its bootstrap interval.

    0.3 is 30% more (sign 1) or 30% less (sign -1) than b. Pairs are resampled together;
    resamples in which b is 0 are left out. Raises ValueError when the lengths differ, nothing
    is given or b is 0 throughout.
    """
    one, other = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if one.shape != other.shape or one.size == 0 or not other.any():
        raise ValueError("a ratio needs pairs, and a second side that is not 0")
    picks = np.random.default_rng(seed).integers(0, one.size, (RESAMPLES, one.size))
    below = other[picks].mean(axis=1)
    ratios = sign * (one[picks].mean(axis=1)[below > 0] / below[below > 0] - 1)
    tail = (1 - confidence) / 2 * 100
    low, high = np.percentile(ratios, [tail, 100 - tail])
    value = sign * (float(one.mean()) / float(other.mean()) - 1)
    return Interval(value, float(low), float(high), int(one.size))
