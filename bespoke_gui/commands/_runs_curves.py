"""`bespoke runs curves`: losses and learning rates of several runs beside each other."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.curve_table import RunCurve
    from bespoke_gui.core.runs import RunInfo

SMOOTHING = 0.9
NEWEST = 3


def add_arguments(actions: argparse._SubParsersAction) -> None:
    """Declare the action."""
    curves = actions.add_parser("curves", help="losses of several runs beside each other")
    curves.add_argument(
        "run", nargs="*", metavar="RUN", help="folders or ids; none: the newest three trainings"
    )
    curves.add_argument("--project", type=Path, default=Path(), metavar="DIR")
    curves.add_argument("--by", choices=("epoch", "step"), default="epoch")
    curves.add_argument(
        "--smoothing", type=float, default=SMOOTHING, metavar="W",
        help="how much of the losses before counts, 0 to 0.99",
    )  # fmt: skip
    curves.add_argument("--csv", type=Path, metavar="FILE", help="write every step as a table")


def run(args: argparse.Namespace) -> Result:
    """Read the curves; --csv writes every step, --json gives them thinned as they are drawn."""
    from bespoke_gui.core.atomic import write_text
    from bespoke_gui.core.curve_table import as_csv, read_curves
    from bespoke_gui.core.loss_curves import differences

    if not 0 <= args.smoothing <= 0.99:
        raise AppError("--smoothing is a number from 0 to 0.99", kind="usage")
    infos = _chosen(args)
    found = read_curves(infos, args.by == "epoch", args.smoothing)
    unlike = differences([dict(info.spec.get("config") or {}) for info in infos])
    data: dict[str, Any] = {
        "by": args.by, "smoothing": args.smoothing, "comparable": not unlike,
        "differences": unlike, "runs": [one.as_dict() for one in found],
    }  # fmt: skip
    if args.csv:
        write_text(args.csv, as_csv(found))
        data["path"] = str(args.csv)
    lines = [_line(one) for one in found]
    if unlike:
        lines.append(f"not like for like: the runs differ in {', '.join(unlike)}")
    return Result(data, "\n".join(lines) or "no runs")


def _chosen(args: argparse.Namespace) -> list[RunInfo]:
    from bespoke_gui.commands._runs_find import find_run, runs_folder
    from bespoke_gui.core.runs import list_runs

    if args.run:
        return [find_run(name, args.project) for name in args.run]
    found = list_runs(runs_folder(args.project))
    return [info for info in found if not info.spec.get("loras")][:NEWEST]


def _line(one: RunCurve) -> str:
    last = one.last()
    if last is None:
        return f"{one.run}  {one.state}  no loss was told"
    parts = [f"{one.run}  {one.state}", f"step {last['step']}", f"epoch {last['epoch']:g}"]
    for name, words in (("smoothed", "loss"), ("rate", "rate"), ("held_out", "held out")):
        if last[name] is not None:
            parts.append(f"{words} {last[name]:.4g}")
    return "  ".join(parts)
