"""Loss curves: loss and learning rate of several runs, read from their events and smoothed."""

from __future__ import annotations

import json
import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from bespoke_gui.core.events import HELD_OUT_LOSS

PIECE = 4 * 1024 * 1024
MOST = 1200
WANTED = (b'"progress"', HELD_OUT_LOSS.encode())
# What the size of a loss depends on besides how well the training goes.
DECISIVE = (
    "resolution", "train_batch_size", "loss_type", "min_snr_gamma", "noise_offset",
    "v_parameterization", "pretrained_model_name_or_path", "prior_loss_weight",
)  # fmt: skip


@dataclass
class LossCurve:
    """One run: arrays of one length, in the order of the steps; NaN where a value was not told.

    steps: optimiser steps; epochs: the same as parts of epochs, 2.5 in the middle of the third;
    losses and rates as the engine told them; held_out: epoch and loss on images not taught.
    offset: bytes of the events read so far.
    """

    steps: array[int] = field(default_factory=lambda: array("q"))
    epochs: array[float] = field(default_factory=lambda: array("d"))
    losses: array[float] = field(default_factory=lambda: array("d"))
    rates: array[float] = field(default_factory=lambda: array("d"))
    held_out: dict[int, float] = field(default_factory=dict)
    offset: int = 0

    def copy(self) -> LossCurve:
        """Return a curve of its own with the same values."""
        parts = (self.steps[:], self.epochs[:], self.losses[:], self.rates[:])
        return LossCurve(*parts, dict(self.held_out), self.offset)

    def steps_at(self, epoch: float) -> float:
        """Return the step at which an epoch ended, as far as it was told."""
        if not self.steps:
            return 0.0
        per_epoch = self.steps[-1] / self.epochs[-1] if self.epochs[-1] else 1.0
        return epoch * per_epoch


@dataclass(frozen=True)
class Line:
    """A curve as it is drawn, at most MOST points. x: steps or epochs; smoothed and raw losses,
    rates; dots: x and loss of every measurement on held-out images."""

    x: tuple[float, ...] = ()
    smoothed: tuple[float, ...] = ()
    losses: tuple[float, ...] = ()
    rates: tuple[float, ...] = ()
    dots: tuple[tuple[float, float], ...] = ()

    def at(self, x: float) -> int | None:
        """Return the place of the last point that is not beyond `x`; None outside the curve."""
        if not self.x or x < self.x[0] or x > self.x[-1]:
            return None
        return bisect_right(self.x, x) - 1


def read_curve(events: Path, known: LossCurve | None = None) -> LossCurve:
    """Return the curve of an events.jsonl; with `known` only what was written since is read.

    A line that is no event is passed over; a step seen before (the run was resumed) takes the
    later ones away. A missing file is an empty curve.
    """
    curve = known.copy() if known else LossCurve()
    try:
        with events.open("rb") as file:
            file.seek(curve.offset)
            rest = b""
            while chunk := file.read(PIECE):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    if any(word in line for word in WANTED):
                        _take(curve, line)
            curve.offset = file.tell() - len(rest)
    except OSError:
        return curve
    return curve


def smooth(values: Sequence[float], weight: float) -> list[float]:
    """Return the exponential mean of values, freed of its bias towards the beginning.

    weight: 0 (as they are) to below 1. NaN stays NaN and leaves the mean as it was. The mean of
    TensorBoard and of Kingma and Ba, Adam (arXiv:1412.6980), section 3.
    """
    if weight <= 0:
        return list(values)
    is_told = [value == value for value in values]
    told = [value for value in values if value == value]
    means = accumulate(told, lambda mean, value: weight * mean + (1 - weight) * value, initial=0.0)
    next(means)
    shares = accumulate(told, lambda share, _: weight * share + 1 - weight, initial=0.0)
    next(shares)
    smoothed = iter([mean / share for mean, share in zip(means, shares, strict=True)])
    return [next(smoothed) if there else math.nan for there in is_told]


def line_of(curve: LossCurve, by_epoch: bool, weight: float) -> Line:
    """Return what is drawn of a curve: over epochs or steps, the losses smoothed by `weight`."""
    whole = smooth(curve.losses, weight)
    stride = max(1, math.ceil(len(whole) / MOST))
    # The last point of each stretch: the newest value is always among them.
    kept = range((len(whole) - 1) % stride, len(whole), stride)
    across = curve.epochs if by_epoch else curve.steps
    dots = sorted(curve.held_out.items())
    return Line(
        tuple(float(across[at]) for at in kept), tuple(whole[at] for at in kept),
        tuple(curve.losses[at] for at in kept), tuple(curve.rates[at] for at in kept),
        tuple((float(epoch) if by_epoch else curve.steps_at(epoch), loss) for epoch, loss in dots),
    )  # fmt: skip


def differences(configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the settings by which the losses of runs cannot be compared, as they differ."""
    return [key for key in DECISIVE if len({str(config.get(key)) for config in configs}) > 1]


def _take(curve: LossCurve, line: bytes) -> None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return
    if not isinstance(event, dict):
        return
    if event.get("event") == "metric" and event.get("name") == HELD_OUT_LOSS:
        epoch, value = _real(event.get("epoch")), _real(event.get("value"))
        if epoch == epoch and value == value:
            curve.held_out[int(epoch)] = value
    elif event.get("event") == "progress":
        _take_step(curve, event)


def _take_step(curve: LossCurve, event: Mapping[str, Any]) -> None:
    step, loss, rate = (_real(event.get(name)) for name in ("step", "loss", "lr"))
    if step != step or (loss != loss and rate != rate):
        return
    if curve.steps and step <= curve.steps[-1]:
        place = bisect_left(curve.steps, int(step))
        for values in (curve.steps, curve.epochs, curve.losses, curve.rates):
            del values[place:]
    total, epochs = _real(event.get("total")), _real(event.get("epochs"))
    told = _real(event.get("epoch"))
    part = step * epochs / total if total > 0 and epochs > 0 else told
    curve.steps.append(int(step))
    curve.epochs.append(0.0 if part != part else part)
    curve.losses.append(loss)
    curve.rates.append(rate)


def _real(value: object) -> float:
    """Return a finite number, else NaN."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    try:
        number = float(value)
    except OverflowError:
        return math.nan
    return number if math.isfinite(number) and abs(number) < 2**53 else math.nan
