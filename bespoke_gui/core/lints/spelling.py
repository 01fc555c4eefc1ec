"""Lint check: a word that neither English, the trade nor the project's dictionary knows."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.lints._unknown import unknown_words
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.lints.fixes import replace
from bespoke_gui.core.spelling import speller


def check(text: Text) -> Iterator[Finding]:
    """Yield each unknown word that is not two words written as one, with likely ones instead."""
    for start, end, word in unknown_words(text):
        if speller().halves(word) is None:
            written = text.text[start:end]
            words = speller().proposals(word, text.context.dictionary)
            ways = tuple(replace(start, end, _like(written, other)) for other in words)
            message = f"{written!r} is in no dictionary"
            hint = "correct it, or add it to the project's dictionary"
            yield Finding(start, end, message, hint, suggestions=ways)


def _like(written: str, word: str) -> str:
    """Return the word with the capitals of the one it stands for."""
    if written.isupper() and len(written) > 1:
        return word.upper()
    return word.capitalize() if written[:1].isupper() else word


LINTS.add(
    "spelling",
    Lint(
        "spelling",
        "Spelling",
        "warning",
        "The text encoder cuts a misspelled word into pieces that mean something else.",
        each(check),
    ),
)
