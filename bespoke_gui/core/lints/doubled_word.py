"""Lint check: one or two words said twice in a row."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from bespoke_gui.core.lints._unknown import unknown_words
from bespoke_gui.core.lints._words import words_in_order
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.lints.fixes import replace

DOUBLED = re.compile(r"\b(\w+(?:[^\S\n]+\w+)?)[^\S\n]+\1\b", re.IGNORECASE)
NEXT = re.compile(r"[^\S\n]+(\w{5,})\b")


def check(text: Text) -> Iterator[Finding]:
    """Yield each repetition, also behind a word that another is glued to: "hatpurple purple"."""
    if _may_double(text):
        for match in DOUBLED.finditer(text.text):
            yield _finding(text, *match.span(), match[1])
    for start, end, word in unknown_words(text):
        following = NEXT.match(text.text, end)
        again = following[1].casefold() if following else ""
        if following and word != again and word.endswith(again):
            begin = end - len(again)
            yield _finding(text, max(start, begin), following.end(), text.text[begin:end])


def _may_double(text: Text) -> bool:
    """The quick look: two equal words in a row, or two pairs of them."""
    words = words_in_order(text.text)
    once = any(first == second for first, second in itertools.pairwise(words))
    return once or any(
        words[i] == words[i + 2] and words[i + 1] == words[i + 3] for i in range(len(words) - 3)
    )


def _finding(text: Text, start: int, end: int, once: str) -> Finding:
    message = f"says {text.text[start:end]!r}"
    return Finding(start, end, message, "say it once", replace(start, end, once))


LINTS.add(
    "doubled_word",
    Lint(
        "doubled_word",
        "Doubled word",
        "warning",
        "Mostly the trace of a rule that ran over its own result.",
        each(check),
        fixable=True,
    ),
)
