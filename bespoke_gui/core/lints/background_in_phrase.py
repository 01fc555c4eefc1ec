"""Lint check: the background inside a phrase about clothes, hair or eyes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.caption_nouns import kinds_of
from bespoke_gui.core.colour_words import is_colour_word
from bespoke_gui.core.lints.base import LINTS, Finding, Fix, Lint, Text, each
from bespoke_gui.core.lints.fixes import replace
from bespoke_gui.core.phrases import Phrase, joiner

BACKGROUND = re.compile(r"\bback(?:ground|drop)\b", re.IGNORECASE)
WORD = re.compile(r"\S+")
LINK = re.compile(r"(?:with|and|on|in|against|a|the|here)", re.IGNORECASE)


def check(text: Text) -> Iterator[Finding]:
    """Yield each phrase that names a background and something else."""
    for phrase in text.phrases:
        match = BACKGROUND.search(phrase.text)
        if match and kinds_of(phrase.text):
            message = f"{phrase.text!r} holds the background and something else"
            ways = _apart(text, phrase, match)
            hint = "make two phrases of it"
            yield Finding(phrase.start, phrase.end, message, hint, suggestions=ways)


def _apart(text: Text, phrase: Phrase, match: re.Match[str]) -> tuple[Fix, ...]:
    """Return how to put a separator before the background, or behind it where it comes first."""
    words = list(WORD.finditer(phrase.text))
    last = next(i for i, word in enumerate(words) if word.end() >= match.end())
    first = last
    while first and is_colour_word(words[first - 1].group()):
        first -= 1
    if first == 0:
        following = words[last + 1 : last + 2]
        if not following:
            return ()
        low, high = words[last].end(), following[0].start()
        link = LINK.fullmatch(following[0].group())
        high = words[last + 2].start() if link and last + 2 < len(words) else high
    else:
        kept = first
        while kept > 1 and LINK.fullmatch(words[kept - 1].group()):
            kept -= 1
        low, high = words[kept - 1].end(), words[first].start()
    sign = joiner(text.separator)
    return (replace(phrase.start + low, phrase.start + high, sign, "Make two phrases"),)


LINTS.add(
    "background_in_phrase",
    Lint(
        "background_in_phrase",
        "Background inside a phrase",
        "warning",
        "Shuffled as one, the background is bound to the garment it stands with.",
        each(check),
    ),
)
