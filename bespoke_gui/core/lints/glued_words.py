"""Lint check: two words with the space or comma between them lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text

WORD = re.compile(r"[^\W\d_]{7,}")
PART = re.compile(r"[^\W\d_]+")
SHORTEST = 3
USED = 4  # a part counts as a word when the set uses it at least that often
RARE = 2  # what is used more often than this is taken for a word of its own
COMPOUNDS = frozenset({"haircut", "throughout", "eyeshadow", "eyebrow", "eyebrows", "background"})


def run(texts: Sequence[Text]) -> Iterator[tuple[str, Finding]]:
    """Yield rare words that are two words which the same captions use on their own.

    The set is its own dictionary, so this finds the more the more captions there are.
    """
    counts = Counter(word for text in texts for word in PART.findall(text.text.casefold()))
    known = {word for word, count in counts.items() if count >= USED}
    halves: dict[str, tuple[str, str] | None] = {}
    for text in texts:
        for match in WORD.finditer(text.text):
            word = match.group().casefold()
            if counts[word] > RARE or word in COMPOUNDS:
                continue
            pair = halves.setdefault(word, _halves(word, known))
            if pair:
                message = f"{match.group()!r} looks like {' '.join(pair)!r}"
                hint = "put the space or the comma back"
                yield text.name, Finding(match.start(), match.end(), message, hint)


def _halves(word: str, known: set[str]) -> tuple[str, str] | None:
    for cut in range(len(word) - SHORTEST, SHORTEST - 1, -1):
        if word[:cut] in known and word[cut:] in known:
            return word[:cut], word[cut:]
    return None


LINTS.add(
    "glued_words",
    Lint(
        "glued_words",
        "Glued words",
        "info",
        "The text encoder does not know what two words written as one mean.",
        run,
    ),
)
