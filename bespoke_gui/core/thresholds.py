"""Thresholds of the measures: what is unusual for the user's own training set."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bespoke_gui.core.criteria import Criteria
from bespoke_gui.core.look import Look, read_cells
from bespoke_gui.core.measures import Measure, MeasureInput, ordered
from bespoke_gui.core.protocol import new_prompt
from bespoke_gui.core.reference import Reference


def find_thresholds(
    reference: Reference | None, look: Look, criteria: Criteria, own: Mapping[str, float]
) -> dict[str, float]:
    """Return measure -> limit: the user's own, else fixed ones, else the reference percentile.

    Each training image is measured with itself left out. Measures that rest on a percentile
    have no limit without a reference; cell impurity keeps its floor.
    """
    limits: dict[str, float] = {}
    values = reference_values(reference, look) if reference else {}
    for measure in ordered():
        limit = own.get(measure.name, _limit(measure, values.get(measure.name, []), criteria))
        if limit is not None:
            limits[measure.name] = round(float(limit), 6)
    return limits


def _limit(measure: Measure, values: list[float], criteria: Criteria) -> float | None:
    if measure.threshold == "fixed":
        return measure.limit
    if measure.threshold == "none":
        return None
    floor = criteria.words.impurity_floor if measure.name == "cell_impurity" else None
    if not values:
        return floor
    percentile = criteria.words.percentile
    place = percentile if measure.better == "lower" else 100 - percentile
    found = float(np.percentile(values, place))
    return found if floor is None else max(found, floor)


def reference_values(reference: Reference, look: Look) -> dict[str, list[float]]:
    """Return the percentile measures of every training image, itself left out of the set."""
    measures = [measure for measure in ordered() if measure.threshold == "percentile"]
    found: dict[str, list[float]] = {measure.name: [] for measure in measures}
    for member, cells in enumerate(reference.cells):
        caption = reference.caption(member)
        asked = new_prompt("training", caption) if caption else None
        given = MeasureInput(cells, cells, prompt=asked, reference=reference, member=member)
        if member < len(reference.paths):
            read = read_cells(reference.paths[member], look)
            given.large, given.grid = read.large, read.grid
        for measure in measures:
            value = measure.run(given)
            if value is not None:
                found[measure.name].append(value)
    return found
