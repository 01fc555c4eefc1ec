"""Words of a caption that no dictionary knows, for the checks of spelling and glued words."""

from __future__ import annotations

import re
from functools import lru_cache

from bespoke_gui.core.lints._words import words_of
from bespoke_gui.core.lints.base import Text
from bespoke_gui.core.spelling import WORD, speller
from bespoke_gui.core.words import HEX_COLOUR

SIGNS = 4  # letters of an abbreviation in capitals, which no dictionary need know
LINKS = re.compile(r"https?://\S+")


def unknown_words(text: Text) -> tuple[tuple[int, int, str], ...]:
    """Return start, end and the case-folded word of everything that is spelled like no word."""
    return _unknown(text.text, text.context.dictionary)


@lru_cache(maxsize=64)  # two checks ask for the same caption in a row
def _unknown(text: str, dictionary: frozenset[str]) -> tuple[tuple[int, int, str], ...]:
    unknown = speller().unknown(words_of(text), dictionary)
    if not unknown:
        return ()
    found = []
    for match in WORD.finditer(_without_codes(text)):
        word = match.group()
        if len(word) < 2 or (len(word) <= SIGNS and word.isupper()):
            continue
        if word.casefold() in unknown:
            found.append((*match.span(), word.casefold()))
    return tuple(found)


def _without_codes(text: str) -> str:
    """Return the text with colour codes and links blanked, every character in its place."""
    if "#" in text:
        text = HEX_COLOUR.sub(lambda m: " " * len(m.group()), text)
    return LINKS.sub(lambda m: " " * len(m.group()), text) if "://" in text else text
