"""Command cost: how long a training takes on a card and what that costs, with the basis."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands.config import add_engine
from bespoke_gui.commands.output import Result, progress, say
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.config.estimate import Estimate
    from bespoke_gui.core.config.prices import Price

HELP = "time and cost of a training on a card, with what the estimate rests on"
OPTIONS = {
    "resolution": ("--resolution", int, 512, "edge of the images in px"),
    "train_batch_size": ("--batch", int, 1, "images a step"),
    "network_dim": ("--rank", int, 32, "rank of the LoRA"),
    "mixed_precision": ("--precision", str, "bf16", "no, fp16 or bf16"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--gpu", default="", metavar="NAME", help="card, e.g. A100 (this machine)")
    parser.add_argument("--usd-per-hour", type=float, metavar="USD", help="its price")
    add_engine(parser)
    parser.add_argument("--steps", type=int, metavar="N", help="optimiser steps")
    parser.add_argument("--config", type=Path, metavar="TOML", help="take steps and sizes from it")
    parser.add_argument("--images", type=int, metavar="N", help="images x repeats, with --config")
    parser.add_argument("--dataset", type=Path, metavar="DIR", help="images, with --config")
    parser.add_argument("--project", type=Path, metavar="DIR", help="whose past runs count first")
    for key, (flag, kind, default, text) in OPTIONS.items():
        parser.add_argument(flag, dest=key, type=kind, metavar="X", help=f"{text} ({default})")


def run(args: argparse.Namespace) -> Result:
    """Estimate; without any basis nothing is guessed and the exit code is 1."""
    from bespoke_gui.core.config.estimate import estimate
    from bespoke_gui.core.config.speeds import shape_of

    values = _values(args)
    steps = _steps(args, values)
    found = estimate(steps, shape_of(values), gpu=args.gpu, engine=args.engine, past=_past(args))
    price = price_for(args.gpu, args.usd_per_hour) if args.gpu or args.usd_per_hour else None
    if found is None:
        return _nothing_known(args.gpu, steps)
    return _answer(steps, found, price)


def price_for(gpu: str, usd_per_hour: float | None) -> Price | None:
    """The price said, else RunPod's own of this moment where there is a key, else the sample."""
    from bespoke_gui.core.config.prices import price_of
    from bespoke_gui.launch.runpod.prices import best_price

    if usd_per_hour is None and gpu:
        live, why = best_price(gpu)
        if live is not None:
            return live
        if why:
            say(f"no live price: {why}")
    return price_of(gpu, usd_per_hour)


def _values(args: argparse.Namespace) -> dict[str, Any]:
    """Return the config's values; what is said on the command line comes first."""
    from bespoke_gui.core.config.trainer_config import TrainingConfig

    values = TrainingConfig.load(args.config).values if args.config else {}
    if not args.config:
        values = {key: default for key, (_, _, default, _) in OPTIONS.items()}
        values["gradient_checkpointing"] = True
    said = {key: getattr(args, key) for key in OPTIONS if getattr(args, key) is not None}
    values |= said
    if isinstance(values.get("resolution"), int):
        values["resolution"] = str(values["resolution"])
    return values


def _steps(args: argparse.Namespace, values: dict[str, Any]) -> int:
    from bespoke_gui.core.config.facts import facts_about
    from bespoke_gui.core.config.schedule import plan
    from bespoke_gui.core.config.trainer_config import TrainingConfig

    if args.steps is not None:
        if args.steps < 1:
            raise AppError("--steps must be 1 or more", kind="usage")
        return args.steps
    if args.config is None:
        raise AppError("name --steps N, or --config TOML", kind="usage")
    images = args.images
    if images is None:
        images = facts_about(TrainingConfig.load(args.config), args.dataset, progress).images
    if images < 1:
        hint = "give --images N, --dataset DIR or --steps N"
        raise AppError("how many images there are is not known", hint=hint, kind="usage")
    return plan(values, images).total_steps


def _past(args: argparse.Namespace) -> list[Any]:
    from bespoke_gui.core.config.past_runs import past_speeds
    from bespoke_gui.core.project import find_project

    start = args.project or (args.config.parent if args.config else None)
    project = find_project(start) if start else None
    return past_speeds(project) if project else []


def _nothing_known(gpu: str, steps: int) -> Result:
    from bespoke_gui.core.config.speeds import speed_table

    basis = (
        f"nothing is known about {gpu}: no measurement, no data sheet, no run of this project"
        if gpu
        else "no run of this project was finished on this machine; name a card with --gpu"
    )
    data = {"hours": None, "usd": None, "basis": basis, "steps": steps}
    known = f"cards known: {', '.join(sorted(speed_table().cards))}"
    return Result(data, f"{basis}\n{known}", 1)


def _answer(steps: int, found: Estimate, price: Price | None) -> Result:
    hours = [round(seconds / 3600, 4) for seconds in found.whole()]
    usd = list(found.cost(price.usd_per_hour)) if price else None
    data = {
        "steps": steps,
        "hours": hours[1],
        "hours_range": [hours[0], hours[2]],
        "training_s": [found.low, found.seconds, found.high],
        "start_up_s": list(found.start_up),
        "usd": usd[1] if usd else None,
        "usd_range": [usd[0], usd[2]] if usd else None,
        "basis": "; ".join([found.basis, *([price.basis] if price else [])]),
        "price": {"usd_per_hour": price.usd_per_hour, "sample": price.sample} if price else None,
    }
    text = [f"{steps} steps: {found.words}", f"from {found.basis}"]
    if price and usd:
        text.append(f"${usd[0]:.2f} to ${usd[2]:.2f}, likely ${usd[1]:.2f}; {price.basis}")
    else:
        text.append("no price: give --usd-per-hour")
    return Result(data, "\n".join(text))
