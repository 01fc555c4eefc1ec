"""Thins out a long curve for drawing: minimum, maximum and last value of each stretch of steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from bespoke_gui.qtmodels.run_story import Curve

MOST = 1024


@dataclass
class Bucket:
    """A stretch of neighbouring points. Losses may be NaN when the engine named none."""

    step: int
    low: float
    high: float
    smoothed: float
    rate: float

    def merge(self, later: Bucket) -> Bucket:
        """Return both stretches as one; the later values stand for the smooth curves."""
        return Bucket(
            later.step, _least(self.low, later.low), _most(self.high, later.high),
            _last(self.smoothed, later.smoothed), _last(self.rate, later.rate),
        )  # fmt: skip


@dataclass
class Buckets:
    """Follows a growing Curve at constant cost a point and never holds more than MOST buckets."""

    rows: list[Bucket] = field(default_factory=list)
    _stride: int = 1
    _inside: int = 0
    _taken: int = 0
    _cuts: int = 0

    def follow(self, curve: Curve) -> None:
        """Take in what the curve has gained since the last call."""
        if curve.cuts != self._cuts or len(curve.steps) < self._taken:
            self.rows, self._stride, self._inside, self._taken = [], 1, 0, 0
            self._cuts = curve.cuts
        for index in range(self._taken, len(curve.steps)):
            loss = curve.losses[index]
            point = Bucket(
                curve.steps[index], loss, loss, curve.smoothed[index], curve.rates[index]
            )
            self._add(point)
        self._taken = len(curve.steps)

    def _add(self, point: Bucket) -> None:
        if self._inside:
            self.rows[-1] = self.rows[-1].merge(point)
        else:
            self.rows.append(point)
        self._inside = (self._inside + 1) % self._stride
        if len(self.rows) > MOST and not self._inside:
            self.rows = [
                self.rows[i].merge(self.rows[i + 1]) if i + 1 < len(self.rows) else self.rows[i]
                for i in range(0, len(self.rows), 2)
            ]
            # MOST is even, so one bucket had no partner: it is half full at the new stride.
            self._inside = self._stride
            self._stride *= 2


def _least(a: float, b: float) -> float:
    return b if math.isnan(a) else a if math.isnan(b) else min(a, b)


def _most(a: float, b: float) -> float:
    return b if math.isnan(a) else a if math.isnan(b) else max(a, b)


def _last(a: float, b: float) -> float:
    return a if math.isnan(b) else b
