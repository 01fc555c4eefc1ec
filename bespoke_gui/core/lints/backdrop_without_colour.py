"""Lint check: a background whose kind is named but not its colour; the image may tell it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.border import Border
from bespoke_gui.core.lints._borders import border_for
from bespoke_gui.core.lints.base import LINTS, Finding, Fix, Lint, Text, each_image
from bespoke_gui.core.lints.fixes import replace

BACKDROP = re.compile(r"(solid|split|gradient|plain|two[- ]tone) background", re.IGNORECASE)
MAIN = 0.6  # share of the border that a plain background has at least
SECOND = 0.15  # and the second colour of a split one


def check(text: Text) -> Iterator[Finding]:
    """Yield each such phrase, with the colour of the border where the image has a clear one."""
    for phrase in text.phrases:
        match = BACKDROP.fullmatch(phrase.text)
        if match:
            border = border_for(text)
            words = proposal(match[1], border) if border else ""
            ways: tuple[Fix, ...] = ()
            if words:
                ways = (replace(phrase.start, phrase.end, f"{words} background"),)
            message = f"{phrase.text!r} names no colour"
            yield Finding(phrase.start, phrase.end, message, "add the colour", suggestions=ways)


def proposal(kind: str, border: Border) -> str:
    """Return words for the background: "solid light blue", "split pink and white"."""
    folded = kind.casefold()
    if folded in ("solid", "plain"):
        return f"{kind} {border.names[0]}" if border.share >= MAIN else ""
    several = [lab for lab, share in border.groups if share >= SECOND]
    names = border.names[: len(several)]
    if len(names) < 2:
        return ""
    first, second = names[:2]
    return f"{first} to {second} {kind}" if folded == "gradient" else f"{kind} {first} and {second}"


LINTS.add(
    "backdrop_without_colour",
    Lint(
        "backdrop_without_colour",
        "Background without colour",
        "warning",
        "The background cannot follow a prompt's colour when the captions do not name one.",
        each_image(check),
    ),
)
