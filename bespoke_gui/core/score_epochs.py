"""Figures of an epoch: means with intervals, share of clean images, ties with the best epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bespoke_gui.core.bootstrap import Place, nested_difference, nested_interval
from bespoke_gui.core.gallery import Gallery, GalleryImage
from bespoke_gui.core.measures import Measure, ordered
from bespoke_gui.core.verdicts import CLEAN, MESSY, UNKNOWN, Verdict

Images = Mapping[str, Mapping[str, float | None]]


def summarise(
    gallery: Gallery, images: Images, verdicts: Mapping[str, Verdict]
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return epochs (number as text -> figures) and ties (measure -> best and tied epochs)."""
    epochs = {
        str(epoch): _epoch_figures(gallery, epoch, images, verdicts) for epoch in gallery.epochs
    }
    return epochs, {
        measure.name: tied
        for measure in ordered()
        if measure.ranked and (tied := _ties(gallery, images, measure))
    }


def _epoch_figures(
    gallery: Gallery, epoch: int, images: Images, verdicts: Mapping[str, Verdict]
) -> dict[str, Any]:
    mine = [i for i in gallery.images() if i.epoch == epoch and i.name in images]
    figures: dict[str, Any] = {
        "n": len(mine),
        "learning_rate": gallery.learning_rate(epoch),
        "held_out_loss": gallery.held_out_loss(epoch),
    }
    intervals: dict[str, list[float]] = {}
    for measure in ordered():
        values = {
            (image.prompt, image.seed): value
            for image in mine
            if (value := images[image.name][measure.name]) is not None
        }
        figures[measure.name] = None
        if values:
            interval = nested_interval(values)
            figures[measure.name] = round(interval.mean, 6)
            intervals[measure.name] = [round(interval.low, 6), round(interval.high, 6)]
    said = [verdicts[image.name] for image in mine]
    scores = {
        (image.prompt, image.seed): score
        for image in mine
        if (score := verdicts[image.name].score) is not None
    }
    figures["reviewed"] = sum(verdict.is_reviewed for verdict in said)
    figures["score"] = None
    if scores:
        interval = nested_interval(scores)
        figures["score"] = round(interval.mean, 4)
        intervals["score"] = [round(interval.low, 4), round(interval.high, 4)]
    words = [verdict.verdict for verdict in said]
    known = [word for word in words if word != UNKNOWN]
    figures["judged"] = len(known)
    figures["clean_rate"] = round(known.count(CLEAN) / len(known), 4) if known else None
    figures["messy_rate"] = round(known.count(MESSY) / len(known), 4) if known else None
    figures["intervals"] = intervals
    return figures


def _ties(gallery: Gallery, images: Images, measure: Measure) -> dict[str, Any] | None:
    """Return the best epoch by one measure and those whose difference to it may be chance.

    Images of the same prompt and seed are paired; an epoch ties where the 95% interval of the
    mean difference holds zero. The base with the LoRA off is not ranked.
    """
    values = {
        epoch: found
        for epoch in gallery.epochs
        if epoch > 0 and (found := _by_place(gallery, epoch, images, measure.name))
    }
    if len(values) < 2:
        return None
    best, tied = compare_epochs(values, higher=measure.better == "higher")
    return {"best": str(best), "tied": [str(epoch) for epoch in tied], "pairs": len(values[best])}


def compare_epochs(
    values: Mapping[int, Mapping[Place, float]], *, higher: bool
) -> tuple[int, list[int]]:
    """Return the epoch with the best mean, and those whose difference to it may be chance.

    values: epoch -> prompt and seed -> figure; images of the same prompt and seed are paired.
    """
    sign = 1 if higher else -1
    best = max(values, key=lambda epoch: sign * sum(values[epoch].values()) / len(values[epoch]))
    return best, [e for e in values if e != best and _tied(values[best], values[e])]


def _by_place(gallery: Gallery, epoch: int, images: Images, name: str) -> dict[Place, float]:
    mine: list[GalleryImage] = [i for i in gallery.images() if i.epoch == epoch]
    pairs = (((i.prompt, i.seed), images.get(i.name, {}).get(name)) for i in mine)
    return {place: value for place, value in pairs if value is not None}


def _tied(best: Mapping[Place, float], other: Mapping[Place, float]) -> bool:
    interval = nested_difference(best, other)
    return interval is None or not interval.excludes_zero
