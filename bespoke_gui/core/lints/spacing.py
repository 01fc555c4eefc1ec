"""Lint check: doubled space, space before a separator, no space behind one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.lints.fixes import replace


def check(text: Text) -> Iterator[Finding]:
    """Yield each irregular space."""
    mark = re.escape(text.separator.strip())
    sign = text.separator.strip()
    parts = [(r"(?<=\S)[^\S\n]{2,}(?=\S)", "has more than one space here", " ")]
    if mark:
        parts += [
            (rf"(?<=\S)[^\S\n]{mark}", "has a space before the separator", sign),
            (rf"{mark}(?=[^\s\d{mark}])", "has no space behind the separator", f"{sign} "),
        ]
    for pattern, message, right in parts:
        for match in re.finditer(pattern, text.text):
            fix = replace(*match.span(), right, "Mend the space")
            yield Finding(*match.span(), message, "write one space behind it only", fix)


LINTS.add(
    "spacing",
    Lint(
        "spacing",
        "Spacing",
        "info",
        "Harmless to the trainer, but equal phrases no longer look equal to a search.",
        each(check),
        fixable=True,
    ),
)
