"""Command prepare: a training set at its final size, in a new folder, captions along."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.commands._problems import as_dicts, lines
from bespoke_gui.commands.images import native_size
from bespoke_gui.commands.output import Result, progress
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.time_left import TimeLeft, words

if TYPE_CHECKING:
    from bespoke_gui.core.prepare import PrepareReport

HELP = "resize a set for training into a new folder, pixel-true"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "source", type=Path, nargs="?", metavar="SRC", help="folder of images, or a project"
    )
    parser.add_argument("out", type=Path, nargs="?", metavar="OUT", help="new folder")
    parser.add_argument("--size", type=int, help="px of the longer side, e.g. 384")
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

    parser.add_argument(
        "--restore",
        type=Path,
        metavar="SET",
        help="make a prepared set again from its folder or manifest.json (in OUT, if one is given)",
    )
    parser.add_argument(
        "--sets", action="store_true", help="list the prepared sets of the project SRC, with state"
    )


def run(args: argparse.Namespace) -> Result:
    """Prepare the set; the exit code is 1 when an image could not be prepared."""
    if args.restore is not None:
        return _restore(args)
    if args.sets:
        return _sets(args)
    if args.source is None or args.out is None or args.size is None:
        raise AppError(
            "SRC, OUT and --size are needed", hint="bespoke prepare --help says how", kind="usage"
        )
    return _prepare(args)


def _restore(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.prepared.restore import restore

    restored = restore(args.restore, args.out or args.source, Progress())
    result = _result(restored.report)
    result.data |= {
        "files": restored.files,
        "same": restored.same,
        "put_aside": [str(path) for path in restored.put_aside],
    }
    moved = [f"changed by hand, moved to {path}" for path in restored.put_aside]
    same = f"{restored.same} of {restored.files} files are what the manifest says"
    result.text = "\n".join([*moved, result.text, same])
    return result


def _sets(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.prepared.sets import find_sets, set_state
    from bespoke_gui.core.project import open_project

    if args.source is None:
        raise AppError("name the project", hint="bespoke prepare PROJECT --sets", kind="usage")
    states = [set_state(folder) for folder in find_sets(open_project(args.source).prepared_dir)]
    sets = {
        state.folder.name: {
            "complete": state.complete,
            "state": state.words(),
            "images": state.images,
            "settings": state.settings.as_dict() if state.settings else {},
        }
        for state in states
    }
    text = [
        f"{name}: {found['images']} images, {'; '.join(found['state']) or 'complete'}"
        for name, found in sets.items()
    ]
    return Result({"sets": sets}, "\n".join(text) or "No prepared sets.")


def _prepare(args: argparse.Namespace) -> Result:
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
        Progress(),
        captions=args.captions,
        background=args.background,
        fit=args.fit,
        off_grid=args.off_grid,
        decisions=decisions,
    )
    return _result(report)


def _result(report: PrepareReport) -> Result:
    data = {
        "folder": str(report.folder),
        "images": {name: image.as_dict() for name, image in report.images.items()},
        "summary": report.summary,
        "problems": as_dicts(report.problems),
    }
    failed = any(problem.severity == "error" for problem in report.problems)
    return Result(data, "\n".join([*lines(report.problems), _figures(report)]), int(failed))


class Progress:
    """Shows how far the work is and the time left."""

    def __init__(self) -> None:
        self._left = TimeLeft()

    def __call__(self, done: int, total: int, name: str) -> None:
        left = words(self._left.seconds(done, total))
        progress(done, total, f"{left} {name}".strip())


def _figures(report: PrepareReport) -> str:
    summary = report.summary
    recovered = f", recovered in {summary['recovered']}" if summary["recovered"] else ""
    return (
        f"{report.folder}: {summary['images']} images, {summary['captions']} captions; native "
        f"pixels exact in {summary['native_exact']}{recovered}; colours an image "
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
