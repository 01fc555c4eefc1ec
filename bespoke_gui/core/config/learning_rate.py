"""Learning rate over time, for every scheduler that sd-scripts names, in plain Python.

Method: transformers/optimization.py with the arguments that sd-scripts gives it
(train_util.py:5265-5399). A multiplier takes a step from 0 and returns a factor of the full rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Multiplier = Callable[[int], float]
POLYNOMIAL_END = 1e-7
LARGEST = 1e12
NOT_PREDICTED = frozenset({"piecewise_constant", "adafactor"})


@dataclass(frozen=True)
class Course:
    """What a scheduler is given: steps, and its own options with the trainer's defaults."""

    total: int
    warmup: int
    decay: int
    cycles: float
    power: float
    timescale: float | None
    min_ratio: float
    rate: float

    @property
    def after_warmup(self) -> int:
        """Steps that are left when the warm-up is over, at least 1."""
        return max(1, self.total - self.warmup)


def multiplier(name: str, values: Mapping[str, Any], total: int, rate: float) -> Multiplier | None:
    """Return the factor of the full rate by step, or None when it cannot be told in advance."""
    optimiser = str(values.get("optimizer_type")).lower()
    if optimiser.endswith("schedulefree"):
        return lambda step: 1.0  # The trainer gives these a schedule that does nothing.
    shape = SCHEDULERS.get(name)
    if optimiser == "adafactor" and "relative_step=False" not in _words(values):
        return None
    if shape is None or values.get("lr_scheduler_type") or values.get("lr_scheduler_args"):
        return None
    course = _course(values, total, rate)
    # Only this one starts its straight rise at its lowest rate instead of at 0.
    floor = course.min_ratio if name == "warmup_stable_decay" else 0.0

    def factor(step: int) -> float:
        if step < course.warmup and name != "constant":
            return floor + (1 - floor) * step / course.warmup
        return shape(course, step)

    return factor


def _words(values: Mapping[str, Any]) -> list[str]:
    arguments = values.get("optimizer_args")
    return [str(one).replace(" ", "") for one in arguments] if isinstance(arguments, list) else []


def steps_of(value: Any, total: int) -> int:
    """Read a number of steps as sd-scripts does: a float is a share of the whole."""
    steps = usable_number(value, 0)
    return int(steps * total) if isinstance(steps, float) else steps


def usable_number(value: Any, default: float) -> float:
    """Return `value` when it is a number one can calculate with, else `default`."""
    return value if isinstance(value, (int, float)) and -LARGEST < value < LARGEST else default


def _course(values: Mapping[str, Any], total: int, rate: float) -> Course:
    def number(key: str, default: float) -> float:
        return usable_number(values.get(key), default)

    timescale = number("lr_scheduler_timescale", 0)
    return Course(
        total=total,
        warmup=steps_of(values.get("lr_warmup_steps", 0), total),
        decay=steps_of(values.get("lr_decay_steps", 0), total),
        cycles=number("lr_scheduler_num_cycles", 1),
        power=number("lr_scheduler_power", 1),
        timescale=timescale if timescale > 0 else None,
        min_ratio=number("lr_scheduler_min_lr_ratio", 0.0),
        rate=rate,
    )


def _constant(_course: Course, _step: int) -> float:
    return 1.0


def _linear(course: Course, step: int) -> float:
    return max(0.0, (course.total - step) / course.after_warmup)


def _wave(course: Course, step: int, cycles: float) -> float:
    progress = (step - course.warmup) / course.after_warmup
    return 0.5 * (1.0 + math.cos(math.pi * cycles * 2.0 * progress))


def _cosine(course: Course, step: int) -> float:
    return max(0.0, _wave(course, step, 0.5))


def _cosine_with_restarts(course: Course, step: int) -> float:
    progress = (step - course.warmup) / course.after_warmup
    if progress >= 1.0:
        return 0.0
    return max(0.0, 0.5 * (1.0 + math.cos(math.pi * ((course.cycles * progress) % 1.0))))


def _cosine_with_min_lr(course: Course, step: int) -> float:
    wave = _wave(course, step, course.cycles / 2)
    return max(0.0, wave * (1 - course.min_ratio) + course.min_ratio)


def _polynomial(course: Course, step: int) -> float:
    if course.rate <= 0 or step > course.total:
        return 0.0
    left = 1 - (step - course.warmup) / course.after_warmup
    return ((course.rate - POLYNOMIAL_END) * left**course.power + POLYNOMIAL_END) / course.rate


def _inverse_sqrt(course: Course, step: int) -> float:
    timescale = course.timescale or course.warmup or 10_000
    return 1.0 / math.sqrt((step + timescale - course.warmup) / timescale)


def _warmup_stable_decay(course: Course, step: int) -> float:
    """Full rate after the warm-up, then waves down over the last `decay` steps."""
    start = course.total - course.decay
    if step < start:
        return 1.0
    if step >= course.total:
        return course.min_ratio
    progress = (step - start) / max(1, course.decay)
    wave = 0.5 * (1.0 + math.cos(math.pi * course.cycles * progress))
    return max(0.0, wave * (1.0 - course.min_ratio) + course.min_ratio)


SCHEDULERS: dict[str, Callable[[Course, int], float]] = {
    "constant": _constant,
    "constant_with_warmup": _constant,
    "linear": _linear,
    "cosine": _cosine,
    "cosine_with_restarts": _cosine_with_restarts,
    "polynomial": _polynomial,
    "cosine_with_min_lr": _cosine_with_min_lr,
    "inverse_sqrt": _inverse_sqrt,
    "warmup_stable_decay": _warmup_stable_decay,
}
SCHEDULER_NAMES = frozenset(SCHEDULERS) | NOT_PREDICTED
