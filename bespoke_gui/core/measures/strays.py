"""Measure: strays, single cells unlike all their neighbours where the training set has none."""

from __future__ import annotations

from bespoke_gui.core.cell_marks import orphans
from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput
from bespoke_gui.core.picture_marks import USUAL


def _run(given: MeasureInput) -> float | None:
    if given.reference is None:
        return None
    share = given.reference.orphan_share(given.lab.shape[:2], given.member)
    if share is None:
        return None
    weight = 1 - (share / USUAL).clip(max=1)
    return float(weight[orphans(given.lab)].sum())


MEASURES.add(
    "strays",
    Measure(
        "strays",
        "Stray cells",
        "cells",
        "lower",
        "Cells that differ from all eight neighbours, each counted less the more training images "
        "have such a cell there (eyes, teeth, earrings). A mark to look at, not a judgement: one "
        "stray cell cannot be told from art.",
        "percentile",
        _run,
        decimals=1,
    ),
)
