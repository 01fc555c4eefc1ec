"""The few kinds of fixes that checks offer: take out, put in place of, say it another way."""

from __future__ import annotations

from bespoke_gui.core.lints.base import Fix, Text
from bespoke_gui.core.rules.spans import removals

LONGEST = 40


def remove(text: Text, start: int, end: int, label: str = "") -> Fix:
    """Return how to take a stretch out with the separator and space that it would leave."""
    cuts = _phrase_cut(text, start, end)
    if cuts is None:
        cuts = removals(text.text, [(start, end)], text.separator)
    words = label or f"Remove {quoted(text.text[start:end])}"
    return Fix(words, tuple((low, high, "") for low, high in cuts))


def _phrase_cut(text: Text, start: int, end: int) -> list[tuple[int, int]] | None:
    """Return the cut for a whole phrase on a single line: the quick way, and the commonest case."""
    if "\n" in text.text:
        return None
    found = text.phrases
    index = next((i for i, phrase in enumerate(found) if phrase.start == start), None)
    if index is None or found[index].end != end:
        return None
    if index:
        return [(found[index - 1].end, end)]
    return [(start, found[1].start if len(found) > 1 else len(text.text))]


def replace(start: int, end: int, words: str, label: str = "") -> Fix:
    """Return how to put other words in place of a stretch."""
    return Fix(label or f"Replace with {quoted(words)}", ((start, end, words),))


def quoted(words: str) -> str:
    """Return words between quotes, shortened where they are long."""
    plain = " ".join(words.split())
    return f"“{plain if len(plain) <= LONGEST else plain[: LONGEST - 1].rstrip() + '…'}”"
