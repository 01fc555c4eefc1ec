"""Lint check: a separator inside brackets, where the trainer cuts all the same."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core import phrases
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each


def check(text: Text) -> Iterator[Finding]:
    """Yield each pair of brackets that holds a separator."""
    mark = text.separator.strip() or text.separator
    for start, end in phrases.bracket_spans(text.text):
        if mark and mark in text.text[start:end]:
            message = "is cut inside the brackets when phrases are shuffled"
            yield Finding(start, end + 1, message, "use another sign than the separator")


LINTS.add(
    "separator_in_brackets",
    Lint(
        "separator_in_brackets",
        "Separator in brackets",
        "warning",
        "shuffle_caption knows no brackets: the parts end up in different places.",
        each(check),
    ),
)
