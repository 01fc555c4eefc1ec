"""Command prepare: a training set at its final size, in a new folder, captions along."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.commands._problems import as_dicts, lines
from bespoke_gui.commands.images import native_size
from bespoke_gui.commands.output import Result, progress

if TYPE_CHECKING:
    from bespoke_gui.core.prepare import PrepareReport

HELP = "resize a set for training into a new folder, pixel-true"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("source", type=Path, metavar="SRC", help="folder of images")
    parser.add_argument("out", type=Path, metavar="OUT", help="new folder")
    parser.add_argument("--size", type=int, required=True, help="px of the longer side, e.g. 384")
    parser.add_argument("--method", default="pixel", help="pixel, nearest, box, lanczos, ...")
    parser.add_argument(
        "--native", type=native_size, default="auto", metavar="24|auto", help="cells, longer side"
    )
    parser.add_argument("--captions", type=Path, metavar="DIR", help="captions, when elsewhere")
    parser.add_argument(
        "--background",
        type=_colour,
        default=(255, 255, 255),
        metavar="RRGGBB",
        help="colour under transparent pixels (ffffff)",
    )
    parser.add_argument(
        "--fit",
        default="ask",
        choices=("uneven", "pad-cells", "pad-pixels"),
        help="method pixel at a size that is no multiple of the cells: cells of two widths, or "
        "whole ones with the edge repeated (24 -> 32 cells of 8 px at 256) or filled",
    )
    parser.add_argument(
        "--off-grid",
        default="ask",
        choices=("ask", "flatten", "keep", "leave_out"),
        help="images with pixels off the grid that nobody decided about (ask: flattened and said)",
    )
    parser.add_argument(
        "--decide",
        action="append",
        default=[],
        type=_decision,
        metavar="IMAGE=keep|flatten|leave_out",
        help="decide for one image; kept in the project where SRC belongs to one",
    )


def run(args: argparse.Namespace) -> Result:
    """Prepare the set; the exit code is 1 when an image could not be prepared."""
    from bespoke_gui.core.prepare import prepare
    from bespoke_gui.core.prepared.decided import decide, source_of

    source, project = source_of(args.source)
    decisions = decide(source, project, dict(args.decide))
    report = prepare(
        source,
        args.out,
        args.size,
        args.method,
        args.native,
        progress,
        captions=args.captions,
        background=args.background,
        fit=args.fit,
        off_grid=args.off_grid,
        decisions=decisions,
    )
    data = {
        "folder": str(report.folder),
        "images": {name: image.as_dict() for name, image in report.images.items()},
        "summary": report.summary,
        "problems": as_dicts(report.problems),
    }
    failed = any(problem.severity == "error" for problem in report.problems)
    return Result(data, "\n".join([*lines(report.problems), _figures(report)]), int(failed))


def _figures(report: PrepareReport) -> str:
    summary = report.summary
    return (
        f"{report.folder}: {summary['images']} images, {summary['captions']} captions; native "
        f"pixels exact in {summary['native_exact']}; colours an image "
        f"{summary['colours_before']:g} -> {summary['colours_after']:g}"
    )


def _decision(text: str) -> tuple[str, str]:
    name, _, action = text.rpartition("=")
    if not name or action not in ("keep", "flatten", "leave_out"):
        raise argparse.ArgumentTypeError(f"{text!r} is not IMAGE=keep, =flatten or =leave_out")
    return name, action


def _colour(text: str) -> tuple[int, int, int]:
    try:
        red, green, blue = bytes.fromhex(text.removeprefix("#"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a colour such as ffffff") from error
    return red, green, blue
