"""Action `queue sweep`: tells what a sweep takes, then puts each of its configs in line."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from bespoke_gui.commands._queue_add import config_entry, request_of
from bespoke_gui.commands._queue_told import project_of, result
from bespoke_gui.commands.output import Result, progress, say

if TYPE_CHECKING:
    from bespoke_gui.core.config.prices import Price
    from bespoke_gui.core.config.trainer_config import TrainingConfig
    from bespoke_gui.core.project import Project
    from bespoke_gui.core.queue.sweep import Forecasts, SweepRun


def sweep(args: argparse.Namespace) -> Result:
    """Plan, tell, and unless --dry-run write the configs and put them in line."""
    from bespoke_gui.core.config.trainer_config import TrainingConfig
    from bespoke_gui.core.queue.sweep import axis_from, plan_sweep, require_different

    project = project_of(args, args.config.absolute().parent)
    config = TrainingConfig.load(args.config)
    axes = [axis_from(text) for text in args.axes]
    runs = plan_sweep(config, args.config.stem, axes, paired=args.paired)
    price = _price(args)
    told = _forecasts(args, config, project, runs, price)
    rows = [{"name": run.name, "values": dict(run.values), "same_as": run.same_as} for run in runs]
    basis = price.basis if price else ""
    data = {"sweep": {**told.as_dict(), "price": basis, "configs": rows}}
    text = "\n".join([*(_line(run) for run in runs), told.words, *([basis] if basis else [])])
    if args.dry_run:
        return Result(data, text, 1 if any(run.same_as for run in runs) else 0)
    require_different(runs)
    say(text)
    return _put_in_line(args, project, runs, data)


def _line(run: SweepRun) -> str:
    return f"{run.name}  trains the same as {run.same_as}: {run.why}" if run.same_as else run.name


def _price(args: argparse.Namespace) -> Price | None:
    """What an hour of the first card costs, where one is named."""
    from bespoke_gui.commands.cost import price_for

    gpu = args.gpu.split(",")[0].strip()
    return price_for(gpu, args.usd_per_hour) if gpu or args.usd_per_hour else None


def _forecasts(
    args: argparse.Namespace, config: TrainingConfig, project: Project, runs: list[SweepRun],
    price: Price | None,
) -> Forecasts:  # fmt: skip
    from bespoke_gui.core.config.facts import facts_about
    from bespoke_gui.core.config.past_runs import past_speeds
    from bespoke_gui.core.queue.sweep import forecasts

    facts = facts_about(config, args.data, progress)
    gpu = args.gpu.split(",")[0].strip()
    return forecasts(
        runs, facts.images, sizes=facts.sizes, past=past_speeds(project), gpu=gpu, base=args.base,
        engine=args.engine or "lora", usd_per_hour=price.usd_per_hour if price else None,
    )  # fmt: skip


def _put_in_line(
    args: argparse.Namespace, project: Project, runs: list[SweepRun], data: dict
) -> Result:
    from bespoke_gui.core.config.trainer_config import TrainingConfig
    from bespoke_gui.core.queue.store import QueueFile
    from bespoke_gui.core.queue.sweep import write_sweep

    asked = request_of(args)
    # Made before anything is written: what is wrong with one is wrong with all.
    entries = [
        config_entry(TrainingConfig(run.text), args.config, project, asked, args) for run in runs
    ]
    paths = write_sweep(project, runs, f"sweep of {args.config.name}")
    file = QueueFile(project)
    added = [
        file.add(replace(
            entry, title=path.stem, config=path.relative_to(project.folder).as_posix(),
            sweep=args.config.stem,
        )).id
        for entry, path in zip(entries, paths, strict=True)
    ]  # fmt: skip
    for row, path in zip(data["sweep"]["configs"], paths, strict=True):
        row["path"] = str(path)
    return result(file.read(), added=added, **data)
