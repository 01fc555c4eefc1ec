"""Lint check against the image: a background colour that the border of the image has not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.border import colour_words, fits
from bespoke_gui.core.lints._borders import border_for
from bespoke_gui.core.lints.base import LINTS, Finding, Fix, Lint, Text, each_image
from bespoke_gui.core.lints.fixes import replace
from bespoke_gui.core.phrases import Phrase
from bespoke_gui.core.prompt_colours import background_colour

PLAIN = 0.6  # share of the border that one colour must have to be the background's
WRONG = 0.05  # how well it fits: surely another colour
DOUBTFUL = 0.2  # people differ in what they call it


def check(text: Text) -> Iterator[Finding]:
    """Yield each phrase that names the background in a colour of another family."""
    border = border_for(text) if "background" in text.text.casefold() else None
    if border is None or border.share < PLAIN:
        return
    for phrase in text.phrases:
        words = background_colour(phrase.text, text.separator)
        match = fits(border.lab, words) if words else None
        if match is not None and match < DOUBTFUL:
            yield _finding(phrase, words, colour_words(border.lab), match)


def _finding(phrase: Phrase, words: str, seen: str, match: float) -> Finding:
    sure = match < WRONG
    message = f"says {words!r}, and the border of the image {'is' if sure else 'looks'} {seen}"
    ways = _renamed(phrase, words, seen)
    hint = "look at the image, and say its colour"
    severity = "warning" if sure else "info"
    return Finding(phrase.start, phrase.end, message, hint, suggestions=ways, severity=severity)


def _renamed(phrase: Phrase, words: str, seen: str) -> tuple[Fix, ...]:
    pattern = r"\s+".join(map(re.escape, words.split()))
    match = re.search(pattern, phrase.text, re.IGNORECASE)
    if match is None:
        return ()
    start = phrase.start
    return (replace(start + match.start(), start + match.end(), seen),)


LINTS.add(
    "background_contradicts",
    Lint(
        "background_contradicts",
        "Background of another colour",
        "warning",
        "Words and pixels that contradict each other teach neither: the colour is blamed later.",
        each_image(check),
    ),
)
