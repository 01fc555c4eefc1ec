"""Estimate: how long steps take, always as a range, and always with what it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from bespoke_gui.core.config.cards import Card, match_name
from bespoke_gui.core.config.speeds import Shape, Speed, SpeedTable, replays, speed_table

# How far a figure may be off, as a factor up and down.
SAME = 1.15  # the same work on the same card, another day
REPORTED = 1.5  # somebody else's figure, settings not all known
OTHER_CARD = 1.3  # beyond both ratios of the makers' data sheets
# Gradient checkpointing computes one third more; where both were measured, that ratio is likelier.
CHECKPOINTING = (1.1, 1.35, 1.6)
# One kernel at a time against recorded steps: nothing on a slow card, 3 times on an H200.
ONE_BY_ONE = (1.0, 1.8, 3.2)
FLOOR = 1.6  # the same launches from another processor
FULL_PRECISION = (1.2, 2.0, 4.0)  # 32 bits against 16
# Time a step by the work w in it lies between w**0.6 (the card waits for the program, so that less
# work saves little) and w**1.2 (attention grows faster than the number of pixels). With one kernel
# at a time less work may save next to nothing.
SCALING = (0.6, 0.9, 1.2)
SCALING_ONE_BY_ONE = (0.1, 0.7, 1.2)


@dataclass(frozen=True)
class Estimate:
    """Seconds for the steps alone: low, likely, high; and what the figure rests on, in words.

    kind: "past_run", "measured" or "reported"; start_up: seconds (low, high) that a rented machine
    needs beside the steps, (0, 0) on this one.
    """

    low: float
    seconds: float
    high: float
    basis: str
    kind: str
    start_up: tuple[float, float] = (0.0, 0.0)

    def whole(self) -> tuple[float, float, float]:
        """Return seconds (low, likely, high) with the start-up of a rented machine."""
        quick, slow = self.start_up
        return self.low + quick, self.seconds + (quick + slow) / 2, self.high + slow

    def cost(self, usd_per_hour: float) -> tuple[float, float, float]:
        """Return USD (low, likely, high), start-up included."""
        low, likely, high = (round(span / 3600 * usd_per_hour, 4) for span in self.whole())
        return low, likely, high

    @property
    def words(self) -> str:
        """The estimate in one line, as "2 to 5 min of training, likely 3 min; ..."."""
        text = f"{duration(self.low)} to {duration(self.high)} of training, "
        text += f"likely {duration(self.seconds)}"
        if not any(self.start_up):
            return text
        quick, slow = (duration(span) for span in self.start_up)
        return f"{text}; and {quick} to {slow} to boot, install and download (assumed)"

    def as_dict(self) -> dict[str, Any]:
        """Return the estimate as the command line prints it."""
        data = asdict(self)
        data["start_up"] = list(self.start_up)
        return data


@dataclass(frozen=True)
class _Task:
    """What is asked for: the work of a step, and by which engine."""

    shape: Shape
    engine: str

    @property
    def replayed(self) -> bool:
        """Whether the engine replays recorded steps."""
        return replays(self.engine, self.shape)


@dataclass(frozen=True)
class _Factor:
    """What a time is multiplied with: low, likely, high; and why, in words ("" for no reason)."""

    low: float
    likely: float
    high: float
    words: str = ""

    def __mul__(self, other: _Factor) -> _Factor:
        words = "; ".join(part for part in (self.words, other.words) if part)
        low, high = self.low * other.low, self.high * other.high
        return _Factor(low, self.likely * other.likely, high, words)


def duration(seconds: float) -> str:
    """Return a time in words, as "45 s", "12 min" or "3.5 h"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def estimate(
    steps: int,
    shape: Shape,
    *,
    gpu: str = "",
    engine: str = "lora",
    past: Sequence[Speed] = (),
    table: SpeedTable | None = None,
) -> Estimate | None:
    """Return how long `steps` steps take on a card ("" for this machine), or None.

    engine: "lora" or "kohya". Runs of this project on that machine count first, then the measured
    figure that is nearest, scaled by work, by precision and, from another card, by the makers'
    data sheets.
    """
    table = table or speed_table()
    known = _name_of(gpu, past, table)
    own = [s for s in past if s.shape.base == shape.base and (s.gpu == known if known else s.here)]
    task = _Task(shape, engine)
    if own:
        speed, card = _nearest(own, task), _Factor(1, 1, 1)
    elif known and shape.base == "sd15":
        found = _best(known, task, table)
        if found is None:
            return None
        speed, card = found
    else:
        return None
    factor = _certainty(speed, task) * _by_work(speed, shape) * card
    factor = factor * _by_precision(speed.shape, shape) * _by_checkpointing(speed, shape, table)
    each = _at_least(factor, speed, task, table)
    low, likely, high = (steps / speed.steps_per_s * f for f in (each.low, each.likely, each.high))
    start_up = table.start_up if known else (0.0, 0.0)
    return Estimate(low, likely, high, _basis(speed, each.words), speed.kind, start_up)


def _name_of(gpu: str, past: Sequence[Speed], table: SpeedTable) -> str:
    names = [*table.cards, *(s.gpu for s in table.speeds), *(s.gpu for s in past)]
    return match_name(gpu, names) or gpu


def _nearest(speeds: Iterable[Speed], task: _Task) -> Speed:
    """Return the figure whose work is most like the one asked for; the newest of equals."""
    newest = sorted(speeds, key=lambda speed: speed.date, reverse=True)
    return min(newest, key=lambda speed: _unlike(speed, task))


