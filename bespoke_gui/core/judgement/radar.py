"""Radar: every ranked measure of an epoch on one scale, where outside is better.

A measure with a limit stands half way out where it reaches that limit; at the rim it is as good
as it can be (0 where less is better), in the middle twice as bad as the limit. A measure without
one runs from the gallery's worst epoch to its best. It shows the shape of a difference; the table
beside it has the figures, and no area is a rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.gallery import LORA_OFF

if TYPE_CHECKING:
    from bespoke_gui.core.measures import Measure

RIM = 1.0
AT_LIMIT = 0.5


@dataclass(frozen=True)
class Axis:
    """One measure: the values that stand in the middle, half way out (None: no limit) and at the
    rim."""

    measure: Measure
    worst: float
    limit: float | None
    best: float

    def place(self, value: float) -> float:
        """Return how far out a value stands, 0 to 1."""
        if self.limit is None:
            return _between(value, self.worst, self.best)
        inner = _between(value, self.worst, self.limit)
        outer = _between(value, self.limit, self.best)
        return AT_LIMIT * inner + (RIM - AT_LIMIT) * outer


@dataclass(frozen=True)
class Spoke:
    """Where an epoch stands on one axis; low and high: the ends of its 95% interval."""

    at: float
    low: float
    high: float


def _between(value: float, start: float, end: float) -> float:
    if start == end:
        return RIM
    return min(max((value - start) / (end - start), 0.0), 1.0)


def axes(
    measures: Sequence[Measure],
    epochs: Mapping[str, Mapping[str, Any]],
    limits: Mapping[str, float],
) -> list[Axis]:
    """Return an axis for each ranked measure that every epoch but the LoRA-off row has.

    epochs: number as text -> measure -> mean, and "intervals", as a score report has them.
    """
    rows = [row for number, row in epochs.items() if int(number) > LORA_OFF]
    found = []
    for measure in (one for one in measures if one.ranked):
        values = [row.get(measure.name) for row in rows]
        known = [value for value in values if value is not None]
        if known and len(known) == len(values):
            found.append(_axis(measure, known, limits.get(measure.name)))
    return found


def _axis(measure: Measure, values: Sequence[float], limit: float | None) -> Axis:
    low, high = min(values), max(values)
    if measure.better == "higher":
        rim = max(1.0, high)
        known = limit is not None and 0 < limit < rim
        return Axis(measure, 0.0, limit, rim) if known else Axis(measure, low, None, high)
    if limit is not None and limit > 0:
        return Axis(measure, 2 * limit, limit, 0.0)
    return Axis(measure, high, None, low)


def spokes(axes: Sequence[Axis], row: Mapping[str, Any]) -> list[Spoke]:
    """Return where an epoch stands on each axis; without an interval the ends are the place."""
    found = []
    for axis in axes:
        at = axis.place(row[axis.measure.name])
        ends = row["intervals"].get(axis.measure.name) or (row[axis.measure.name],) * 2
        low, high = sorted(axis.place(end) for end in ends)
        found.append(Spoke(at, min(low, at), max(high, at)))
    return found
