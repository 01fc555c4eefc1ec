"""Lint check: "wearing" before something that nobody wears, or before nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.caption_nouns import kinds_of
from bespoke_gui.core.lints.base import LINTS, Finding, Fix, Lint, Text, each
from bespoke_gui.core.lints.fixes import remove
from bespoke_gui.core.phrases import Phrase

WEARING = re.compile(r"(wearing)\b\s*(.*)", re.IGNORECASE | re.DOTALL)
# What grows is worn in these: a flower in hair, a hat on long hair.
BEARDS = re.compile(
    r"(?:\w+ ){0,3}?(?:stubble|mustache|moustache|beard|goatee|facial hair)", re.IGNORECASE
)


def check(text: Text) -> Iterator[Finding]:
    """Yield each "wearing" whose first noun is no garment, and each without a garment at all."""
    for phrase in text.phrases:
        match = WEARING.match(phrase.text)
        if match:
            yield from _judged(text, phrase, match[2])


def _judged(text: Text, phrase: Phrase, worn: str) -> Iterator[Finding]:
    kinds = kinds_of(worn)
    if kinds and kinds[0] == "worn":
        return
    place = (phrase.start, phrase.end)
    hint = "take 'wearing' out"
    if not worn:
        fix = remove(text, *place)
        yield Finding(*place, f"{phrase.text!r} is nothing to wear", hint, fix)
    elif not kinds:
        yield Finding(*place, f"{phrase.text!r} names nothing to wear", "say what is worn")
    else:
        way = _without(text, phrase, worn)
        message = f"{phrase.text!r} is nothing to wear"
        safe = BEARDS.fullmatch(worn) is not None
        yield Finding(*place, message, hint, way if safe else None, () if safe else (way,))


def _without(text: Text, phrase: Phrase, worn: str) -> Fix:
    end = phrase.end - len(worn)
    return remove(text, phrase.start, end, "Remove “wearing”")


LINTS.add(
    "wearing_no_garment",
    Lint(
        "wearing_no_garment",
        "Wearing no garment",
        "info",
        "Hair, skin and beards are not worn; the word teaches them as accessories.",
        each(check),
        fixable=True,
    ),
)
