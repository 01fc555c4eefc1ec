"""Reviews: scores, tags, accessories and notes of each judge, and blind votes, in reviews.json."""

from __future__ import annotations

import datetime
import math
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.judgement import store
from bespoke_gui.core.judgement.tags import clean_tag, is_defect

LEFT, RIGHT, TIE, WITHDRAWN = "left", "right", "tie", "withdrawn"
WINNERS = (LEFT, RIGHT, TIE, WITHDRAWN)
LONGEST_NAME = 60


@dataclass(frozen=True)
class Review:
    """What one judge says about one image. score: 0 to 10; accessories: name -> rendered.

    time: UTC, ISO 8601, orders reviews of one judge; pixels: digest of the image that was
    looked at, "" when unknown.
    """

    score: float | None = None
    tags: tuple[str, ...] = ()
    accessories: Mapping[str, bool] = field(default_factory=dict)
    notes: str = ""
    time: str = ""
    pixels: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said: a review that was taken back."""
        return self.score is None and not (self.tags or self.accessories or self.notes)

    @property
    def judges(self) -> bool:
        """Whether it says if the image is good: a score, or a tag that is a defect."""
        return self.score is not None or any(map(is_defect, self.tags))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {**asdict(self), "tags": list(self.tags), "accessories": dict(self.accessories)}


@dataclass(frozen=True)
class Vote:
    """One blind choice between two images (names in the gallery)."""

    judge: str
    left: str
    right: str
    winner: str
    time: str = ""
    id: str = ""
    left_pixels: str = ""
    right_pixels: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """Return both images, whichever side they were on."""
        return (self.left, self.right) if self.left < self.right else (self.right, self.left)

    @property
    def chosen(self) -> str:
        """Return the image that won, "" for a tie."""
        return {LEFT: self.left, RIGHT: self.right}.get(self.winner, "")


@dataclass
class Reviews:
    """All judgement on a gallery. by_image: name -> judge -> review."""

    by_image: dict[str, dict[str, Review]] = field(default_factory=dict)
    votes: list[Vote] = field(default_factory=list)

    def of(self, image: str) -> dict[str, Review]:
        """Return judge -> review of one image; those taken back are left out."""
        found = self.by_image.get(image, {})
        return {judge: review for judge, review in found.items() if not review.is_empty}

    def cast(self) -> list[Vote]:
        """Return the votes that count, in the order they were cast."""
        counted = (vote for vote in self.votes if vote.winner != WITHDRAWN)
        return sorted(counted, key=lambda vote: (vote.time, vote.id))

    def judges(self) -> list[str]:
        """Return everyone who said something."""
        found = {judge for image in self.by_image for judge in self.of(image)}
        return sorted(found | {vote.judge for vote in self.cast()})

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, as reviews.json holds it."""
        images = {
            image: {judge: review.as_dict() for judge, review in sorted(judges.items())}
            for image, judges in sorted(self.by_image.items())
        }
        return {"reviews": images, "votes": [asdict(vote) for vote in self.votes]}


def now() -> str:
    """Return the time of a judgement: UTC with microseconds, so that times order as text."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")


def new_review(
    score: float | None = None,
    tags: Iterable[str] = (),
    accessories: Mapping[str, bool] | None = None,
    notes: str = "",
    pixels: str = "",
    time: str = "",
) -> Review:
    """Return a checked review; raises AppError (kind "usage") for a wrong score or tag."""
    if score is not None and not (math.isfinite(score) and 0 <= score <= 10):
        raise AppError(f"{score:g} is no score", hint="scores run from 0 to 10", kind="usage")
    names = tuple(dict.fromkeys(clean_tag(tag) for tag in tags))
    seen = {clean_tag(name): bool(there) for name, there in (accessories or {}).items()}
    return Review(score, names, seen, notes.strip(), time or now(), pixels)


def new_vote(judge: str, left: str, right: str, winner: str, **more: str) -> Vote:
    """Return a checked vote; raises AppError (kind "usage") for a winner that is none."""
    if winner not in WINNERS:
        hint = f"write {', '.join(WINNERS[:3])}"
        raise AppError(f"{winner!r} is no winner", hint=hint, kind="usage")
    if left == right:
        raise AppError("an image cannot be compared with itself", file=left, kind="usage")
    more = {"time": more.pop("time", "") or now(), "id": more.pop("id", "") or uuid.uuid4().hex,
            **more}  # fmt: skip
    return Vote(clean_judge(judge), left, right, winner, **more)


def clean_judge(name: str) -> str:
    """Return a judge's name on one line; raises AppError (kind "usage") for none."""
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_NAME:
        hint = f"give a name of up to {LONGEST_NAME} letters with --judge"
        raise AppError("a review needs a judge's name", hint=hint, kind="usage")
    return clean


