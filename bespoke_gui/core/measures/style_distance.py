"""Measure: style distance, how near an image is to the training set as a whole."""

from __future__ import annotations

from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput


def _run(given: MeasureInput) -> float | None:
    style = given.reference.style if given.reference else None
    return style.distance(given.merged, given.member) if style else None


MEASURES.add(
    "style_distance",
    Measure(
        "style_distance",
        "Distance to the training style",
        "times usual",
        "lower",
        "Palette of the middle and of the rest, and how often neighbouring cells differ, against "
        "the three nearest training images. 1 is as near as training images are to each other. "
        "Being near in style is wanted; being a copy is what the nearness to one image tells.",
        "percentile",
        _run,
    ),
)
