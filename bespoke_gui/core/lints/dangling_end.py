"""Lint check: a phrase that ends in a word which asks for another one."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.caption_nouns import listed
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.lints.fixes import remove

DANGLING = listed("and or of with the a an to from in but")


def check(text: Text) -> Iterator[Finding]:
    """Yield the last word of each phrase that does not end there."""
    for phrase in text.phrases:
        before, _, last = phrase.text.rpartition(" ")
        if before and last.casefold() in DANGLING:
            start = phrase.end - len(last)
            message = f"the phrase ends in {last!r}"
            fix = remove(text, start, phrase.end)
            yield Finding(start, phrase.end, message, "finish it or take the word out", fix)


LINTS.add(
    "dangling_end",
    Lint(
        "dangling_end",
        "Dangling end",
        "warning",
        "Something was cut off or never written.",
        each(check),
        fixable=True,
    ),
)
