"""Forecast: what a config will do before it runs: steps, checkpoints, rates, time, cost, disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core.buckets import Size
from bespoke_gui.core.config.disk import Disk, disk_needed
from bespoke_gui.core.config.estimate import Estimate, estimate
from bespoke_gui.core.config.schedule import Plan, annealed_epochs, plan, uneven_words
from bespoke_gui.core.config.speeds import Shape, Speed, shape_of
from bespoke_gui.core.errors import AppError


@dataclass(frozen=True)
class Mark:
    """The end of an epoch. checkpoint: the file saved there, "" for none; learning_rate: the
    UNet's at its last step, None where it cannot be told; annealed: it is near zero there, while
    other epochs end at a high rate."""

    epoch: int
    step: int
    checkpoint: str
    learning_rate: float | None
    annealed: bool = False


@dataclass(frozen=True)
class Forecast:
    """What a training will do. uneven: the warning about learning rates in words, or "".

    time: how long the steps take, None when nothing is known; usd: (low, likely, high), None
    without a price or a time.
    """

    plan: Plan
    shape: Shape
    marks: list[Mark]
    uneven: str
    disk: Disk
    time: Estimate | None
    usd: tuple[float, float, float] | None

    def as_dict(self) -> dict[str, Any]:
        """Return the forecast as the command line prints it."""
        course = self.plan
        return {
            "images": course.images,
            "steps_per_epoch": course.steps_per_epoch,
            "total_steps": course.total_steps,
            "epochs": course.epochs,
            "warmup_steps": course.warmup_steps,
            "checkpoints": [name for _, name in course.checkpoints],
            "lr_at_epoch": course.lr_at_epoch,
            "annealed_epochs": [mark.epoch for mark in self.marks if mark.annealed],
            "uneven": self.uneven,
            "disk_bytes": self.disk.as_dict(),
            "time": self.time.as_dict() if self.time else None,
            "usd": list(self.usd) if self.usd else None,
        }


def forecast(
    values: Mapping[str, Any],
    images: int,
    *,
    sizes: Mapping[Size, int] | None = None,
    past: Sequence[Speed] = (),
    gpu: str = "",
    engine: str = "lora",
    usd_per_hour: float | None = None,
) -> Forecast:
    """Return what a training with these values and `images` (images x repeats) will do.

    sizes: images by (width, height), since a batch holds one size; past: speeds of finished runs of
    this project (`past_runs.past_speeds`), which count before the measured table; gpu: a card's
    name, "" for this machine; engine: "lora" or "kohya". Raises AppError when a value cannot be
    planned with.
    """
    course = plan(values, images, sizes)
    shape = shape_of(values)
    time = estimate(course.total_steps, shape, gpu=gpu, engine=engine, past=past)
    return Forecast(
        plan=course,
        shape=shape,
        marks=marks_of(course),
        uneven=uneven_words(course.lr_at_epoch),
        disk=disk_needed(values, course),
        time=time,
        usd=time.cost(usd_per_hour) if time and usd_per_hour is not None else None,
    )


def forecast_or_reason(
    values: Mapping[str, Any], images: int, **known: Any
) -> tuple[Forecast | None, str]:
    """Return a forecast and "", or None and why there is none."""
    try:
        return forecast(values, images, **known), ""
    except AppError as error:
        return None, error.message


def marks_of(course: Plan) -> list[Mark]:
    """Return the end of every epoch, for the curve and the table beside it."""
    rates, names = course.lr_at_epoch, dict(course.checkpoints)
    low = annealed_epochs(rates)
    return [
        Mark(
            epoch,
            min(epoch * course.steps_per_epoch, course.total_steps),
            names.get(epoch, ""),
            rates[epoch - 1] if rates else None,
            epoch in low,
        )
        for epoch in range(1, course.epochs + 1)
    ]
