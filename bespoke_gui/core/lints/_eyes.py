"""Phrases that name the colour of the eyes, for the checks about eyes."""

from __future__ import annotations

import re
from functools import lru_cache

from bespoke_gui.core.colour_words import NOUNS
from bespoke_gui.core.lints.base import Text
from bespoke_gui.core.phrases import Phrase, split

EYES = re.compile(r"(?:eyes|yees)(?![a-z])", re.IGNORECASE)
COLOUR = re.compile(
    rf"(?:{'|'.join(sorted(NOUNS, key=len, reverse=True))}"
    r"|hazel|honey|lilac)",
    re.IGNORECASE,
)


def coloured_eyes(text: Text) -> tuple[Phrase, ...]:
    """Return the phrases about eyes that name a colour."""
    return _coloured(text.text, text.separator)


@lru_cache(maxsize=64)  # two checks ask for the same caption in a row
def _coloured(text: str, separator: str) -> tuple[Phrase, ...]:
    folded = text.casefold()
    if "eyes" not in folded and "yees" not in folded:
        return ()
    found = (phrase for phrase in split(text, separator) if EYES.search(phrase.text))
    return tuple(p for p in found if _has_noun(p.text) or COLOUR.search(p.text))


def _has_noun(text: str) -> bool:
    """The quick way; the pattern also finds colours glued to other words."""
    return any(word in NOUNS for word in text.split())