def read_reviews(folder: Path) -> Reviews:
    """Read all judgement on a gallery; empty when there is none, AppError when it is broken."""
    return reviews_from(store.read(folder), Path(folder) / store.REVIEWS)


def reviews_from(data: Mapping[str, Any], path: Path) -> Reviews:
    """Build reviews from the content of reviews.json; raises AppError naming `path`."""
    try:
        images = {
            str(image): {str(judge): _review(entry) for judge, entry in judges.items()}
            for image, judges in data.get("reviews", {}).items()
        }
        votes = [_vote(entry) for entry in data.get("votes", [])]
    except (AppError, TypeError, ValueError, AttributeError, KeyError) as error:
        raise store.broken(path, f"it holds no reviews as Bespoke writes them ({error})") from error
    return Reviews(images, votes)


def _review(entry: Mapping[str, Any]) -> Review:
    score = entry.get("score")
    return new_review(
        None if score is None else float(score), [str(tag) for tag in entry.get("tags", ())],
        entry.get("accessories", {}), str(entry.get("notes", "")), str(entry.get("pixels", "")),
        str(entry.get("time", "")) or "0",
    )  # fmt: skip


def _vote(entry: Mapping[str, Any]) -> Vote:
    names = ("time", "id", "left_pixels", "right_pixels")
    more = {name: str(entry.get(name, "")) for name in names}
    words = [str(entry[name]) for name in ("judge", "left", "right", "winner")]
    return new_vote(words[0], words[1], words[2], words[3], **more)


def merged(one: Reviews, other: Reviews) -> Reviews:
    """Return both together: of each judge and image the newer review, each vote once.

    The order of the two does not matter, and merging again changes nothing.
    """
    images = {image: dict(judges) for image, judges in one.by_image.items()}
    for image, judges in other.by_image.items():
        mine = images.setdefault(image, {})
        for judge, review in judges.items():
            mine[judge] = max(mine.get(judge, review), review, key=_newer)
    votes = {vote.id: vote for vote in one.votes}
    for vote in other.votes:
        votes[vote.id] = max(votes.get(vote.id, vote), vote, key=_newer)
    ordered = sorted(votes.values(), key=lambda vote: (vote.time, vote.id))
    return Reviews(images, ordered)


def _newer(one: Review | Vote) -> tuple[str, str]:
    return one.time, repr(one)


def add_reviews(folder: Path, more: Reviews) -> Reviews:
    """Merge judgement into a gallery's reviews.json; decisions and what others wrote stay.

    Raises AppError when the file is broken (it is then left as it is) or cannot be written.
    """
    path = Path(folder) / store.REVIEWS

    def edit(data: store.Data) -> store.Data:
        return {**data, **merged(reviews_from(data, path), more).as_dict()}

    return reviews_from(store.change(folder, edit), path)


def save_review(folder: Path, image: str, judge: str, review: Review) -> Reviews:
    """Record one review in place of the judge's earlier one; an empty one takes it back."""
    return add_reviews(folder, Reviews({image: {clean_judge(judge): review}}))


def save_vote(folder: Path, vote: Vote) -> Reviews:
    """Record one vote, or with the same id its correction."""
    return add_reviews(folder, Reviews(votes=[vote]))
