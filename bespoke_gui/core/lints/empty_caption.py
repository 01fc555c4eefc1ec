"""Lint check: a caption file without a word."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each


def check(text: Text) -> Iterator[Finding]:
    """Yield one finding when the first line, which is what trainers read, is blank."""
    if not text.text.strip():
        yield Finding(0, len(text.text), "is empty", "write the caption or delete the file")
    elif not text.text.split("\n")[0].strip():
        hint = "take the blank line out"
        yield Finding(0, 0, "begins with a blank line, and the trainer reads the first only", hint)


LINTS.add(
    "empty_caption",
    Lint(
        "empty_caption",
        "Empty caption",
        "error",
        "The trainer stops at an empty caption file.",
        each(check),
    ),
)
