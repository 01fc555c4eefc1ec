"""`bespoke images health, palette`: what a set of images is like, and its palette as a file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands._captions_text import counted
from bespoke_gui.commands._problems import SHOWN, as_dicts, lines
from bespoke_gui.commands.output import Result, progress

if TYPE_CHECKING:
    from bespoke_gui.core.health.report import Health


def add_arguments(actions: Any) -> None:
    """Declare the actions."""
    health = actions.add_parser("health", help="duplicates, outliers, colours, missing captions")
    health.add_argument("folder", type=Path, metavar="DIR", help="project or dataset folder")
    health.add_argument("--native", type=_native, default=0, metavar="24|auto", help="cells (auto)")
    palette = actions.add_parser("palette", help="the palette of all images as .gpl, .hex or .png")
    palette.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="image or folder")
    palette.add_argument("--out", required=True, type=Path, metavar="FILE.gpl|.hex|.png")
    palette.add_argument(
        "--merge", type=_distance, default=None, metavar="0.02",
        help="OKLab distance under which colours become one; 0 keeps all apart (0.02)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> Result:
    """Do the action."""
    return ACTIONS[args.action](args)


def _native(text: str) -> int:
    if text == "auto":
        return 0
    if not text.isdecimal() or not 1 <= int(text) <= 4096:
        raise argparse.ArgumentTypeError(f"{text!r} is not auto or a number from 1 to 4096")
    return int(text)


def _distance(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value


def _health(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.errors import AppError
    from bespoke_gui.core.health.report import read_health

    health = read_health(args.folder, args.native, progress)
    if not health.images and not health.unreadable:
        hint = "include some again" if health.excluded else "check the path"
        raise AppError("holds no images to look at", file=args.folder, hint=hint)
    failed = any(problem.severity == "error" for problem in health.problems)
    text = [*_summary(health), *lines(health.problems)]
    return Result(health.as_dict(), "\n".join(text), int(failed))


def _summary(health: Health) -> list[str]:
    """Return what a person wants to know first, a line each."""
    sizes = ", ".join(f"{n} of {w}x{h}" for (w, h), n in _sizes(health))
    colours = health.colours
    text = [
        f"{counted(len(health.images), 'image')}: {sizes}",
        f"colours an image: {colours.median:.0f} (median), {colours.p5:.0f} to {colours.p95:.0f}; "
        f"{health.palette.unique} in all, {len(health.palette.colours)} with near ones as one",
    ]
    text += [f"the same ({d.how}): {', '.join(d.images)}" for d in health.duplicates]
    for pair in health.near.pairs:
        mirrored = ", mirrored" if pair.mirrored else ""
        cells = f"{pair.cells} of {pair.total} cells differ{mirrored}"
        kept = "; both are kept" if pair.kept else ""
        text.append(f"nearly the same: {pair.a}, {pair.b} ({cells}{kept})")
    text += [f"{outlier.image}: {outlier.reason}" for outlier in health.outliers]
    text += _named("without a caption", health.missing_captions)
    return text


def _sizes(health: Health) -> list[tuple[tuple[int, int], int]]:
    return [(size, len(names)) for size, names in health.resolutions().items()][:SHOWN]


def _named(what: str, names: list[str]) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return [f"{len(names)} {what}: {', '.join(names[:SHOWN])}{more}"]


def _palette(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.health.facts import ImageFacts, Unreadable
    from bespoke_gui.core.health.read import read_paths
    from bespoke_gui.core.health.set_palette import notes_of, palette_of
    from bespoke_gui.core.imageset.find import find_images, require_none_of
    from bespoke_gui.core.pixels.merge import FILE_TAU
    from bespoke_gui.core.pixels.palette_files import write_palette

    images = find_images(args.paths)
    require_none_of(images, args.out)
    found = read_paths(images, progress=progress)
    facts = [one for one in found if isinstance(one, ImageFacts)]
    problems = [one.problem for one in found if isinstance(one, Unreadable)]
    palette = palette_of(facts, FILE_TAU if args.merge is None else args.merge)
    name = args.paths[0].resolve().name if len(args.paths) == 1 else args.out.stem
    write_palette(args.out, palette.rgb(), name, notes_of(palette))
    data = {"path": str(args.out), **palette.as_dict(), "problems": as_dicts(problems)}
    count = f"{counted(len(palette.colours), 'colour')} of {counted(palette.images, 'image')}"
    text = [f"{args.out}: {count}", *_named("without a grid, left out", palette.left_out)]
    return Result(data, "\n".join([*text, *lines(problems)]), int(bool(problems)))


ACTIONS: dict[str, Callable[[argparse.Namespace], Result]] = {
    "health": _health,
    "palette": _palette,
}
