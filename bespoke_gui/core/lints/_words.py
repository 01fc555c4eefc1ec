"""The different words of a caption, case-folded: a quick look before a slow pattern is tried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from bespoke_gui.core.lints.base import Text
from bespoke_gui.core.phrases import Phrase
from bespoke_gui.core.spelling import WORD

PLAIN = re.compile(r"[a-z]+(?:'[a-z]+)*")  # the same as WORD in plain English, and faster
BRACKETS = str.maketrans("()[]{}", "      ")


@lru_cache(maxsize=64)  # several checks ask for the same caption in a row
def words_in_order(text: str) -> tuple[str, ...]:
    """Return the words of a text, case-folded; digits and signs part them."""
    pattern = PLAIN if text.isascii() else WORD
    return tuple(pattern.findall(text.casefold()))


@lru_cache(maxsize=64)
def words_of(text: str) -> frozenset[str]:
    """Return the different words of a text."""
    return frozenset(words_in_order(text))


def phrases_with(text: Text, cues: frozenset[str]) -> Iterator[Phrase]:
    """Yield the phrases that hold one of these words, so that a pattern is tried on them only."""
    if cues.isdisjoint(words_of(text.text)):
        return
    for phrase in text.phrases:
        if not cues.isdisjoint(phrase.text.casefold().translate(BRACKETS).split()):
            yield phrase
