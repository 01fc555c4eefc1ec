"""Judgement as a csv table, out and in: one line a review or vote, nothing lost on the way."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.judgement.reviews import (
    Review,
    Reviews,
    Vote,
    clean_judge,
    new_review,
    new_vote,
)

if TYPE_CHECKING:
    from bespoke_gui.core.gallery import Gallery

COLUMNS: tuple[str, ...] = (
    "kind", "image", "other", "judge", "score", "tags", "accessories", "winner", "notes", "time",
    "pixels", "other_pixels", "id",
)  # fmt: skip
REVIEW, VOTE = "review", "vote"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_YES, _NO = ("yes", "y", "1", "true", "ja"), ("no", "n", "0", "false", "nein")


def to_csv(reviews: Reviews) -> str:
    """Return everything as csv; what a spreadsheet would run as a formula has a ' before it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for image, judges in sorted(reviews.by_image.items()):
        for judge, review in sorted(judges.items()):
            writer.writerow(_plain({"image": image, "judge": judge, **_review_row(review)}))
    for vote in reviews.votes:
        writer.writerow(_plain(_vote_row(vote)))
    return out.getvalue()


def _review_row(review: Review) -> dict[str, str]:
    answers = (f"{name}={'yes' if there else 'no'}" for name, there in review.accessories.items())
    return {
        "kind": REVIEW, "score": "" if review.score is None else f"{review.score!r}",
        "tags": "; ".join(review.tags), "accessories": "; ".join(answers),
        "notes": review.notes, "time": review.time, "pixels": review.pixels,
    }  # fmt: skip


def _vote_row(vote: Vote) -> dict[str, str]:
    return {
        "kind": VOTE, "image": vote.left, "other": vote.right, "judge": vote.judge,
        "winner": vote.winner, "time": vote.time, "pixels": vote.left_pixels,
        "other_pixels": vote.right_pixels, "id": vote.id,
    }  # fmt: skip


def _plain(row: dict[str, str]) -> dict[str, str]:
    return {key: f"'{text}" if text.startswith(_FORMULA) else text for key, text in row.items()}


def from_csv(text: str, images: Collection[str], judge: str = "") -> tuple[Reviews, list[Problem]]:
    """Read a table made by `to_csv` or by hand; wrong lines are findings and the rest goes on.

    images: the names there are. judge: whose the lines are that name nobody. Only `image` and
    one of score, tags, accessories, notes (or `other` and `winner`) are needed. Commas or
    semicolons separate. Raises AppError when there is no column `image`.
    """
    first = text.removeprefix("\ufeff").partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=separator)
    if "image" not in (rows.fieldnames or ()):
        hint = f"the first line names the columns: {', '.join(COLUMNS)}"
        raise AppError("the table has no column image", hint=hint)
    found, problems = Reviews(), []
    for row in rows:
        entry = {key: _bare(value or "") for key, value in row.items() if isinstance(key, str)}
        try:
            _take(found, entry, images, judge)
        except AppError as error:
            where = f"line {rows.line_num}"
            problems.append(Problem("review_line", "error", error.message, where, error.hint))
    return found, problems


def import_table(gallery: Gallery, path: Path, judge: str = "") -> tuple[int, list[Problem]]:
    """Add the lines of a csv file to a gallery's reviews; returns how many, and what is wrong.

    Lines without image digests get those of the images as they are now. Raises AppError where
    the file cannot be read, or is no such table.
    """
    from bespoke_gui.core.judgement.current import stamped
    from bespoke_gui.core.judgement.reviews import add_reviews

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AppError("cannot be read", file=path, hint="save it as UTF-8 csv") from error
    names = {image.name for image in gallery.cells.values()}
    found, problems = from_csv(text, names, judge)
    add_reviews(gallery.folder, stamped(gallery, found))
    return sum(map(len, found.by_image.values())) + len(found.votes), problems


def _bare(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _take(found: Reviews, row: Mapping[str, str], images: Collection[str], judge: str) -> None:
    name = row["image"].strip()
    for image in (name, row.get("other", "").strip()):
        if image and image not in images:
            raise AppError(f"there is no image {image}", hint="names are as in the gallery")
    who = clean_judge(row.get("judge", "") or judge)
    if row.get("kind", "") == VOTE or row.get("winner", ""):
        found.votes.append(_vote(row, name, who))
    else:
        found.by_image.setdefault(name, {})[who] = _review(row)


def _vote(row: Mapping[str, str], name: str, judge: str) -> Vote:
    return new_vote(
        judge, name, row.get("other", "").strip(), row.get("winner", "").strip().casefold(),
        time=row.get("time", ""), id=row.get("id", ""), left_pixels=row.get("pixels", ""),
        right_pixels=row.get("other_pixels", ""),
    )  # fmt: skip


def _review(row: Mapping[str, str]) -> Review:
    return new_review(
        _score(row.get("score", "")), _parts(row.get("tags", "")),
        dict(_answer(part) for part in _parts(row.get("accessories", ""))),
        row.get("notes", ""), row.get("pixels", ""), row.get("time", ""),
    )  # fmt: skip


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _score(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise AppError(f"{text!r} is no score", hint="scores run from 0 to 10") from error


def _answer(text: str) -> tuple[str, bool]:
    name, _, answer = text.partition("=")
    word = answer.strip().casefold()
    if word not in (*_YES, *_NO):
        raise AppError(f"{text!r} answers nothing", hint="write hat=yes; earrings=no")
    return name.strip(), word in _YES
