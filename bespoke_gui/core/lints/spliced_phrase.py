"""Lint check: "lips, neutral expression" put inside another phrase by a script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Fix, Lint, Text, each
from bespoke_gui.core.phrases import Phrase, joiner

EXPRESSION = re.compile(
    r"(?:slight|big|soft)? ?smile|(?:neutral|serious) expression", re.IGNORECASE
)
LIPS = "lips"


def check(text: Text) -> Iterator[Finding]:
    """Yield "lips" at the end of words of another kind, before an expression."""
    if LIPS not in text.text.casefold():
        return
    found = text.phrases
    for phrase, following, third in zip(found, found[1:], [*found[2:], None], strict=False):
        body = phrase.text.casefold()
        if not body.endswith(LIPS) or body == LIPS or not EXPRESSION.fullmatch(following.text):
            continue
        start = phrase.end - len(LIPS)
        message = f"{LIPS!r} cuts the phrase {phrase.text!r} off"
        hint = "move lips and expression out and join the halves"
        ways = (_joined(text, start, following, third),) if third else ()
        yield Finding(start, following.end, message, hint, suggestions=ways)


def _joined(text: Text, start: int, expression: Phrase, half: Phrase) -> Fix:
    """Put what was inserted behind the second half, so that the two halves are one phrase."""
    sign = joiner(text.separator)
    moved = f"{sign}{LIPS}{sign}{expression.text}"
    gap = "" if text.text[start - 1].isspace() else " "
    return Fix("Join the halves", ((start, half.start, gap), (half.end, half.end, moved)))


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
