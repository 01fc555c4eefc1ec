"""Command review: what people say about a gallery: shown, written, exported, voted blind."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands._training_set import look_at
from bespoke_gui.commands.output import Result, say
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.errors import Problem
    from bespoke_gui.core.gallery import Gallery
    from bespoke_gui.core.judgement.reviews import Reviews

HELP = "scores, defect tags, accessories and blind votes of a gallery, in and out"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery and what to do with its reviews; with nothing to do they are shown."""
    parser.add_argument("gallery", type=Path)
    parser.add_argument("--judge", default="", metavar="NAME", help="who judges")
    one = parser.add_argument_group("review one image")
    one.add_argument(
        "--image", default="", metavar="NAME", help="as in the gallery: epoch_08/x.png"
    )
    one.add_argument("--score", type=float, help="0 to 10")
    one.add_argument("--tag", action="append", default=[], help="a defect; several may be given")
    one.add_argument("--accessory", action="append", default=[], metavar="NAME=yes|no")
    one.add_argument("--notes", default="", help="anything else")
    table = parser.add_argument_group("tables")
    table.add_argument("--export", type=Path, metavar="CSV", help="all reviews and votes")
    table.add_argument("--import", type=Path, dest="table", metavar="CSV", help="such a table")
    blind = parser.add_argument_group("blind votes")
    blind.add_argument("--pairs", type=Path, metavar="DIR", help="write pictures of pairs")
    blind.add_argument("--count", type=int, default=20, help="how many pairs (20)")
    blind.add_argument("--random", type=int, default=0, metavar="SEED", help="order and sides (0)")
    blind.add_argument("--lora-off", action="store_true", help="the base takes part too")
    blind.add_argument("--votes", type=Path, metavar="DIR", help="take a filled-in folder in")


def run(args: argparse.Namespace) -> Result:
    """Do what is asked, then show how the judgement on the gallery stands."""
    from bespoke_gui.core.gallery import open_gallery

    gallery = open_gallery(args.gallery)
    wanted = [
        name for name in ("image", "export", "table", "pairs", "votes") if getattr(args, name)
    ]
    if len(wanted) > 1:
        raise AppError("one thing at a time", hint="see bespoke review --help", kind="usage")
    if not wanted and (args.score is not None or args.tag or args.accessory or args.notes):
        raise AppError("which image?", hint="name it with --image", kind="usage")
    problems: list[Problem] = []
    done = _ACTIONS[wanted[0]](gallery, args, problems) if wanted else {}
    data, lines = _state(gallery, problems)
    for problem in problems:
        say(f"{problem.severity}: {problem.file + ': ' if problem.file else ''}{problem.message}")
    failed = any(problem.severity == "error" for problem in problems)
    data["problems"] = [problem.as_dict() for problem in problems]
    said = [f"{key}: {_words(value)}" for key, value in done.items()]
    return Result({**data, **done}, "\n".join([*said, *lines]), int(failed))


def _words(value: object) -> str:
    """Return one line for a value: a list of files as how many there are and the first."""
    return f"{len(value)}, from {value[0]} on" if isinstance(value, list) and value else str(value)


def _one(gallery: Gallery, args: argparse.Namespace, _problems: list[Problem]) -> dict[str, Any]:
    from bespoke_gui.core.judgement.current import Pixels
    from bespoke_gui.core.judgement.reviews import new_review, save_review

    if args.image not in {image.name for image in gallery.cells.values()}:
        hint = f"names are like {gallery.images()[0].name}"
        raise AppError(f"there is no image {args.image}", hint=hint, kind="usage")
    review = new_review(
        args.score, args.tag, dict(_answer(text) for text in args.accessory), args.notes,
        Pixels(gallery).of(args.image),
    )  # fmt: skip
    save_review(gallery.folder, args.image, args.judge, review)
    return {"image": args.image, "review": review.as_dict()}


def _answer(text: str) -> tuple[str, bool]:
    name, _, answer = text.partition("=")
    if answer not in ("yes", "no"):
        raise AppError(f"{text!r} answers nothing", hint="write hat=yes or hat=no", kind="usage")
    return name, answer == "yes"


