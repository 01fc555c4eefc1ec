"""Command score: every measure for every image of a gallery, epoch means, predicted verdicts."""

from __future__ import annotations

import argparse
from pathlib import Path

from bespoke_gui.commands._training_set import add_reference, training_set
from bespoke_gui.commands.output import Result, progress, say

HELP = "measure every image of a gallery at its native size"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder, how to look, and what to compare with."""
    parser.add_argument("folder", type=Path, help="gallery, or folders epoch_NN/PROMPT[_SEED].png")
    parser.add_argument("--native", type=_size, help="cells along the longer side (default 24)")
    parser.add_argument("--protocol", type=Path, help="protocol.toml whose expectations count")
    add_reference(parser)
    parser.add_argument("--downsampler", help="median, centre, mode, box, nearest, ...")
    parser.add_argument("--merge", choices=("auto", "on", "off"), help="merge colour jitter")


def run(args: argparse.Namespace) -> Result:
    """Score the folder; scores.json is written only into a gallery that Bespoke made."""
    from bespoke_gui.core.gallery import open_gallery
    from bespoke_gui.core.gallery_info import INFO
    from bespoke_gui.core.protocol import load_protocol
    from bespoke_gui.core.score import look_of, score_gallery

    protocol = load_protocol(args.protocol) if args.protocol else None
    gallery = open_gallery(args.folder, loose=True, names=protocol)
    look = look_of(gallery, protocol, args.native, args.downsampler, args.merge)
    reference = training_set(gallery, args.reference, look)
    report = score_gallery(
        gallery, None, protocol, reference, lambda n, all_: progress(n, all_, "steps"),
        look=look,
    )  # fmt: skip
    if (gallery.folder / INFO).is_file():
        report.save(gallery.folder)
    report.problems = gallery.problems + report.problems
    for problem in report.problems:
        say(f"{problem.severity}: {problem.file + ': ' if problem.file else ''}{problem.message}")
    failed = any(problem.severity == "error" for problem in report.problems)
    return Result(report.as_dict(), _text(report), int(failed))


def _size(text: str) -> int:
    value = int(text)
    if not 4 <= value <= 512:
        raise argparse.ArgumentTypeError("a native size is 4 to 512")
    return value


def _text(report) -> str:
    from bespoke_gui.core.gallery import epoch_title
    from bespoke_gui.core.measures import ordered

    measures = [m for m in ordered() if any(row[m.name] is not None for row in _rows(report))]
    head = [measure.name for measure in measures] + ["clean"]
    wide = [max(8, len(name)) + 2 for name in head]
    lines = [_line("", head, wide)]
    for number, row in report.epochs.items():
        clean = "–" if row["clean_rate"] is None else f"{row['clean_rate']:.0%}"
        figures = [measure.text(row[measure.name]) for measure in measures]
        lines.append(_line(epoch_title(int(number)), [*figures, clean], wide))
    if not report.epochs:
        lines = [_image_line(name, values) for name, values in report.images.items()]
    return "\n".join([*lines, *report.notes])


def _rows(report) -> list:
    return list(report.epochs.values())


def _line(title: str, cells: list[str], wide: list[int]) -> str:
    columns = zip(cells, wide, strict=True)
    return f"{title:<10}" + "".join(f"{cell:>{width}}" for cell, width in columns)


def _image_line(name: str, values: dict) -> str:
    figures = [f"{key} {value:g}" for key, value in values.items() if value is not None]
    return f"{name}: {', '.join(figures)}"
