"""Weighted index: all ranked measures of an epoch as one figure, by weights a person chooses.

Each measure is brought to one scale: its difference from the gallery's mean in standard
deviations, turned so that more is better. An image's index is the weighted mean of the measures
that apply to it, an epoch's the mean over its images. It orders epochs of one gallery only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bespoke_gui.core.bootstrap import Place, nested_interval
from bespoke_gui.core.gallery import LORA_OFF, Gallery
from bespoke_gui.core.measures import Measure, ordered
from bespoke_gui.core.score_epochs import compare_epochs

if TYPE_CHECKING:
    from bespoke_gui.core.score import Figures


@dataclass
class Index:
    """epochs: number as text -> value, low, high. best: the highest; tied: those that chance
    may keep from it. weights: what was used."""

    epochs: dict[str, dict[str, float]] = field(default_factory=dict)
    best: str = ""
    tied: list[str] = field(default_factory=list)
    weights: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def weighted_index(
    gallery: Gallery, images: Mapping[str, Figures], weights: Mapping[str, float]
) -> Index:
    """Return the index of every epoch but the LoRA-off row; empty with fewer than two epochs.

    images: name -> measure -> value. Images of the same prompt and seed are paired; an epoch is
    tied where the 95% interval of its mean difference to the best holds zero.
    """
    mine = [i for i in gallery.images() if i.epoch > LORA_OFF and i.name in images]
    used = {m.name: weights.get(m.name, 1.0) for m in ordered() if m.ranked}
    used = {name: weight for name, weight in used.items() if weight > 0}
    scaled = _scaled({image.name: images[image.name] for image in mine}, used)
    by_epoch: dict[int, dict[Place, float]] = {}
    for image in mine:
        if image.name in scaled:
            by_epoch.setdefault(image.epoch, {})[image.prompt, image.seed] = scaled[image.name]
    if len(by_epoch) < 2:
        return Index(weights=used)
    best, tied = compare_epochs(by_epoch, higher=True)
    rows = {str(epoch): _row(values) for epoch, values in by_epoch.items()}
    return Index(rows, str(best), [str(epoch) for epoch in tied], used)


def _row(values: Mapping[Place, float]) -> dict[str, float]:
    interval = nested_interval(values)
    return {"value": round(interval.mean, 4), "low": round(interval.low, 4),
            "high": round(interval.high, 4)}  # fmt: skip


def _scaled(images: Mapping[str, Figures], weights: Mapping[str, float]) -> dict[str, float]:
    sums: dict[str, float] = dict.fromkeys(images, 0.0)
    totals: dict[str, float] = dict.fromkeys(images, 0.0)
    for measure in ordered():
        weight = weights.get(measure.name, 0.0)
        values = {n: v for n, row in images.items() if (v := row.get(measure.name)) is not None}
        for name, value in _standard(measure, values).items() if weight else ():
            sums[name] += weight * value
            totals[name] += weight
    return {name: sums[name] / totals[name] for name in images if totals[name]}


def _standard(measure: Measure, values: Mapping[str, float]) -> dict[str, float]:
    """Return each value in standard deviations above the mean, more being better."""
    spread = float(np.std(list(values.values()))) if values else 0.0
    if spread < 1e-12:
        return {}
    sign = 1 if measure.better == "higher" else -1
    middle = float(np.mean(list(values.values())))
    return {name: sign * (value - middle) / spread for name, value in values.items()}
