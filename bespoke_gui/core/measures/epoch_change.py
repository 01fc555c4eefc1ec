"""Measure: change since the epoch before, in cells of the same prompt and seed."""

from __future__ import annotations

from bespoke_gui.core.cell_marks import unlike_share
from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput


def _run(given: MeasureInput) -> float | None:
    if given.previous is None or given.previous.shape != given.lab.shape:
        return None
    return unlike_share(given.lab, given.previous)


MEASURES.add(
    "epoch_change",
    Measure(
        "epoch_change",
        "Change since the epoch before",
        "share",
        "none",
        "Share of cells over 0.06 OKLab from the same prompt and seed one epoch earlier (for the "
        "first epoch: from the LoRA off). Near 0 training has settled, or had no effect. It says "
        "that something changed, not whether for the better: shown, never ranked by.",
        "none",
        _run,
        ranked=False,
    ),
)
