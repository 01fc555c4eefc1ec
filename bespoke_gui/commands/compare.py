"""Command compare: a gallery against a baseline, like for like or not at all."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.commands._sources import sources_of
from bespoke_gui.commands._training_set import add_reference, training_set
from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.gallery import Gallery

HELP = "compare a gallery with a baseline, if they were made alike"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add both galleries and the training set."""
    parser.add_argument("gallery", type=Path)
    parser.add_argument("baseline", type=Path, help="a gallery; a run or LoRA with --regenerate")
    parser.add_argument("--regenerate", type=Path, metavar="DIR",
                        help="make the baseline's images under the gallery's protocol")  # fmt: skip
    parser.add_argument("--engine", default="sample", choices=("sample", "fake"))
    add_reference(parser)


def run(args: argparse.Namespace) -> Result:
    """Compare; exit code 1 when the two cannot be compared, with every difference named."""
    from bespoke_gui.core.compare import compare_galleries
    from bespoke_gui.core.gallery import open_gallery

    gallery = open_gallery(args.gallery)
    baseline = open_gallery(_regenerated(gallery, args) if args.regenerate else args.baseline)
    comparison = compare_galleries(
        gallery, baseline, reference=training_set(gallery, args.reference)
    )
    return Result(comparison.as_dict(), _text(comparison), 0 if comparison.comparable else 1)


def _regenerated(gallery: Gallery, args: argparse.Namespace) -> Path:
    """Make the images of a run or LoRA file exactly as the gallery's were made."""
    from bespoke_gui.commands._runs_follow import follow
    from bespoke_gui.commands.generate import require_finished
    from bespoke_gui.core.generation import new_generation
    from bespoke_gui.core.runs import read_run
    from bespoke_gui.launch.base import BACKENDS

    if gallery.protocol is None:
        hint = "only a gallery with a protocol can be made again with another LoRA"
        raise AppError("nothing says how it was made", file=gallery.folder, hint=hint)
    sources = sources_of([args.baseline], args.regenerate)
    made = new_generation(sources, gallery.protocol, args.regenerate, engine=args.engine)
    BACKENDS["local"].start(made.run_dir)
    follow(BACKENDS["local"], made.run_dir)
    require_finished(read_run(made.run_dir.folder), args.regenerate)
    return made.out


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
