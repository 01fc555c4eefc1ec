"""Outcomes: what is known of every image of an epoch, and the shares that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bespoke_gui.core.bootstrap import Interval, Place, share_interval
from bespoke_gui.core.gallery import Gallery
from bespoke_gui.core.judgement.reviews import Reviews
from bespoke_gui.core.judgement.summary import accessories_of
from bespoke_gui.core.prompt_colours import accessories
from bespoke_gui.core.verdicts import CLEAN, MESSY, PREDICTED, REVIEWED, UNKNOWN, Verdict

if TYPE_CHECKING:
    from bespoke_gui.core.protocol import Protocol
    from bespoke_gui.core.score import ScoreReport

DEFECTS, CLEAN_SHARE, MESSY_SHARE, ACCESSORIES = "pixel_defects", "clean", "messy", "accessories"
SHARES = (DEFECTS, CLEAN_SHARE, MESSY_SHARE, ACCESSORIES)


@dataclass(frozen=True)
class Outcome:
    """One image. place: prompt text and seed, the same in another gallery; asked: accessories
    that the prompt names; rendered: those people answered for -> whether they are there."""

    name: str
    epoch: int
    place: Place
    verdict: Verdict
    asked: tuple[str, ...]
    rendered: dict[str, bool]

    def says(self, share: str) -> bool | None:
        """Return whether the image counts for a share; None where nothing says it."""
        if self.verdict.verdict == UNKNOWN:
            return None
        if share == DEFECTS:
            return bool(self.verdict.defects)
        return self.verdict.verdict == {CLEAN_SHARE: CLEAN, MESSY_SHARE: MESSY}[share]


@dataclass(frozen=True)
class Share:
    """One share of an epoch, or of several. value None: it cannot be judged, `why` says why.

    basis: "predicted" or "reviewed". count: how many images (accessories: answers) it rests on;
    missing: how many are still to be looked at. hits: place -> 0 or 1, the mean over accessories
    where an image has several, for comparing with another gallery.
    """

    name: str
    value: float | None
    interval: Interval | None
    basis: str
    count: int
    missing: int
    why: str
    hits: dict[Place, float]


def outcomes(
    gallery: Gallery, report: ScoreReport, reviews: Reviews, expected: Protocol | None
) -> list[Outcome]:
    """Return what is known of every measured image that has an epoch."""
    found = []
    for image in gallery.images():
        if image.name not in report.verdicts or image.epoch not in gallery.epochs:
            continue
        prompt = expected.prompt(image.prompt) if expected else None
        text = prompt.text if prompt else image.prompt
        asked = prompt.accessories if prompt else tuple(accessories(text))
        rendered, _ = accessories_of(reviews.of(image.name))
        answered = {name: there for name, there in rendered.items() if name in asked}
        verdict = report.verdicts[image.name]
        place = (text, image.seed)
        found.append(Outcome(image.name, image.epoch, place, verdict, tuple(asked), answered))
    return found


def share_of(name: str, items: Sequence[Outcome], basis: str = "") -> Share:
    """Return one share over images: reviewed where a person looked at one, else predicted.

    Reviewed and predicted images are never mixed: while some are reviewed and others not, the
    figure is that of the reviewed ones so far and `why` says how many are missing. basis
    "predicted" or "reviewed" asks for that one.
    """
    if name == ACCESSORIES:
        return _accessories(items)
    seen = [item for item in items if item.verdict.is_reviewed]
    if basis == REVIEWED or (seen and basis != PREDICTED):
        missing = len(items) - len(seen)
        why = f"cannot be judged yet: {missing} of {len(items)} images unscored" if missing else ""
        return _share(name, seen, REVIEWED, missing, why)
    known = [item for item in items if item.says(name) is not None]
    missing = len(items) - len(known)
    why = f"cannot be predicted: no limits for {missing} of {len(items)} images" if missing else ""
    return _share(name, known, PREDICTED, missing, why)


def _share(name: str, items: Sequence[Outcome], basis: str, missing: int, why: str) -> Share:
    hits = {item.place: float(bool(item.says(name))) for item in items}
    if not items:
        return Share(name, None, None, basis, 0, missing, why or "there are no images", hits)
    yes = sum(bool(item.says(name)) for item in items)
    interval = share_interval(yes, len(items))
    return Share(name, interval.mean, interval, basis, len(items), missing, why, hits)


def _accessories(items: Sequence[Outcome]) -> Share:
    wanting = [item for item in items if item.asked]
    answers = [there for item in wanting for there in item.rendered.values()]
    open_ = [item for item in wanting if set(item.asked) - set(item.rendered)]
    why = ""
    if not wanting:
        why = "no prompt names an accessory"
    elif open_:
        why = (
            f"cannot be judged yet: accessories of {len(open_)} of {len(wanting)} images unanswered"
        )
    hits = {
        item.place: sum(item.rendered.values()) / len(item.rendered)
        for item in wanting
        if item.rendered
    }
    interval = share_interval(sum(answers), len(answers)) if answers else None
    value = interval.mean if interval else None
    return Share(ACCESSORIES, value, interval, REVIEWED, len(answers), len(open_), why, hits)
