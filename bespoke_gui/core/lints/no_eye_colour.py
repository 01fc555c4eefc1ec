"""Lint check: a portrait whose eyes have no colour, and no dark glasses that would hide them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.caption_nouns import listed
from bespoke_gui.core.lints._eyes import coloured_eyes
from bespoke_gui.core.lints._words import words_of
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each

PORTRAIT = listed("portrait face hair eyes skin bald")
SIGNS = 2  # of those words, for a caption to be taken for one of a portrait
HIDDEN = re.compile(
    r"\b(?:sun ?glasses|shades|goggles?|stunners?|eye ?patch|blindfold|visor|masked|closed eyes"
    r"|eyes closed|opaque [\w ]*glasses|(?:dark|black)[\w ]* (?:lens|lenses|glasses))\b",
    re.IGNORECASE,
)


def check(text: Text) -> Iterator[Finding]:
    """Yield one finding, at the bare "eyes" where there are some."""
    if coloured_eyes(text) or len(PORTRAIT & words_of(text.text)) < SIGNS:
        return
    if HIDDEN.search(text.text):
        return
    bare = re.search(r"\beyes?\b", text.text, re.IGNORECASE)
    start, end = bare.span() if bare else (0, 0)
    message = "names no colour of the eyes, and no dark glasses hide them"
    yield Finding(start, end, message, "say the colour of the eyes")


LINTS.add(
    "no_eye_colour",
    Lint(
        "no_eye_colour",
        "No eye colour",
        "info",
        "At 24 pixels eyes are two to four cells: unnamed, their colour is left to chance.",
        each(check),
    ),
)
