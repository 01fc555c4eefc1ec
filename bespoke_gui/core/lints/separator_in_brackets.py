"""Lint check: a separator inside brackets, where the trainer cuts all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core import phrases
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.lints.fixes import replace


def check(text: Text) -> Iterator[Finding]:
    """Yield each pair of brackets that holds a separator."""
    mark = text.separator.strip() or text.separator
    for start, end in phrases.bracket_spans(text.text):
        if mark and mark in text.text[start:end]:
            message = "is cut inside the brackets when phrases are shuffled"
            inner = re.sub(rf"\s*{re.escape(mark)}\s*", " and ", text.text[start + 1 : end].strip())
            way = replace(start + 1, end, inner, "Say “and” in its place")
            hint = "use another sign than the separator"
            yield Finding(start, end + 1, message, hint, suggestions=(way,))


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
