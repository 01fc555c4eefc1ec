"""Lint check: "lips, neutral expression" put inside another phrase by a script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each

EXPRESSION = re.compile(
    r"(?:slight|big|soft)? ?smile|(?:neutral|serious) expression", re.IGNORECASE
)
LIPS = "lips"


def check(text: Text) -> Iterator[Finding]:
    """Yield "lips" at the end of words of another kind, before an expression."""
    for phrase, following in zip(text.phrases, text.phrases[1:], strict=False):
        body = phrase.text.casefold()
        if not body.endswith(LIPS) or body == LIPS or not EXPRESSION.fullmatch(following.text):
            continue
        message = f"{LIPS!r} cuts the phrase {phrase.text!r} off"
        hint = "move lips and expression out and join the halves"
        yield Finding(phrase.end - len(LIPS), following.end, message, hint)


LINTS.add(
    "spliced_phrase",
    Lint(
        "spliced_phrase",
        "Spliced phrase",
        "warning",
        "An inserted phrase split another: both halves now describe the wrong thing.",
        each(check),
    ),
)