def _unlike(speed: Speed, task: _Task) -> float:
    known, wanted = speed.shape, task.shape
    apart = abs(math.log(wanted.work / known.work))
    apart += (known.half != wanted.half) + 2 * (speed.replayed != task.replayed)
    return apart + 0.3 * (known.checkpointing != wanted.checkpointing)


def _best(gpu: str, task: _Task, table: SpeedTable) -> tuple[Speed, _Factor] | None:
    """Return a figure of this card, else of another with the factor between the two cards."""
    ranked = [[s for s in table.speeds if s.kind == kind] for kind in ("measured", "reported")]
    for speeds in ranked:
        same = [speed for speed in speeds if speed.gpu == gpu]
        if same:
            return _nearest(same, task), _Factor(1, 1, 1)
    wanted = table.cards.get(gpu)
    for speeds in ranked:
        others = [s for s in speeds if s.gpu in table.cards]
        # Recorded steps take as long as the card computes, so they are what can be scaled.
        others = [speed for speed in others if speed.replayed] or others
        if wanted and others:
            speed = _nearest(others, task)
            return speed, _between(table.cards[speed.gpu], wanted)
    return None


def _between(known: Card, wanted: Card) -> _Factor:
    ratios = (known.tflops / wanted.tflops, known.bandwidth / wanted.bandwidth)
    words = (
        f"scaled to {wanted.name} by the makers' data sheets "
        f"(a step takes {min(ratios):.2g} to {max(ratios):.2g} times as long)"
    )
    low, high = min(ratios) / OTHER_CARD, max(ratios) * OTHER_CARD
    return _Factor(low, math.sqrt(ratios[0] * ratios[1]), high, words)


def _certainty(speed: Speed, task: _Task) -> _Factor:
    if task.engine == "kohya" != speed.engine:
        return _Factor(1 / REPORTED, 1, REPORTED, "sd-scripts itself was not measured")
    off = REPORTED if speed.kind == "reported" else SAME
    return _Factor(1 / off, 1, off)


def _by_work(speed: Speed, wanted: Shape) -> _Factor:
    ratio = wanted.work / speed.shape.work
    if ratio == 1:
        return _Factor(1, 1, 1)
    powers = SCALING if speed.replayed else SCALING_ONE_BY_ONE
    slow, likely, fast = (ratio**power for power in powers)
    words = f"scaled by work: {ratio:.2g} times the pixels a step"
    return _Factor(min(slow, fast), likely, max(slow, fast), words)


def _at_least(factor: _Factor, speed: Speed, task: _Task, table: SpeedTable) -> _Factor:
    """Account for recorded steps against one kernel at a time.

    A card that computes slowly hides the launches; on a fast one they are the least a step takes.
    """
    if speed.replayed == task.replayed:
        return factor
    low, likely, high = ONE_BY_ONE
    if task.replayed:
        return factor * _Factor(1 / high, 1 / likely, 1 / low, "recorded steps instead")
    launched = [s for s in table.speeds if s.kind == "measured" and not s.replayed]
    alike = [s for s in launched if s.shape.checkpointing == task.shape.checkpointing]
    if not alike:
        return factor * _Factor(low, likely, high, "one kernel at a time instead")
    known = _nearest(alike, task)
    least = speed.steps_per_s / known.steps_per_s
    words = f"; one kernel at a time, which takes {1 / known.steps_per_s:.2g} s or more a step"
    return _Factor(
        max(factor.low, least / FLOOR),
        max(factor.likely, least),
        max(factor.high, least * FLOOR),
        factor.words + words,
    )


def _by_precision(known: Shape, wanted: Shape) -> _Factor:
    if known.half == wanted.half:
        return _Factor(1, 1, 1)
    low, likely, high = FULL_PRECISION
    if wanted.half:
        low, likely, high = 1 / high, 1 / likely, 1 / low
    return _Factor(low, likely, high, f"{16 if wanted.half else 32}-bit instead")


def _by_checkpointing(speed: Speed, wanted: Shape, table: SpeedTable) -> _Factor:
    if speed.shape.checkpointing == wanted.checkpointing:
        return _Factor(1, 1, 1)
    low, likely, high = CHECKPOINTING
    # Recorded steps take as long as the card computes: there it is one third more.
    measured = None if speed.replayed else _measured_checkpointing(speed, table)
    if measured:
        likely, high = measured, max(high, measured * SAME)
    words = f"gradient checkpointing {'on' if wanted.checkpointing else 'off'} instead"
    words += f" ({likely:.2g} times as long with it)"
    if not wanted.checkpointing:
        low, likely, high = 1 / high, 1 / likely, 1 / low
    return _Factor(low, likely, high, words)


def _measured_checkpointing(speed: Speed, table: SpeedTable) -> float | None:
    """How many times as long a step took with it than without, both one kernel at a time."""
    rates = {
        s.shape: s.steps_per_s
        for s in table.speeds
        if s.gpu == speed.gpu and s.kind == "measured" and not s.replayed
    }
    found = [
        rates[replace(shape, checkpointing=False)] / rate
        for shape, rate in rates.items()
        if shape.checkpointing and replace(shape, checkpointing=False) in rates
    ]
    return max(found, default=None)


def _basis(speed: Speed, words: str) -> str:
    what = {"past_run": "a run of this project", "measured": "measured", "reported": "reported"}
    where = " on this machine" if speed.here else f" on {speed.gpu or 'another machine'}"
    text = (
        f"{what[speed.kind]}{where}: {speed.steps_per_s:.3g} steps/s at {speed.shape} "
        f"({speed.source}{', ' + speed.date if speed.date else ''})"
    )
    return f"{text}; {words}" if words else text
