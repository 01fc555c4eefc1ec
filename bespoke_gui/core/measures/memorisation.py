"""Measure: memorisation, how nearly an image is a copy of one training image."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.cell_marks import edge_bits
from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput
from bespoke_gui.core.reference import Reference

SAME = 0.06
COPY = 0.90
EDGE_COPY = 0.75


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


def nearness(lab: np.ndarray, reference: Reference) -> np.ndarray:
    """Return float (n,): how near the picture is to each reference image of its size.

    The share of cells within OKLab 0.06, or the agreement (Jaccard) of edges scaled so that
    both call a copy at 0.90; edges also find a recoloured copy.
    """
    others = reference.labs(lab.shape[:2])
    if not others.size:
        return np.empty(0)
    square = np.zeros(others.shape[1:], np.float32)
    for channel, mine in zip(others, lab.reshape(-1, 3).T, strict=True):
        step = channel - mine
        square += step * step
    same = np.count_nonzero(square < SAME * SAME, axis=1) / others.shape[2]
    bits = edge_bits(lab).astype(np.float32)
    theirs = reference.edges(lab.shape[:2])
    both = theirs @ bits
    either = theirs.sum(axis=1) + bits.sum() - both
    jaccard = both / np.maximum(either, 1)
    return np.maximum(same, np.minimum(1, jaccard * (COPY / EDGE_COPY)))


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
