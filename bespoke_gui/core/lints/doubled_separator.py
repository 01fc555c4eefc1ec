"""Lint check: separators with nothing between them, or at an end of the caption."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Fix, Lint, Text, each
from bespoke_gui.core.lints.fixes import replace
from bespoke_gui.core.phrases import joiner


def check(text: Text) -> Iterator[Finding]:
    """Yield each place where a phrase is missing."""
    mark = re.escape(text.separator.strip())
    if not mark:
        return
    empty = re.compile(rf"^[^\S\n]*{mark}|{mark}(?:[^\S\n]*{mark})+|{mark}[^\S\n]*$", re.MULTILINE)
    for match in empty.finditer(text.text):
        message = f"has nothing beside the separator {text.separator.strip()!r}"
        yield Finding(*match.span(), message, "take it out", _one(text, *match.span()))


def _one(text: Text, start: int, end: int) -> Fix:
    """Leave one separator between two phrases, none at an end of a line."""
    line_end = text.text.find("\n", end)
    rest = text.text[end : line_end if line_end >= 0 else None]
    begins = not text.text[text.text.rfind("\n", 0, start) + 1 : start].strip()
    behind = len(rest) - len(rest.lstrip(" \t"))
    if begins or not rest.strip():
        return replace(start, end + behind, "", "Take it out")
    return replace(start, end + behind, joiner(text.separator), "Leave one")


LINTS.add(
    "doubled_separator",
    Lint(
        "doubled_separator",
        "Separator without phrase",
        "warning",
        "A phrase is missing here; a shuffled caption carries the hole along.",
        each(check),
        fixable=True,
    ),
)
