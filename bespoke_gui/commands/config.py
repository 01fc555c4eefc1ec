"""Command config: a training config against the trainer's schema, and against another config."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands._problems import as_dicts, lines, summary
from bespoke_gui.commands.output import Result, progress
from bespoke_gui.core.errors import AppError, Problem, problem_from

if TYPE_CHECKING:
    from bespoke_gui.core.config.facts import Facts
    from bespoke_gui.core.config.schedule import Plan
    from bespoke_gui.core.config.trainer_config import TrainingConfig

HELP = "check a training config, or compare two"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="check|diff|export")
    check = actions.add_parser("check", help="what would the trainer do with it?")
    check.add_argument("config", type=Path, metavar="TOML")
    check.add_argument("--dataset", type=Path, metavar="DIR", help="images it will be trained on")
    check.add_argument("--images", type=int, metavar="N", help="number of images x repeats")
    diff = actions.add_parser("diff", help="what differs, as the trainer reads it")
    diff.add_argument("config", type=Path, metavar="TOML")
    diff.add_argument("other", type=Path, metavar="OTHER")
    export = actions.add_parser("export", help="to other trainers (not built yet)")
    export.add_argument("config", type=Path, metavar="TOML")
    export.add_argument("--to", default="", metavar="TRAINER")


def run(args: argparse.Namespace) -> Result:
    """Run the action named."""
    return {"check": _check, "diff": _diff, "export": _export}[args.action](args)


def _check(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.config.dataset_config import check_dataset_config, is_dataset_config
    from bespoke_gui.core.config.trainer_config import TrainingConfig

    try:
        config = TrainingConfig.load(args.config)
    except AppError as error:
        if not args.config.is_file():
            raise
        problems = [problem_from(error, "bad_config")]
        return _result(problems, {"problems": as_dicts(problems), **_plan_dict(None)}, [])
    if is_dataset_config(config):
        problems = check_dataset_config(config)
        return _result(problems, {"problems": as_dicts(problems)}, [])
    return _judged(config, _facts(config, args))


def _facts(config: TrainingConfig, args: argparse.Namespace) -> Facts:
    from bespoke_gui.core.config.facts import Facts, facts_about

    if args.images is not None:
        if args.images < 1:
            raise AppError("--images must be 1 or more", kind="usage")
        return Facts(images=args.images)
    return facts_about(config, args.dataset, progress)


def _judged(config: TrainingConfig, facts: Facts) -> Result:
    from bespoke_gui.core.config.doctor import check_config
    from bespoke_gui.core.config.options import option_table
    from bespoke_gui.core.config.schedule import plan

    problems = check_config(config, data=facts.data, captions=facts.captions, sizes=facts.sizes)
    problems += facts.problems
    course = None
    if facts.images:
        try:
            course = plan(config.values, facts.images)
        except AppError as error:
            problems = [*problems, problem_from(error, "no_plan", str(config.path))]
    data = {
        "problems": as_dicts(problems),
        "effective": option_table().effective(config.values),
        **_plan_dict(course),
    }
    return _result(problems, data, _plan_text(course))


def _plan_dict(course: Plan | None) -> dict[str, Any]:
    """Return the plan's keys; without a number of images they are null or empty."""
    if course is None:
        empty = {"images": None, "steps_per_epoch": None, "total_steps": None, "epochs": None}
        return {**empty, "warmup_steps": None, "checkpoints": [], "lr_at_epoch": []}
    return {
        "images": course.images,
        "steps_per_epoch": course.steps_per_epoch,
        "total_steps": course.total_steps,
        "epochs": course.epochs,
        "warmup_steps": course.warmup_steps,
        "checkpoints": [name for _, name in course.checkpoints],
        "lr_at_epoch": course.lr_at_epoch,
    }


def _plan_text(course: Plan | None) -> list[str]:
    if course is None:
        return ["give --dataset DIR or --images N to see steps, checkpoints and learning rates"]
    text = [
        f"{course.images} images an epoch: {course.steps_per_epoch} steps, "
        f"{course.epochs} epochs, {course.total_steps} steps in all"
    ]
    rates = course.lr_at_epoch
    for epoch, name in course.checkpoints:
        rate = f"learning rate {rates[epoch - 1]:.1e}" if rates else "learning rate not predicted"
        text.append(f"epoch {epoch}: {name}, {rate}")
    return text


def _result(problems: list[Problem], data: dict[str, Any], text: list[str]) -> Result:
    failed = any(problem.severity == "error" for problem in problems)
    return Result(data, "\n".join([*lines(problems), *text, summary(problems)]), int(failed))


def _diff(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.config.compare import compare_configs
    from bespoke_gui.core.config.trainer_config import TrainingConfig

    found = compare_configs(TrainingConfig.load(args.config), TrainingConfig.load(args.other))
    text = [*(str(change) for change in found.changes), found.words]
    return Result(found.as_dict(), "\n".join(text))


def _export(args: argparse.Namespace) -> Result:
    raise AppError(
        "export to OneTrainer and ai-toolkit is not built yet",
        hint="sd-scripts and Bespoke's own engine read the config as it is",
        kind="usage",
    )
