"""Command decide: the verdict on a gallery, and the epoch a person decides for."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands._training_set import add_reference, training_set
from bespoke_gui.commands.output import Result, progress
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.criteria import Criteria
    from bespoke_gui.core.gallery import Gallery
    from bespoke_gui.core.judgement.verdict import GalleryVerdict
    from bespoke_gui.core.score import ScoreReport

HELP = "the verdict by your criteria; record which epoch you decide for, and deploy it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery, what to judge against, and the decision."""
    parser.add_argument("gallery", type=Path)
    parser.add_argument("--baseline", type=Path, metavar="GALLERY", help="like for like or not")
    add_reference(parser)
    parser.add_argument("--criteria", type=Path, metavar="TOML", help="else the project's own")
    words = "how much a measure counts where nobody has judged: strays=2"
    parser.add_argument("--weight", nargs="+", default=[], metavar="MEASURE=N", help=words)
    parser.add_argument("--epoch", type=int, help="decide for this epoch; 0 is the LoRA off")
    parser.add_argument("--reason", default="", help="why")
    parser.add_argument("--withdraw", action="store_true", help="take the decision back")
    parser.add_argument("--deploy", type=Path, metavar="DIR",
                        help="copy the decided checkpoint there, with a model card")  # fmt: skip
    parser.add_argument("--run", type=Path, metavar="DIR", help="the run, where it is not found")


def run(args: argparse.Namespace) -> Result:
    """Record the decision if one is given, then show the verdict."""
    from bespoke_gui.core.gallery import open_gallery
    from bespoke_gui.core.gallery_info import INFO
    from bespoke_gui.core.judgement.verdict import judge_gallery
    from bespoke_gui.core.score import score_gallery

    if args.withdraw and args.epoch is not None:
        raise AppError("decide or withdraw, not both", hint="leave one out", kind="usage")
    gallery = open_gallery(args.gallery)
    criteria = _criteria(gallery, args)
    _record(gallery, args)
    baseline = open_gallery(args.baseline) if args.baseline else None
    reference = training_set(gallery, args.reference)
    report = score_gallery(
        gallery, reference=reference, criteria=criteria,
        progress=lambda n, all_: progress(n, all_, "steps"),
    )  # fmt: skip
    verdict = judge_gallery(
        gallery, report, baseline=baseline, reference=reference, criteria=criteria
    )
    data, lines = verdict.as_dict(), _text(verdict)
    if (gallery.folder / INFO).is_file():
        report.save(gallery.folder)
        verdict.save(gallery.folder)
    if args.deploy:
        data["deployed"] = _deploy(gallery, report, verdict, args)
        lines += [f"deployed: {path}" for path in data["deployed"].values()]
    return Result(data, "\n".join(lines))


def _criteria(gallery: Gallery, args: argparse.Namespace) -> Criteria:
    """Return the criteria that count, with the weights given on the command line."""
    from bespoke_gui.core.criteria import criteria_for, load_criteria

    found = load_criteria(args.criteria) if args.criteria else criteria_for(gallery.folder)
    return replace(found, weights={**found.weights, **dict(map(_weight, args.weight))})


def _weight(text: str) -> tuple[str, float]:
    from bespoke_gui.core.measures import MEASURES

    name, _, number = text.partition("=")
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if name not in set(MEASURES) or not 0 <= value < 1e6:
        ranked = [measure.name for measure in MEASURES.values() if measure.ranked]
        hint = f"write one of {', '.join(ranked)} with = and a number from 0"
        raise AppError(f"{text!r} is no weight", hint=hint, kind="usage")
    return name, value


def _record(gallery: Gallery, args: argparse.Namespace) -> None:
    from bespoke_gui.core.gallery_decision import decide, withdraw

    if args.withdraw:
        withdraw(gallery.folder)
    if args.epoch is None:
        return
    if args.epoch not in gallery.epochs:
        known = ", ".join(map(str, gallery.epochs))
        raise AppError(f"there is no epoch {args.epoch}", hint=f"choose {known}", kind="usage")
    decide(gallery.folder, args.epoch, args.reason)


def _deploy(
    gallery: Gallery, report: ScoreReport, verdict: GalleryVerdict, args: argparse.Namespace
) -> dict[str, Any]:
    from bespoke_gui.core.deploy import deploy

    if verdict.decision is None:
        hint = "decide first: bespoke decide GALLERY --epoch N --reason WHY"
        raise AppError("no epoch is decided", file=gallery.folder, hint=hint, kind="usage")
    done = deploy(gallery, report, verdict, args.deploy, run=args.run)
    return {"checkpoint": str(done.checkpoint), "card": str(done.card)}


def _text(verdict: GalleryVerdict) -> list[str]:
    from bespoke_gui.core.gallery import epoch_title
    from bespoke_gui.core.report.verdict_words import verdict_lines

    found = verdict.suggestion
    lines = verdict_lines(verdict)
    if found.epoch is not None:
        lines.append(f"suggested: {epoch_title(found.epoch)}, by {found.evidence}")
        lines += [f"  + {text}" for text in found.reasons] + [
            f"  - {text}" for text in found.against
        ]
    if verdict.decision:
        reason = f": {verdict.decision.reason}" if verdict.decision.reason else ""
        lines.append(
            f"decided {verdict.decision.date}: {epoch_title(verdict.decision.epoch)}{reason}"
        )
    return [*lines, *verdict.notes]
