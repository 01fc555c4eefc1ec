"""Measure: background uniformity, how much of a plain background has one colour."""

from __future__ import annotations

from bespoke_gui.core.background import ring_colour
from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput


def _run(given: MeasureInput) -> float | None:
    if given.prompt is None or not given.prompt.background:
        return None
    return ring_colour(given.lab)[1]


MEASURES.add(
    "background_uniformity",
    Measure(
        "background_uniformity",
        "Background is plain",
        "share",
        "higher",
        "Share of the border (top row and upper two thirds of both sides) within 0.04 OKLab of its "
        "commonest colour. Applies only where the prompt names one plain colour: split, gradient "
        "and brick backgrounds are legitimate.",
        "percentile",
        _run,
    ),
)
