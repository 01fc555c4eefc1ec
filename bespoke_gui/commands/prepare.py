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


def run(args: argparse.Namespace) -> Result:
    """Prepare the set; the exit code is 1 when an image could not be prepared."""
    from bespoke_gui.core.prepare import prepare

    report = prepare(
        args.source,
        args.out,
        args.size,
        args.method,
        args.native,
        progress,
        captions=args.captions,
        background=args.background,
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


def _colour(text: str) -> tuple[int, int, int]:
    try:
        red, green, blue = bytes.fromhex(text.removeprefix("#"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a colour such as ffffff") from error
    return red, green, blue
