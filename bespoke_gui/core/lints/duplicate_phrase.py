"""Lint check: a phrase that is there twice, or whole inside a longer one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each

SHORTEST_CONTAINED = 4  # characters; shorter phrases are inside others by chance


def check(text: Text) -> Iterator[Finding]:
    """Yield each phrase whose words another phrase already says."""
    lowered = [phrase.text.casefold() for phrase in text.phrases]
    whole = text.text.casefold()
    for index, phrase in enumerate(text.phrases):
        body = lowered[index]
        if body in lowered[:index]:
            message = f"{phrase.text!r} is there twice"
        elif whole.count(body) > 1 and _contained(body, lowered):
            message = f"{phrase.text!r} is part of another phrase"
        else:
            continue
        yield Finding(phrase.start, phrase.end, message, "keep one of them")


def _contained(body: str, others: list[str]) -> bool:
    if len(body) < SHORTEST_CONTAINED or " " not in body:
        return False
    pattern = re.compile(rf"(?<!\w){re.escape(body)}(?!\w)")
    return any(body in other and other != body and pattern.search(other) for other in others)


LINTS.add(
    "duplicate_phrase",
    Lint(
        "duplicate_phrase",
        "Duplicate phrase",
        "warning",
        "Saying something twice weighs it double and spends tokens.",
        each(check),
    ),
)
