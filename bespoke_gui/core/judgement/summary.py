"""What several judges say about one image, taken together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bespoke_gui.core.judgement.reviews import Review
from bespoke_gui.core.judgement.tags import is_defect


@dataclass(frozen=True)
class Judged:
    """score: mean of those who gave one; spread: highest less lowest. defects: tags of anyone
    that are a pixel defect; other_tags the rest. accessories: name -> rendered, by majority of
    those who answered, a draw counting as rendered."""

    judges: int
    score: float | None
    spread: float
    defects: tuple[str, ...]
    other_tags: tuple[str, ...]
    accessories: Mapping[str, bool]
    disputed: tuple[str, ...] = ()


def judged(reviews: Mapping[str, Review]) -> Judged | None:
    """Return the judgement on one image; None while nobody scored it or tagged a defect."""
    said = [review for review in reviews.values() if not review.is_empty]
    if not any(review.judges for review in said):
        return None
    scores = [review.score for review in said if review.score is not None]
    tags = list(dict.fromkeys(tag for review in said for tag in review.tags))
    seen, disputed = accessories_of(reviews)
    return Judged(
        len(said),
        sum(scores) / len(scores) if scores else None,
        max(scores) - min(scores) if scores else 0.0,
        tuple(tag for tag in tags if is_defect(tag)),
        tuple(tag for tag in tags if not is_defect(tag)),
        seen,
        disputed,
    )


def accessories_of(reviews: Mapping[str, Review]) -> tuple[dict[str, bool], tuple[str, ...]]:
    """Return accessory -> rendered, and the accessories on which judges do not agree."""
    answers: dict[str, list[bool]] = {}
    for review in reviews.values():
        for name, there in review.accessories.items():
            answers.setdefault(name, []).append(there)
    rendered = {name: 2 * sum(said) >= len(said) for name, said in answers.items()}
    return rendered, tuple(name for name, said in answers.items() if len(set(said)) > 1)
