"""Sweep: one config, some values for some of its options, and the configs that come of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.config.doctor import check_config
from bespoke_gui.core.config.estimate import duration
from bespoke_gui.core.config.files import add_config
from bespoke_gui.core.config.forecast import forecast_or_reason
from bespoke_gui.core.config.options import option_table
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.config.values import parse_typed, written
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.config.forecast import Forecast
    from bespoke_gui.core.project import Project

MOST = 256
SHORT = {
    "learning_rate": "lr", "unet_lr": "unet", "text_encoder_lr": "te", "network_dim": "dim",
    "network_alpha": "alpha", "train_batch_size": "batch", "max_train_epochs": "epochs",
    "max_train_steps": "steps", "lr_scheduler": "", "optimizer_type": "", "resolution": "px",
    "lr_scheduler_num_cycles": "cycles", "lr_warmup_steps": "warmup", "min_snr_gamma": "snr",
    "noise_offset": "noise", "keep_tokens": "keep", "seed": "seed", "clip_skip": "clip",
}  # fmt: skip
_VALUES = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^,]*?))\s*(?:,|$)""")


@dataclass(frozen=True)
class Axis:
    """One option and the values it takes in turn."""

    key: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class SweepRun:
    """One training of a sweep: the name of its config, what is set, and the config's text.

    same_as: the name of an earlier run that trains the same, "" where there is none; why: which
    option has no effect here, in words.
    """

    name: str
    values: Mapping[str, Any]
    text: str
    same_as: str = ""
    why: str = ""


@dataclass(frozen=True)
class Forecasts:
    """What a sweep takes: low, likely and high seconds and USD, None where it is not known.

    steps: of all runs together. basis: what the time rests on; note: why something is unknown.
    """

    runs: int
    steps: int | None
    seconds: tuple[float, float, float] | None
    usd: tuple[float, float, float] | None
    basis: str = ""
    note: str = ""
    each: list[Forecast | None] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The sum in one line, as "12 runs, 4896 steps, 2 to 4 h, likely 3 h"."""
        parts = [f"{self.runs} {'run' if self.runs == 1 else 'runs'}"]
        if self.steps is not None:
            parts.append(f"{self.steps:,} steps")
        if self.seconds:
            low, likely, high = (duration(span) for span in self.seconds)
            parts.append(f"{low} to {high} one after the other, likely {likely}")
        if self.usd:
            parts.append(f"${self.usd[0]:.2f} to ${self.usd[2]:.2f}, likely ${self.usd[1]:.2f}")
        return ", ".join(parts) + (f"; {self.note}" if self.note else "")

    def as_dict(self) -> dict[str, Any]:
        """Return what the command line prints."""
        return {
            "runs": self.runs, "steps": self.steps,
            "hours": [round(span / 3600, 4) for span in self.seconds] if self.seconds else None,
            "usd": list(self.usd) if self.usd else None, "basis": self.basis, "note": self.note,
        }  # fmt: skip


def axis_from(text: str) -> Axis:
    """Return the axis in KEY=VALUE,VALUE; values with commas stand in quotes.

    Raises AppError kind "usage" for an option that the trainer does not know, for no values, and
    for one value twice; kind "bad_config" for a value of the wrong kind.
    """
    key, equals, rest = text.partition("=")
    table = option_table()
    key = key.strip()
    if not equals or not key:
        raise AppError(f"{text!r} is no KEY=VALUE,VALUE", kind="usage")
    if key not in table:
        near = table.nearest(key)
        hint = f"did you mean {near}?" if near else "`config options` names them"
        raise AppError(f"the trainer has no option {key}", hint=hint, kind="usage")
    values = [parse_typed(table[key], one) for one in split_values(rest)]
    if not values:
        raise AppError(f"{key} has no values", hint=f"{key}=VALUE,VALUE", kind="usage")
    names = [written(value) for value in values]
    if len(set(names)) != len(names):
        raise AppError(f"{key} has one value twice: {', '.join(names)}", kind="usage")
    return Axis(key, tuple(values))


def split_values(text: str) -> list[str]:
    """Return the values between commas; "512,512" in quotes is one."""
    found, at = [], 0
    while at < len(text):
        match = _VALUES.match(text, at)
        if match is None:
            raise AppError(f"{text[at:]!r} are no values between commas", kind="usage")
        found.append(next((part for part in match.groups() if part is not None), ""))
        at = match.end()
    return [one for one in found if one]


def plan_sweep(
    config: TrainingConfig, stem: str, axes: Sequence[Axis], *, paired: bool = False
) -> list[SweepRun]:
    """Return the runs of a sweep: every combination, or with `paired` the first values, the second…

    Nothing is written. Raises AppError kind "usage" for no axis, an option named twice, lists of
    different length where they are paired, and more than 256 runs. A run that would train the same
    as an earlier one is told in its `same_as`.
    """
    _check(axes, paired)
    lists = [axis.values for axis in axes]
    rows = zip(*lists, strict=True) if paired else itertools.product(*lists)
    keys = [axis.key for axis in axes]
    return _compared([_run(config, stem, dict(zip(keys, row, strict=True))) for row in rows])


def require_different(runs: Sequence[SweepRun]) -> None:
    """Raise AppError kind "usage" where a sweep would train the same twice."""
    double = next((run for run in runs if run.same_as), None)
    if double is not None:
        message = f"{double.name} would train the same as {double.same_as}: {double.why}"
        raise AppError(message, hint="vary another option, or take that one out", kind="usage")


def write_sweep(project: Project, runs: Sequence[SweepRun], source: str) -> list[Path]:
    """Write each run's config into configs/, under a free name; AppError for a double as well."""
    require_different(runs)
    folder = project.configs_dir
    return [add_config(project.folder, folder, run.name, run.text, source) for run in runs]


