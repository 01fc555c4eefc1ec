"""Lint check: alternatives written with a slash."""

import re

from bespoke_gui.core.lints.base import LINTS, Lint, matches

SLASH = re.compile(r"\b\w+[^\S\n]*/[^\S\n]*\w*")

LINTS.add(
    "slash_alternatives",
    Lint(
        "slash_alternatives",
        "Alternatives with a slash",
        "info",
        "A caption describes one image: both sides of a slash are learned together.",
        matches(SLASH, "leaves open what it is: {0!r}", "choose one"),
    ),
)
