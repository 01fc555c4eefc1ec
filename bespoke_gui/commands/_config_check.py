"""Action `config check`: findings, and what the training will do, take and cost."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands._problems import as_dicts, lines, summary
from bespoke_gui.commands.output import Result, progress
from bespoke_gui.core.errors import AppError, Problem, problem_from

if TYPE_CHECKING:
    from bespoke_gui.core.config.cards import Card
    from bespoke_gui.core.config.facts import Facts
    from bespoke_gui.core.config.forecast import Forecast
    from bespoke_gui.core.config.trainer_config import TrainingConfig

NO_FORECAST: dict[str, Any] = {
    "images": None, "steps_per_epoch": None, "total_steps": None, "epochs": None,
    "warmup_steps": None, "checkpoints": [], "lr_at_epoch": [], "lr_curve": [],
    "annealed_epochs": [], "uneven": "", "disk_bytes": None, "time": None, "usd": None,
    "price": None,
}  # fmt: skip
CURVE_POINTS = 200


def check(args: argparse.Namespace) -> Result:
    """Judge a config; the exit code is 1 when something stops the trainer."""
    from bespoke_gui.core.config.dataset_config import check_dataset_config, is_dataset_config
    from bespoke_gui.core.config.trainer_config import TrainingConfig

    try:
        config = TrainingConfig.load(args.config)
    except AppError as error:
        if not args.config.is_file():
            raise
        problems = [problem_from(error, "bad_config")]
        return _result(problems, {"problems": as_dicts(problems), **NO_FORECAST}, [])
    if is_dataset_config(config):
        problems = check_dataset_config(config)
        return _result(problems, {"problems": as_dicts(problems)}, [])
    return _judged(config, _facts(config, args), args)


def _facts(config: TrainingConfig, args: argparse.Namespace) -> Facts:
    from bespoke_gui.core.config.facts import Facts, facts_about
    from bespoke_gui.core.config.train_data import TrainData

    if args.images is not None:
        if args.images < 1:
            raise AppError("--images must be 1 or more", kind="usage")
        data = TrainData("", folders={"1_images": args.images})
        return Facts(images=args.images, data=data)
    return facts_about(config, args.dataset, progress)


def _judged(config: TrainingConfig, facts: Facts, args: argparse.Namespace) -> Result:
    from bespoke_gui.core.config.doctor import check_config
    from bespoke_gui.core.config.options import option_table

    problems = check_config(
        config, data=facts.data, captions=facts.captions, sizes=facts.sizes, card=_card(args.gpu)
    )
    problems += facts.problems
    found = price = None
    if facts.images:
        try:
            found, price = _forecast(config, facts, args)
        except AppError as error:
            problems = [*problems, problem_from(error, "no_plan", str(config.path))]
    data = {
        "problems": as_dicts(problems),
        "effective": option_table().effective(config.values),
        **NO_FORECAST,
    }
    if found:
        data |= {**found.as_dict(), "lr_curve": found.plan.lr_curve(CURVE_POINTS), "price": price}
    return _result(problems, data, forecast_text(found, price))


def _card(name: str) -> Card | None:
    from bespoke_gui.core.config.speeds import speed_table

    return speed_table().card(name) if name else None


def _forecast(
    config: TrainingConfig, facts: Facts, args: argparse.Namespace
) -> tuple[Forecast, str | None]:
    from bespoke_gui.core.config.forecast import forecast
    from bespoke_gui.core.config.past_runs import past_speeds
    from bespoke_gui.core.config.prices import price_of
    from bespoke_gui.core.project import find_project

    project = find_project(config.path.parent) if config.path else None
    past = past_speeds(project) if project else []
    price = price_of(args.gpu, args.usd_per_hour) if args.gpu or args.usd_per_hour else None
    usd = price.usd_per_hour if price else None
    found = forecast(
        config.values,
        facts.images,
        sizes=facts.sizes,
        past=past,
        gpu=args.gpu,
        engine=args.engine,
        usd_per_hour=usd,
    )
    return found, price.basis if price else None


def forecast_text(found: Forecast | None, price: str | None) -> list[str]:
    """Return what a training will do, for people."""
    if found is None:
        return ["give --dataset DIR or --images N to see steps, checkpoints, rates and time"]
    course = found.plan
    text = [
        f"{course.images} images an epoch: {course.steps_per_epoch} steps, "
        f"{course.epochs} epochs, {course.total_steps} steps in all"
    ]
    for mark in found.marks:
        rate = mark.learning_rate
        words = "learning rate not predicted" if rate is None else f"learning rate {rate:.1e}"
        low = " (near zero)" if mark.annealed else ""
        text.append(f"epoch {mark.epoch}: {mark.checkpoint or 'no checkpoint'}, {words}{low}")
    text.append(f"disk: {found.disk.total / 1e9:.2f} GB of checkpoints and states")
    return [*text, *_time_text(found, price)]


def _time_text(found: Forecast, price: str | None) -> list[str]:
    if found.time is None:
        return ["time: no run of this project and no card to go by; name one with --gpu"]
    text = [f"time: {found.time.words}", f"  from {found.time.basis}"]
    if found.usd:
        low, likely, high = found.usd
        text.append(f"cost: ${low:.2f} to ${high:.2f}, likely ${likely:.2f}; {price}")
    return text


def _result(problems: list[Problem], data: dict[str, Any], text: list[str]) -> Result:
    failed = any(problem.severity == "error" for problem in problems)
    return Result(data, "\n".join([*lines(problems), *text, summary(problems)]), int(failed))
