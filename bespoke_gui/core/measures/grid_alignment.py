"""Measure: grid alignment, whether the edges of a large image sit on the native grid."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.measures import MEASURES, Measure, MeasureInput
from bespoke_gui.core.pixels.edges import edge_profiles

GOOD = 0.85


def _run(given: MeasureInput) -> float | None:
    if given.large is None or given.grid is None:
        return None
    across, down = edge_profiles(given.large)
    sums = [
        _on_lines(across, given.grid.cell_width, given.grid.offset_x),
        _on_lines(down, given.grid.cell_height, given.grid.offset_y),
    ]
    total = sum(weight for _, weight in sums)
    return float(sum(hit for hit, _ in sums) / total) if total > 0 else None


def _on_lines(profile: np.ndarray, cell: float, offset: float) -> tuple[float, float]:
    """Return (sum of w cos(phase), sum of w); boundary k lies between pixels k and k + 1."""
    at = np.arange(1, len(profile) + 1)
    phase = 2 * np.pi * (at - offset) / cell
    return float((profile * np.cos(phase)).sum()), float(profile.sum())


MEASURES.add(
    "grid_alignment",
    Measure(
        "grid_alignment",
        "Grid alignment",
        "-1 to 1",
        "higher",
        "Whether the edges of the large image lie on the native grid: 1 all of them, 0 anywhere, "
        "below 0 between the lines. 0.85 and more is good. Does not apply to native images.",
        "fixed",
        _run,
        limit=GOOD,
    ),
)
