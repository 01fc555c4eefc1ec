"""Lint check: one or two words said twice in a row."""

import re

from bespoke_gui.core.lints.base import LINTS, Lint, matches

DOUBLED = re.compile(r"\b(\w+(?:[^\S\n]+\w+)?)[^\S\n]+\1\b", re.IGNORECASE)

LINTS.add(
    "doubled_word",
    Lint(
        "doubled_word",
        "Doubled word",
        "warning",
        "Mostly the trace of a rule that ran over its own result.",
        matches(DOUBLED, "says {0!r}", "say it once"),
    ),
)
