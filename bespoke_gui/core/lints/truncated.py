"""Lint check: text cut in the middle of a word, by the limit of a field or a bad cut."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.caption_nouns import listed
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.phrases import Phrase
from bespoke_gui.core.spelling import speller

WHOLE = listed(  # short words that a phrase may well end in; "of", "to" are the dangling end's
    "up on in it is am pm tv dj ok of to or an a as at by no so he me my we us v x o i by im if be"
    " do go"
)
CUT_AT_SLASH = re.compile(r"\w+/$|\w+/lips$", re.IGNORECASE)
FEWEST = 8  # characters that a piece shares with the phrase it was cut from


def check(text: Text) -> Iterator[Finding]:
    """Yield the ends of phrases that are no word, and beginnings that are the rest of one."""
    for phrase in text.phrases:
        for start, end, message in (*_end(phrase), *_torn(phrase, text.phrases)):
            place = (phrase.start + start, phrase.start + end)
            yield Finding(*place, message, "finish it, or take the piece out")


def _end(phrase: Phrase) -> Iterator[tuple[int, int, str]]:
    before, _, last = phrase.text.rpartition(" ")
    if before and len(last) < 3 and last.isalpha() and last.islower() and last not in WHOLE:
        place = (len(phrase.text) - len(last), len(phrase.text))
        yield *place, f"ends in {last!r}, the beginning of a word"
    cut = CUT_AT_SLASH.search(phrase.text) if "/" in phrase.text else None
    if cut:
        yield *cut.span(), f"is cut at the slash: {cut.group()!r}"


def _torn(phrase: Phrase, others: list[Phrase]) -> Iterator[tuple[int, int, str]]:
    """Yield the first word of a phrase when it is the rest of a word that another phrase has."""
    word = phrase.text.partition(" ")[0].casefold()
    piece = phrase.text[:FEWEST].casefold()
    if len(piece) < FEWEST or not word.isalpha() or speller().is_known(word):
        return
    for other in others:
        at = other.text.casefold().find(piece) if other is not phrase else -1
        if at > 0 and other.text[at - 1].isalpha():
            yield 0, len(word), f"begins with {word!r}, the rest of a word of another phrase"
            return


LINTS.add(
    "truncated",
    Lint(
        "truncated",
        "Cut off",
        "warning",
        "Half a word is no word to the text encoder.",
        each(check),
    ),
)
