"""Measure: background match, the background against the colour that the prompt names."""

from __future__ import annotations

from bespoke_gui.core.background import colour_match, ring_colour
from bespoke_gui.core.colour_words import parse_colour
from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput


def _run(given: MeasureInput) -> float | None:
    words = parse_colour(given.prompt.background) if given.prompt else None
    if words is None:
        return None
    return colour_match(ring_colour(given.lab)[0], words)


MEASURES.add(
    "background_match",
    Measure(
        "background_match",
        "Background fits the prompt",
        "0 to 1",
        "higher",
        "How well the background's main colour fits the colour named in the prompt. Applies only "
        "where the prompt names one plain colour. Above 0.3 the colour is right.",
        "fixed",
        _run,
        limit=0.3,
    ),
)
