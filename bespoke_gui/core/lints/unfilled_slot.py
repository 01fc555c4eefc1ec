"""Lint check: a phrase that is only the name of its slot."""

import re

from bespoke_gui.core.lints.base import LINTS, Lint, phrases_matching
from bespoke_gui.core.lints.fixes import remove

SLOT = re.compile(r"hair|eyes|skin|clothing|clothes|background|expression", re.IGNORECASE)

LINTS.add(
    "unfilled_slot",
    Lint(
        "unfilled_slot",
        "Unfilled slot",
        "warning",
        "A bare word such as hair teaches nothing: its colour and shape are bound to other words.",
        phrases_matching(SLOT, "says only {0!r}", "say which, or leave the phrase out", remove),
    ),
)
