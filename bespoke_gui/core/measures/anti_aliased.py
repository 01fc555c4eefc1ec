"""Measure: share of anti-aliased cells, those that lie between two opposite neighbours."""

from __future__ import annotations

from bespoke_gui.core.cell_marks import anti_aliased
from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput


def _run(given: MeasureInput) -> float:
    return float(anti_aliased(given.lab).mean())


MEASURES.add(
    "anti_aliased",
    Measure(
        "anti_aliased",
        "Anti-aliased cells",
        "share",
        "lower",
        "Share of cells whose colour lies between two opposite neighbours that differ strongly: "
        "the mark of smoothing. Drawn shading has some too, so compare with the training set.",
        "percentile",
        _run,
        decimals=3,
    ),
)
