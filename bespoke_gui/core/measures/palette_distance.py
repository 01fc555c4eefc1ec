"""Measure: palette distance, how far the colours are from those of the training set."""

from __future__ import annotations

from bespoke_gui.core.cell_marks import palette_steps
from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput


def _run(given: MeasureInput) -> float | None:
    if given.reference is None:
        return None
    palette = given.reference.palette(given.member)
    return float(palette_steps(given.merged, palette).mean())


MEASURES.add(
    "palette_distance",
    Measure(
        "palette_distance",
        "Palette distance",
        "OKLab",
        "lower",
        "Mean distance of each cell to the nearest colour of the training set (its own colours "
        "left out for a training image). 0.02 is just visible.",
        "percentile",
        _run,
        decimals=3,
    ),
)
