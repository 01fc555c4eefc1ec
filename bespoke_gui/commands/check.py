"""Command check: everything that can be known before paying for a GPU."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.commands._problems import as_dicts, lines, summary
from bespoke_gui.commands.output import Result, progress

if TYPE_CHECKING:
    from bespoke_gui.core.dataset_contents import Stats

HELP = "check a project, dataset folder, config or package before training"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "target", type=Path, metavar="TARGET", help="project, dataset folder, config or package"
    )
    parser.add_argument(
        "--config", type=Path, metavar="TOML", help="a training config to judge with the images"
    )


def run(args: argparse.Namespace) -> Result:
    """Check and list the findings; the exit code is 1 when one of them is an error."""
    from bespoke_gui.core.check import check_target

    report = check_target(args.target, args.config, progress)
    data = {
        "target": report.target,
        "ok": report.ok,
        "problems": as_dicts(report.problems),
        "stats": report.stats.as_dict(),
    }
    text = [*lines(report.problems), _figures(report.target, report.stats)]
    text.append(f"{report.target}: {summary(report.problems)}")
    return Result(data, "\n".join(line for line in text if line), 0 if report.ok else 1)


def _figures(target: str, stats: Stats) -> str:
    if target == "config":
        return ""
    sizes = ", ".join(f"{n} of {size}" for size, n in stats.as_dict()["sizes"].items())
    apart = f", {stats.regularisation} for regularisation" if stats.regularisation else ""
    left = f", {stats.excluded} more excluded" if stats.excluded else ""
    images = f"{stats.images} images ({sizes or 'none readable'})"
    return f"{images}, {stats.captions} captions{apart}{left}"
