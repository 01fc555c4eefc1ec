"""How steady judges are: the same pair twice, a favourite side, agreement with each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bespoke_gui.core.bootstrap import Interval, share_interval
from bespoke_gui.core.judgement.reviews import LEFT, RIGHT, Vote


@dataclass(frozen=True)
class Steadiness:
    """One judge. repeated: pairs judged twice; same: share judged alike, with its interval;
    left: share of choices for the left image; hint: what to make of it, "" when all is well."""

    judge: str
    votes: int
    ties: int
    repeated: int
    same: Interval | None
    left: Interval | None
    hint: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def steadiness(votes: Sequence[Vote]) -> list[Steadiness]:
    """Return how steady each judge is, by name."""
    return [_of(judge, [v for v in votes if v.judge == judge])
            for judge in sorted({vote.judge for vote in votes})]  # fmt: skip


def _of(judge: str, votes: Sequence[Vote]) -> Steadiness:
    by_pair: dict[tuple[str, str], list[str]] = defaultdict(list)
    for vote in votes:
        by_pair[vote.pair].append(vote.chosen)
    twice = [chosen for chosen in by_pair.values() if len(chosen) > 1]
    alike = sum(len(set(chosen)) == 1 for chosen in twice)
    sides = [vote.winner for vote in votes if vote.winner in (LEFT, RIGHT)]
    same = share_interval(alike, len(twice)) if twice else None
    left = share_interval(sides.count(LEFT), len(sides)) if sides else None
    ties = sum(vote.chosen == "" for vote in votes)
    return Steadiness(judge, len(votes), ties, len(twice), same, left, _hint(same, left))


def _hint(same: Interval | None, left: Interval | None) -> str:
    if left and (left.low > 0.5 or left.high < 0.5):
        side = "left" if left.mean > 0.5 else "right"
        return f"chooses the {side} image more often than chance explains"
    if same and same.count >= 4 and same.mean < 0.6:
        return "judges the same pair differently about as often as not: votes say little"
    return ""


def agreement(votes: Sequence[Vote]) -> Interval | None:
    """Return how often two judges choose alike when they first see a pair; None without such."""
    by_pair: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for vote in votes:
        by_pair[vote.pair].setdefault(vote.judge, vote.chosen)
    alike = total = 0
    for chosen in by_pair.values():
        answers = list(chosen.values())
        for place, one in enumerate(answers):
            for other in answers[place + 1 :]:
                alike, total = alike + (one == other), total + 1
    return share_interval(alike, total) if total else None
