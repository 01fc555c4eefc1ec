"""Lint check: a plural that a rule's ending left on the wrong word."""

import re

from bespoke_gui.core.lints.base import LINTS, Lint, matches

BROKEN = re.compile(r"\b(?:point|dot|spot|touch|hint|pair) of colou?rs\b", re.IGNORECASE)

LINTS.add(
    "broken_plural",
    Lint(
        "broken_plural",
        "Broken plural",
        "warning",
        "A rule replaced a singular inside a plural and its s moved to the end.",
        matches(BROKEN, "says {0!r}", "put the s back where it belongs"),
    ),
)
