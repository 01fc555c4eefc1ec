"""Lint check: a caption file without a word."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.lints.fixes import replace


def check(text: Text) -> Iterator[Finding]:
    """Yield one finding when the first line, which is what trainers read, is blank."""
    if not text.text.strip():
        yield Finding(0, len(text.text), "is empty", "write the caption or delete the file")
    elif not text.text.split("\n")[0].strip():
        hint = "take the blank line out"
        blank = len(text.text) - len(text.text.lstrip())
        fix = replace(0, blank, "", "Take the blank line out")
        message = "begins with a blank line, and the trainer reads the first only"
        yield Finding(0, 0, message, hint, fix)


LINTS.add(
    "empty_caption",
    Lint(
        "empty_caption",
        "Empty caption",
        "error",
        "The trainer stops at an empty caption file.",
        each(check),
        fixable=True,
    ),
)