def forecasts(runs: Sequence[SweepRun], images: int, *, base: str = "", **known: Any) -> Forecasts:
    """Return what all runs together take.

    base: the model that takes the place of the configs'; `known` is handed to
    `core.config.forecast`.
    """
    own = {"pretrained_model_name_or_path": base} if base else {}
    values = [{**TrainingConfig(run.text).values, **own} for run in runs]
    pairs = [forecast_or_reason(one, images, **known) for one in values]
    each = [found for found, _ in pairs]
    note = next((reason for _, reason in pairs if reason), "")
    if any(found is None for found in each):
        return Forecasts(len(runs), None, None, None, note=note, each=each)
    sure = [found for found in each if found is not None]
    steps = sum(found.plan.total_steps for found in sure)
    times = [found.time for found in sure if found.time]
    if len(times) < len(sure):
        note = "nothing is known about the speed: no run of this project, no figure of this card"
        return Forecasts(len(runs), steps, None, None, note=note, each=each)
    costs = [found.usd for found in sure if found.usd]
    usd = _sum(costs) if len(costs) == len(sure) else None
    seconds = _sum([time.whole() for time in times])
    return Forecasts(len(runs), steps, seconds, usd, times[0].basis, each=each)


def _sum(spans: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    low, likely, high = (sum(span[place] for span in spans) for place in range(3))
    return round(low, 4), round(likely, 4), round(high, 4)


def _check(axes: Sequence[Axis], paired: bool) -> None:
    if not axes:
        raise AppError("name what to vary, as KEY=VALUE,VALUE", kind="usage")
    keys = [axis.key for axis in axes]
    twice = next((key for key in keys if keys.count(key) > 1), "")
    if twice:
        raise AppError(f"{twice} is named twice", hint="give all its values at once", kind="usage")
    lengths = {axis.key: len(axis.values) for axis in axes}
    if paired and len(set(lengths.values())) > 1:
        told = ", ".join(f"{key} {count}" for key, count in lengths.items())
        raise AppError(f"paired lists have as many values each: {told}", kind="usage")
    count = max(lengths.values()) if paired else _product(lengths.values())
    if count > MOST:
        raise AppError(f"{count} runs are more than {MOST}", hint="name fewer values", kind="usage")


def _product(numbers: Iterable[int]) -> int:
    found = 1
    for number in numbers:
        found *= number
    return found


def _run(config: TrainingConfig, stem: str, values: Mapping[str, Any]) -> SweepRun:
    told = "-".join(f"{SHORT.get(key, key)}{_word(value)}" for key, value in values.items())
    changed = TrainingConfig(config.text())
    for key, value in values.items():
        changed.set(key, value)
    if "output_name" not in values:
        changed.set("output_name", f"{config.get('output_name') or stem}-{told}")
    return SweepRun(f"{stem}-{told}", dict(values), changed.text())


def _compared(runs: Sequence[SweepRun]) -> list[SweepRun]:
    """Find runs that train the same as an earlier one: they differ only in what has no effect."""
    idle = [_idle(run) for run in runs]
    found: list[SweepRun] = []
    for place, run in enumerate(runs):
        first = next(
            (n for n in range(place) if _alike(runs[n], run, {**idle[n], **idle[place]})), -1
        )
        if first < 0:
            found.append(run)
            continue
        reasons = {**idle[first], **idle[place]}
        why = next(reasons[key] for key in run.values if run.values[key] != runs[first].values[key])
        found.append(replace(run, same_as=runs[first].name, why=why))
    return found


def _idle(run: SweepRun) -> dict[str, str]:
    """Return the options that a run sets in vain, with the reason in words."""
    problems = check_config(TrainingConfig(run.text))
    return {item.where: item.message for item in problems if item.code == "ignored_value"}


def _alike(one: SweepRun, two: SweepRun, idle: Mapping[str, str]) -> bool:
    return all(key in idle for key, value in two.values.items() if value != one.values[key])


def _word(value: Any) -> str:
    """A value as part of a file's name: 5e-5, 512x512, cosine_with_restarts."""
    return re.sub(r"[^A-Za-z0-9.+-]+", "_", written(value).replace(",", "x").replace(" ", ""))
