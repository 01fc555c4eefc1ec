"""Lint check: separators with nothing between them, or at an end of the caption."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each


def check(text: Text) -> Iterator[Finding]:
    """Yield each place where a phrase is missing."""
    mark = re.escape(text.separator.strip())
    if not mark:
        return
    empty = re.compile(rf"^[^\S\n]*{mark}|{mark}(?:[^\S\n]*{mark})+|{mark}[^\S\n]*$", re.MULTILINE)
    for match in empty.finditer(text.text):
        message = f"has nothing beside the separator {text.separator.strip()!r}"
        yield Finding(match.start(), match.end(), message, "take it out")


LINTS.add(
    "doubled_separator",
    Lint(
        "doubled_separator",
        "Separator without phrase",
        "warning",
        "A phrase is missing here; a shuffled caption carries the hole along.",
        each(check),
    ),
)
