"""Command compare: a gallery against a baseline, like for like or not at all."""

from __future__ import annotations

import argparse
from pathlib import Path

from bespoke_gui.commands.output import Result

HELP = "compare a gallery with a baseline, if they were made alike"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add both galleries and the training set."""
    parser.add_argument("gallery", type=Path)
    parser.add_argument("baseline", type=Path)
    parser.add_argument("--reference", type=Path, help="training images, for limits and strays")


def run(args: argparse.Namespace) -> Result:
    """Compare; exit code 1 when the two cannot be compared, with every difference named."""
    from bespoke_gui.core.compare import compare_galleries
    from bespoke_gui.core.gallery import open_gallery

    sides = open_gallery(args.gallery), open_gallery(args.baseline)
    comparison = compare_galleries(*sides, reference=args.reference)
    return Result(comparison.as_dict(), _text(comparison), 0 if comparison.comparable else 1)


def _text(comparison) -> str:
    from bespoke_gui.core.compare import row_title

    lines = [comparison.verdict]
    lines += [f"  {difference}" for difference in comparison.differences]
    lines += [f"  {row_title(row)}: {_figures(row)}" for row in comparison.epochs]
    return "\n".join([*lines, *comparison.notes])


def _figures(row: dict) -> str:
    from bespoke_gui.core.measures import ordered

    shown = [measure for measure in ordered() if row.get(measure.name) is not None]
    return ", ".join(f"{measure.name} {measure.text(row[measure.name])}" for measure in shown)
