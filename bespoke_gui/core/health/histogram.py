"""Histogram of whole numbers: bars of an even round width, with the images that are in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MOST_BARS = 60


@dataclass(frozen=True)
class Bar:
    """Images with `low` to `high` (both included) of something."""

    low: int
    high: int
    images: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the bar as the command line prints it."""
        return {"low": self.low, "high": self.high, "images": list(self.images)}


@dataclass
class Histogram:
    """Bars in order, empty ones included; p5, median and p95 of the values themselves."""

    bars: list[Bar] = field(default_factory=list)
    p5: float = 0.0
    median: float = 0.0
    p95: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the histogram as the command line prints it."""
        figures = {"p5": self.p5, "median": self.median, "p95": self.p95}
        return {**figures, "bars": [bar.as_dict() for bar in self.bars]}


def histogram(values: Mapping[str, int]) -> Histogram:
    """Return the histogram of a figure by image.

    The width follows Freedman and Diaconis (1981), rounded up to 1, 2 or 5 times a power of ten.
    """
    if not values:
        return Histogram()
    numbers = np.array(list(values.values()))
    p5, median, p95 = (round(float(np.percentile(numbers, place)), 1) for place in (5, 50, 95))
    width = _width(numbers)
    found: dict[int, list[str]] = {}
    for name, value in values.items():
        found.setdefault(value // width, []).append(name)
    bars = [
        Bar(place * width, place * width + width - 1, tuple(found.get(place, ())))
        for place in range(min(found), max(found) + 1)
    ]
    return Histogram(bars, p5, median, p95)


def _width(numbers: np.ndarray) -> int:
    quarter, three_quarters = np.percentile(numbers, [25, 75])
    wanted = 2 * (three_quarters - quarter) / len(numbers) ** (1 / 3)
    wanted = max(wanted, float(np.ptp(numbers)) / MOST_BARS, 1.0)
    power = 10 ** int(np.floor(np.log10(wanted)))
    return next(int(n * power) for n in (1, 2, 5, 10) if n * power >= wanted - 1e-9)