def _export(gallery: Gallery, args: argparse.Namespace, _problems: list[Problem]) -> dict[str, Any]:
    from bespoke_gui.core.atomic import write_text
    from bespoke_gui.core.judgement.reviews import read_reviews
    from bespoke_gui.core.judgement.table import to_csv

    write_text(args.export, to_csv(read_reviews(gallery.folder)))
    return {"path": str(args.export)}


def _import(gallery: Gallery, args: argparse.Namespace, problems: list[Problem]) -> dict[str, Any]:
    from bespoke_gui.core.judgement.table import import_table

    count, wrong = import_table(gallery, args.table, args.judge)
    problems += wrong
    return {"imported": count}


def _pairs(gallery: Gallery, args: argparse.Namespace, _problems: list[Problem]) -> dict[str, Any]:
    from bespoke_gui.core.judgement.blind import next_pairs
    from bespoke_gui.core.judgement.blind_sheet import write_sheet
    from bespoke_gui.core.judgement.reviews import clean_judge
    from bespoke_gui.core.score import current_reviews

    judge, votes = clean_judge(args.judge), current_reviews(gallery)[0].cast()
    pairs = next_pairs(
        gallery, votes, judge, max(1, args.count), args.random, lora_off=args.lora_off
    )
    if not pairs:
        hint = "blind pairs need two epochs with images of the same prompt and seed"
        raise AppError("has no pair to judge", file=gallery.folder, hint=hint)
    pictures = write_sheet(args.pairs, gallery, pairs, judge, look_at(gallery))
    return {"pairs": [str(path) for path in pictures], "fill in": str(args.pairs / "votes.csv")}


def _votes(gallery: Gallery, args: argparse.Namespace, problems: list[Problem]) -> dict[str, Any]:
    from bespoke_gui.core.judgement.blind_sheet import read_sheet
    from bespoke_gui.core.judgement.reviews import Reviews, add_reviews

    votes, wrong = read_sheet(args.votes)
    problems += wrong
    add_reviews(gallery.folder, Reviews(votes=votes))
    return {"taken in": len(votes)}


_ACTIONS = {"image": _one, "export": _export, "table": _import, "pairs": _pairs, "votes": _votes}


def _state(gallery: Gallery, problems: list[Problem]) -> tuple[dict[str, Any], list[str]]:
    """Return everything that people said, and a few lines about it."""
    from bespoke_gui.core.judgement.current import current
    from bespoke_gui.core.judgement.judges import agreement, steadiness
    from bespoke_gui.core.judgement.reviews import read_reviews
    from bespoke_gui.core.judgement.standing import standing

    reviews, stale = current(gallery, read_reviews(gallery.folder))
    problems += stale
    votes = reviews.cast()
    stand, steady, agreed = standing(gallery, votes), steadiness(votes), agreement(votes)
    unscored = _unscored(gallery, reviews)
    data = {
        "images": len(gallery.cells), "reviewed": len(gallery.cells) - len(unscored),
        "unscored": unscored, "votes": len(votes), "standing": stand.as_dict(),
        "judges": [{"judge": name} for name in reviews.judges()],
        "steadiness": [one.as_dict() for one in steady],
        "agreement": agreed.mean if agreed else None,
        "reviews": {image: {judge: review.as_dict() for judge, review in reviews.of(image).items()}
                    for image in reviews.by_image},
    }  # fmt: skip
    lines = [f"{data['reviewed']} of {data['images']} images reviewed, {len(votes)} blind votes"]
    lines += [_strength(item) for item in stand.epochs]
    lines += [f"{one.judge}: {one.hint}" for one in steady if one.hint]
    return data, [*lines, stand.hint]


def _unscored(gallery: Gallery, reviews: Reviews) -> list[str]:
    from bespoke_gui.core.judgement.summary import judged

    return [image.name for image in gallery.images() if judged(reviews.of(image.name)) is None]


def _strength(item) -> str:
    from bespoke_gui.core.gallery import epoch_title

    tied = ", tied with the best" if item.tied else ""
    ends = f"{item.strength:+.2f} ({item.low:+.2f} to {item.high:+.2f})"
    return f"{epoch_title(item.epoch)}: strength {ends}, {item.wins:g} of {item.votes}{tied}"
