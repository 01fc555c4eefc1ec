"""Lint check: more than one line of text."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.lints.fixes import replace
from bespoke_gui.core.phrases import joiner


def check(text: Text) -> Iterator[Finding]:
    """Yield what stands behind the first line, if it holds text."""
    first, _, rest = text.text.partition("\n")
    if rest.strip() and not text.context.wildcards:
        count = sum(bool(line.strip()) for line in rest.split("\n")) + bool(first.strip())
        message = f"has {count} lines; the trainer reads the first only"
        hint = "join them, or turn wildcards on in the config"
        lines = [line.strip() for line in text.text.split("\n") if line.strip()]
        whole = joiner(text.separator).join(line.rstrip(f"{text.separator} ") for line in lines)
        way = replace(0, len(text.text), whole, "Join the lines")
        yield Finding(len(first) + 1, len(text.text), message, hint, suggestions=(way,))


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
