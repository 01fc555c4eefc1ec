"""Lint check: more than one line of text."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each


def check(text: Text) -> Iterator[Finding]:
    """Yield what stands behind the first line, if it holds text."""
    first, _, rest = text.text.partition("\n")
    if rest.strip():
        count = sum(bool(line.strip()) for line in rest.split("\n")) + bool(first.strip())
        message = f"has {count} lines; the trainer reads the first only"
        hint = "join them, or turn wildcards on in the config"
        yield Finding(len(first) + 1, len(text.text), message, hint)


LINTS.add(
    "several_lines",
    Lint(
        "several_lines",
        "Several lines",
        "warning",
        "sd-scripts reads line 1 unless enable_wildcard is set; the rest is silently ignored.",
        each(check),
    ),
)
