"""Measure: memorisation, how nearly an image is a copy of one training image."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput
from bespoke_gui.core.nearest_training import COPY, nearness


def _run(given: MeasureInput) -> float | None:
    if given.reference is None:
        return None
    scores = [nearness(lab, given.reference) for lab in (given.lab, given.lab[:, ::-1])]
    if not len(scores[0]):
        return None
    best = np.maximum(*scores)
    if given.member is not None:
        best = np.delete(best, given.reference.place(given.member))
    return float(best.max()) if len(best) else None


MEASURES.add(
    "memorisation",
    Measure(
        "memorisation",
        "Nearness to a training image",
        "share",
        "lower",
        "How nearly the image, or its mirror image, copies one training image: share of equal "
        "cells or agreement of edges, whichever is larger. Above 0.90 it is a copy.",
        "fixed",
        _run,
        limit=COPY,
        ranked=False,
    ),
)
