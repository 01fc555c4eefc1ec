"""Lint check: a bracket without its partner."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core import phrases
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.lints.fixes import remove


def check(text: Text) -> Iterator[Finding]:
    """Yield each lonely bracket."""
    for index in phrases.unmatched_brackets(text.text):
        message = f"the bracket {text.text[index]!r} has no partner"
        ways = (remove(text, index, index + 1),)
        hint = "close it or take it out"
        yield Finding(index, index + 1, message, hint, suggestions=ways)


LINTS.add(
    "unbalanced_bracket",
    Lint(
        "unbalanced_bracket",
        "Unbalanced bracket",
        "warning",
        "Text was probably cut here; samplers may read brackets as weights.",
        each(check),
    ),
)
