"""Command report: a gallery as web page, Markdown, collage, table or all figures."""

from __future__ import annotations

import argparse
from pathlib import Path

from bespoke_gui.commands._training_set import add_reference, training_set
from bespoke_gui.commands.output import Result, progress

HELP = "write a report or collage of a gallery; the suffix of --out says which"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery, the file to write and what belongs into it."""
    parser.add_argument("gallery", type=Path)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.(html|md|png|csv|json)")
    add_reference(parser)
    parser.add_argument("--baseline", type=Path, metavar="GALLERY", help="like for like or not")
    parser.add_argument("--native", type=int, help="cells along the longer side (default 24)")
    parser.add_argument("--chosen", type=int, metavar="EPOCH", help="the epoch decided for")
    parser.add_argument("--title", default="", help="heading of the report")
    parser.add_argument("--scale", type=int, default=4, help="pixels a cell (default 4)")


def run(args: argparse.Namespace) -> Result:
    """Score the gallery and write the report."""
    from bespoke_gui.core.errors import AppError
    from bespoke_gui.core.gallery import open_gallery
    from bespoke_gui.core.report import format_of, write_report
    from bespoke_gui.core.score import look_of, score_gallery

    format_of(args.out)
    gallery = open_gallery(args.gallery)
    if args.chosen is not None and args.chosen not in gallery.epochs:
        known = ", ".join(str(epoch) for epoch in gallery.epochs)
        raise AppError(f"there is no epoch {args.chosen}", hint=f"choose {known}", kind="usage")
    reference = training_set(gallery, args.reference, look_of(gallery, None, args.native))
    scores = score_gallery(
        gallery, args.native, None, reference, lambda n, all_: progress(n, all_, "steps")
    )
    out = write_report(
        gallery, args.out, scores, reference=reference, chosen=args.chosen, title=args.title,
        scale=args.scale, baseline=open_gallery(args.baseline) if args.baseline else None,
    )  # fmt: skip
    return Result({"path": str(out), "epochs": len(gallery.epochs)}, f"wrote {out}")
