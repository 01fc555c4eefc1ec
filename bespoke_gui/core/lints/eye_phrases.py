"""Lint check: eyes described twice, in two phrases with colours of their own."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.lints._eyes import coloured_eyes
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.lints.fixes import remove


def check(text: Text) -> Iterator[Finding]:
    """Yield every phrase with the colour of eyes when there are two of them or more."""
    found = coloured_eyes(text)
    if len(found) < 2:
        return
    for phrase in found:
        way = (remove(text, phrase.start, phrase.end),)
        message = f"is one of {len(found)} phrases about the colour of the eyes"
        yield Finding(phrase.start, phrase.end, message, "keep one of them", suggestions=way)


LINTS.add(
    "eye_phrases",
    Lint(
        "eye_phrases",
        "Several eye phrases",
        "warning",
        "Two descriptions of the same eyes: the model learns neither.",
        each(check),
    ),
)
