"""Measure: diversity over seeds, how far images of one prompt and epoch differ."""

from __future__ import annotations

from bespoke_gui.core.cell_marks import unlike_share
from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput

COLLAPSED = 0.05


def _run(given: MeasureInput) -> float | None:
    others = [lab for lab in given.siblings if lab.shape == given.lab.shape]
    if not others:
        return None
    return sum(unlike_share(given.lab, lab) for lab in others) / len(others)


MEASURES.add(
    "seed_diversity",
    Measure(
        "seed_diversity",
        "Diversity over seeds",
        "share",
        "higher",
        "Share of cells over 0.06 OKLab from the images of the other seeds, same prompt and epoch, "
        "on average. Below 0.05 all seeds give one picture: the LoRA has collapsed onto it. Needs "
        "two seeds; more is not better without end, so epochs are not ranked by it.",
        "fixed",
        _run,
        limit=COLLAPSED,
        ranked=False,
    ),
)
