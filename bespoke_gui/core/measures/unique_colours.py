"""Measure: unique colours, every RGB value counted."""

from __future__ import annotations

from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput
from bespoke_gui.core.pixels.colours import unique_colours


def _run(given: MeasureInput) -> float:
    return float(unique_colours(given.cells))


MEASURES.add(
    "unique_colours",
    Measure(
        "unique_colours",
        "Unique colours",
        "colours",
        "none",
        "How many different RGB values the native image holds. In a generated image most of them "
        "are jitter of one or two levels: shown, never ranked by.",
        "none",
        _run,
        decimals=0,
        ranked=False,
    ),
)
