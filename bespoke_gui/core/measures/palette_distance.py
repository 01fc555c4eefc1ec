"""Measure: palette distance, how far the colours are from those of the training set."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput
from bespoke_gui.core.pixels.codes import pack, unpack
from bespoke_gui.core.pixels.oklab import srgb_to_oklab


def _run(given: MeasureInput) -> float | None:
    if given.reference is None:
        return None
    palette = given.reference.palette(given.member)
    codes, counts = np.unique(pack(given.merged), return_counts=True)
    lab = srgb_to_oklab(unpack(codes)).astype(np.float64)
    square = (lab * lab).sum(1)[:, None] + (palette * palette).sum(1) - 2 * lab @ palette.T
    nearest = np.sqrt(square.min(axis=1).clip(min=0))
    return float(np.average(nearest, weights=counts))


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
