"""Measure: distinct colours, those an eye can tell apart."""

from __future__ import annotations

from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput
from bespoke_gui.core.pixels.colours import distinct_colours

TAU = 0.025


def _run(given: MeasureInput) -> float:
    return float(distinct_colours(given.cells, TAU))


MEASURES.add(
    "distinct_colours",
    Measure(
        "distinct_colours",
        "Distinct colours",
        "colours",
        "lower",
        "Colours left after merging those nearer than 0.025 in OKLab, about one step an eye can "
        "see. Compare it with the training set's own count, not with zero.",
        "percentile",
        _run,
        decimals=0,
    ),
)
