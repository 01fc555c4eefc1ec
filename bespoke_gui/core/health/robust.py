"""What is usual among numbers, by median and median deviation, which outliers do not move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LIMIT = 3.5
"""Robust z from which a value counts as unlike the rest (Iglewicz, Hoaglin 1993)."""
FEWEST = 8
"""Of fewer values nothing is usual."""
_MAD, _MEAN = 1.4826, 1.2533  # to standard deviations of a normal distribution


@dataclass(frozen=True)
class Usual:
    """median and spread (robust standard deviation) of some values; spread 0: no limits."""

    median: float
    spread: float

    @property
    def low(self) -> float:
        """The lowest usual value."""
        return self.median - LIMIT * self.spread

    @property
    def high(self) -> float:
        """The highest usual value."""
        return self.median + LIMIT * self.spread

    def z(self, value: float) -> float:
        """Return how many robust standard deviations `value` is from the median."""
        return (value - self.median) / self.spread if self.spread else 0.0


def usual(values: Sequence[float], floor: float = 0.0) -> Usual:
    """Return what is usual: 1.4826 times the median absolute deviation as the spread.

    Where over half the values are equal their mean absolute deviation takes its place (as in
    Iglewicz, Hoaglin: How to Detect and Handle Outliers, 1993). floor: the least spread, so that
    differences nobody sees are none.
    """
    numbers = np.asarray(values, float)
    if len(numbers) < FEWEST:
        return Usual(float(np.median(numbers)) if len(numbers) else 0.0, 0.0)
    median = float(np.median(numbers))
    apart = np.abs(numbers - median)
    spread = _MAD * float(np.median(apart)) or _MEAN * float(apart.mean())
    return Usual(median, max(spread, floor) if spread else floor)
