"""Lint check: a phrase that is there twice, or whole inside a longer one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.caption_nouns import listed
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.lints.fixes import remove

SHORTEST_CONTAINED = 4  # characters; shorter phrases are inside others by chance
SLOTS = listed("hair eyes skin lips clothing clothes background bald wearing")


def check(text: Text) -> Iterator[Finding]:
    """Yield each phrase whose words another phrase already says."""
    lowered = [phrase.text.casefold() for phrase in text.phrases]
    whole = text.text.casefold()
    for index, phrase in enumerate(text.phrases):
        body = lowered[index]
        place = (phrase.start, phrase.end)
        if body in lowered[:index]:
            message = f"{phrase.text!r} is there twice"
            yield Finding(*place, message, "keep one of them", remove(text, *place))
        elif whole.count(body) > 1 and _contained(body, lowered):
            message = f"{phrase.text!r} is part of another phrase"
            ways = (remove(text, *place),)
            yield Finding(*place, message, "keep the longer one", suggestions=ways)


def _contained(body: str, others: list[str]) -> bool:
    if len(body) < SHORTEST_CONTAINED or body in SLOTS:
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
        fixable=True,
    ),
)
