"""Measures: one file each; what a figure says about one image at its native size."""

from __future__ import annotations

from bespoke_gui.core.measures.base import Measure, MeasureInput
from bespoke_gui.core.registry import Registry

MEASURES: Registry[Measure] = Registry("measure", "bespoke_gui.core.measures")

ORDER = (
    "unique_colours", "distinct_colours", "background_match", "strays", "grid_alignment",
    "cell_impurity", "anti_aliased", "background_uniformity", "palette_distance", "style_distance",
    "memorisation", "epoch_change", "seed_diversity",
)  # fmt: skip
"""The order in which people read them; measures added later follow by name."""

__all__ = ["MEASURES", "ORDER", "Measure", "MeasureInput", "ordered"]


def ordered() -> list[Measure]:
    """Return all measures in reading order."""
    names = [*ORDER, *(name for name in MEASURES if name not in ORDER)]
    return [MEASURES[name] for name in names]
