"""Lint check: a phrase that ends in a word which asks for another one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each

DANGLING = re.compile(r"\b(?:and|or|of|with|the|an?|to|from|in|but)$", re.IGNORECASE)


def check(text: Text) -> Iterator[Finding]:
    """Yield the last word of each phrase that does not end there."""
    for phrase in text.phrases:
        match = DANGLING.search(phrase.text)
        if match and match.start() > 0:
            start = phrase.start + match.start()
            message = f"the phrase ends in {match.group()!r}"
            yield Finding(start, phrase.end, message, "finish it or take the word out")


LINTS.add(
    "dangling_end",
    Lint(
        "dangling_end",
        "Dangling end",
        "warning",
        "Something was cut off or never written.",
        each(check),
    ),
)
