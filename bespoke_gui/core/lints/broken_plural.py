"""Lint check: a plural that a rule's ending left on the wrong word."""

import re

from bespoke_gui.core.lints.base import LINTS, Fix, Lint, Text, matches
from bespoke_gui.core.lints.fixes import replace

BROKEN = re.compile(r"\b(point|dot|spot|touch|hint|pair) (of colou?r)s\b", re.IGNORECASE)


def mended(text: Text, start: int, end: int) -> Fix:
    """Return how to move the s back: "points of color"."""
    noun, rest = text.text[start:end].split(" ", 1)
    plural = f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return replace(start, end, f"{plural} {rest[:-1]}")


LINTS.add(
    "broken_plural",
    Lint(
        "broken_plural",
        "Broken plural",
        "warning",
        "A rule replaced a singular inside a plural and its s moved to the end.",
        matches(BROKEN, "says {0!r}", "put the s back where it belongs", mended),
        fixable=True,
    ),
)
