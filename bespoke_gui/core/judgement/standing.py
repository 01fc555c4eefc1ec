"""Standing: how strong each epoch is by blind votes, which are tied, and whether to go on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bespoke_gui.core.gallery import Gallery, epoch_title
from bespoke_gui.core.judgement import bradley_terry as bt
from bespoke_gui.core.judgement.blind import choices, epochs_of
from bespoke_gui.core.judgement.reviews import Vote

FEWEST = 10
MOST_MORE = 200


@dataclass(frozen=True)
class EpochStrength:
    """strength: log odds against the average epoch, with its 95% interval; chance: how likely
    it is chosen over the average epoch; wins: of `votes`, a tie half; tied: the difference to
    the best may be chance."""

    epoch: int
    strength: float
    low: float
    high: float
    chance: float
    wins: float
    votes: int
    tied: bool


@dataclass
class Standing:
    """Epochs by strength, the best first. decided: the best is ahead of all others.

    hint: whether more votes would tell more, in one sentence.
    """

    votes: int
    epochs: list[EpochStrength] = field(default_factory=list)
    decided: bool = False
    hint: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def standing(gallery: Gallery, votes: Sequence[Vote], *, lora_off: bool = False) -> Standing:
    """Return how the epochs stand after blind votes; without votes nothing but the hint."""
    epochs = epochs_of(gallery, lora_off)
    made = choices(gallery, votes, epochs)
    if not made:
        return Standing(0, hint=f"no blind votes yet; {_about(len(epochs))} give a first picture")
    wins = bt.count_wins(len(epochs), made)
    fit = bt.fit(wins)
    best = int(fit.theta.argmax())
    found = [_strength(fit, wins, number, epoch, best) for number, epoch in enumerate(epochs)]
    found.sort(key=lambda item: -item.strength)
    rivals = [number for number in range(len(epochs)) if number != best]
    ahead = all(fit.difference(best, number)[1] > 0 for number in rivals)
    decided = ahead and len(made) >= FEWEST
    return Standing(len(made), found, decided, _hint(fit, epochs, best, rivals, len(made), ahead))


def _strength(fit: bt.Fit, wins, number: int, epoch: int, best: int) -> EpochStrength:
    low, high = fit.interval(number)
    tied = number != best and fit.difference(best, number)[1] <= 0
    games = round(float(wins[number].sum() + wins[:, number].sum()))
    value = float(fit.theta[number])
    chance = 1 / (1 + math.exp(-value))
    return EpochStrength(
        epoch, round(value, 4), round(low, 4), round(high, 4), round(chance, 4),
        float(wins[number].sum()), games, tied,
    )  # fmt: skip


def _hint(
    fit: bt.Fit, epochs: Sequence[int], best: int, rivals: Sequence[int], votes: int, ahead: bool
) -> str:
    """Say how many more votes would part the best two, if they differ as much as it looks."""
    if not rivals:
        return "one epoch alone cannot be compared"
    if votes < FEWEST:
        return f"{votes} votes are too few to say; {_about(len(epochs))} give a first picture"
    lead = epoch_title(epochs[best])
    if ahead:
        return f"{lead} is ahead of all others: more votes would hardly change that"
    near = min(rivals, key=lambda number: fit.difference(best, number)[1])
    value, low, _ = fit.difference(best, near)
    half = value - low
    more = math.ceil(votes * ((half / value) ** 2 - 1)) if value > 1e-6 else MOST_MORE + 1
    other = epoch_title(epochs[near])
    if more > MOST_MORE:
        return f"{lead} and {other} are as good as equal: more votes would hardly part them"
    return f"about {max(1, more)} more votes would part {lead} and {other}"


def _about(epochs: int) -> str:
    return f"about {max(FEWEST, 6 * epochs)} votes"
