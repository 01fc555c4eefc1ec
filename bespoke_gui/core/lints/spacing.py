"""Lint check: doubled space, space before a separator, no space behind one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each


def check(text: Text) -> Iterator[Finding]:
    """Yield each irregular space."""
    mark = re.escape(text.separator.strip())
    parts = [(r"(?<=\S)[^\S\n]{2,}(?=\S)", "has more than one space here")]
    if mark:
        parts += [
            (rf"(?<=\S)[^\S\n]{mark}", "has a space before the separator"),
            (rf"{mark}(?=[^\s\d{mark}])", "has no space behind the separator"),
        ]
    for pattern, message in parts:
        for match in re.finditer(pattern, text.text):
            yield Finding(match.start(), match.end(), message, "write one space behind it only")


LINTS.add(
    "spacing",
    Lint(
        "spacing",
        "Spacing",
        "info",
        "Harmless to the trainer, but equal phrases no longer look equal to a search.",
        each(check),
    ),
)
