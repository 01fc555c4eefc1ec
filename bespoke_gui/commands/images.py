"""Command images: what images are, their native pixels, and sheets of them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bespoke_gui.commands import _images_health, _images_pairs
from bespoke_gui.commands._problems import as_dicts, lines
from bespoke_gui.commands.output import Result, progress

if TYPE_CHECKING:
    from bespoke_gui.core.imageset.report import SetReport

HELP = "inspect images, native pixels, sheets; health, palette; add, exclude, rename pairs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    look = actions.add_parser("inspect", help="native grid, colours, alpha, damage")
    look.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="image or folder")
    _add_native(actions.add_parser("native", help="one PNG pixel for each cell"))
    sheet = actions.add_parser("sheet", help="native images side by side in one PNG")
    sheet.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="image or folder")
    sheet.add_argument("--out", required=True, type=Path, metavar="PNG")
    sheet.add_argument("--columns", type=_positive, default=0, help="images in a row")
    sheet.add_argument("--scale", type=_positive, default=4, help="px of a cell (4)")
    _images_health.add_arguments(actions)
    _images_pairs.add_arguments(actions)


def run(args: argparse.Namespace) -> Result:
    """Do the action."""
    for part in (_images_health, _images_pairs):
        if args.action in part.ACTIONS:
            return part.run(args)
    return {"inspect": _inspect, "native": _native, "sheet": _sheet}[args.action](args)


def native_size(text: str) -> int | Literal["auto"]:
    """Read `auto` or a number of cells."""
    return "auto" if text == "auto" else _positive(text)


def _add_native(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="IN", help="image or folder")
    parser.add_argument("out", type=Path, metavar="OUT", help="new PNG file or folder")
    parser.add_argument(
        "--size", type=native_size, default="auto", metavar="24|auto", help="cells, longer side"
    )
    parser.add_argument("--method", default="median", help="how a cell is read (median)")
    parser.add_argument(
        "--palette", type=Path, metavar="P", help=".gpl, .hex or image: snap to its colours"
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 4096:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 4096")
    return int(text)


def _inspect(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.imageset.find import find_images
    from bespoke_gui.core.imageset.inspect import inspect_images

    report = inspect_images(find_images(args.paths), progress)
    text = [_inspect_line(name, data) for name, data in report.images.items()]
    return _result(report, text)


def _inspect_line(name: str, data: dict) -> str:
    grid = data["grid"]
    cells = f"{grid['columns']}x{grid['rows']} cells of {grid['cell_width']:.2f} px"
    colours = f"{data['unique_colours']} colours, {data['distinct_colours']} distinct"
    size = f"{data['width']}x{data['height']}"
    line = f"{name}: {size}, {grid['verdict']} ({grid['score']:.2f}), {cells}, {colours}"
    return line + _off_grid_words(data)


def _off_grid_words(data: dict) -> str:
    if not data.get("off_grid"):
        return ""
    places = ", ".join(f"column {cell['column']} row {cell['row']}" for cell in data["off_grid"])
    return f", {data['off_grid_pixels']} pixels off the grid in cells {places} (from 0)"


def _native(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.downsample import DOWNSAMPLERS
    from bespoke_gui.core.imageset.find import find_images, targets_for
    from bespoke_gui.core.imageset.native import NativeWanted, native_images
    from bespoke_gui.core.pixels.palette import read_palette

    method = DOWNSAMPLERS[args.method].name
    palette = None if args.palette is None else read_palette(args.palette)
    images = find_images([args.source])
    targets = targets_for(images, args.source, args.out)
    wanted = NativeWanted(args.size, method, palette)
    report = native_images(images, targets, wanted, progress)
    text = [
        f"{name}: {data['columns']}x{data['rows']}, {data['unique_colours']} colours"
        for name, data in report.images.items()
    ]
    return _result(report, text)


def _sheet(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.imageset.find import find_images, require_none_of
    from bespoke_gui.core.imageset.native import write_png
    from bespoke_gui.core.imageset.sheet import make_sheet

    images = find_images(args.paths)
    require_none_of(images, args.out)
    sheet = make_sheet(images, args.columns, args.scale)
    write_png(args.out, sheet)
    height, width = sheet.shape[:2]
    data = {"path": str(args.out), "images": len(images), "width": width, "height": height}
    return Result(data, f"{args.out}: {len(images)} images, {width}x{height} px")


def _result(report: SetReport, text: list[str]) -> Result:
    failed = any(problem.severity == "error" for problem in report.problems)
    data = {"images": report.images, "problems": as_dicts(report.problems)}
    return Result(data, "\n".join([*text, *lines(report.problems)]), int(failed))
