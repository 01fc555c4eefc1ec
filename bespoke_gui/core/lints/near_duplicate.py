"""Lint check: captions of different images that differ in a word or two."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence

from bespoke_gui.core.breathing import Breath
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text
from bespoke_gui.core.near_sets import near_pairs

ALIKE = 0.85  # share of words that two captions have in common
EVERYWHERE = 0.5  # words of more captions than this tell none apart
FEWEST = 5  # words that are left of a caption to be judged
NAMED = 3


def run(texts: Sequence[Text]) -> Iterator[tuple[str, Finding]]:
    """Yield every caption with nearly the words of another; the same words are another check's."""
    counts: Counter[int] = Counter()
    numbers: dict[str, int] = {}
    # Numbers in arrays: the words of 10,000 captions as texts take 50 MB.
    bags: list[array[int]] = []
    for text in texts:
        words = dict.fromkeys(text.text.casefold().replace(text.separator, " ").split())
        bag = array("L", [numbers.setdefault(word, len(numbers)) for word in words])
        counts.update(bag)
        bags.append(bag)
    common = {word for word, n in counts.items() if n > EVERYWHERE * len(bags)}
    over = Breath().over
    sets = [array("L", [word for word in bag if word not in common]) for bag in over(bags)]
    for index, near in near_pairs(sets, ALIKE, FEWEST).items():
        text = texts[index]
        yield text.name, _finding(text, [(texts[i].name, share) for i, share in near])


def _finding(text: Text, near: list[tuple[str, float]]) -> Finding:
    share = max(share for _, share in near)
    names = ", ".join(name for name, _ in near[:NAMED])
    more = f" and {len(near) - NAMED} more" if len(near) > NAMED else ""
    message = f"has {share:.0%} of its words in common with {names}{more}"
    return Finding(0, len(text.text), message, "say what differs in the images")


LINTS.add(
    "near_duplicate",
    Lint(
        "near_duplicate",
        "Nearly the same caption",
        "info",
        "Different images with nearly the same words: what differs is bound to few of them.",
        run,
    ),
)
