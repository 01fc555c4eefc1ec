"""Lint check: two words with the space or comma between them lost."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.lints._unknown import unknown_words
from bespoke_gui.core.lints.base import LINTS, Finding, Fix, Lint, Text, each
from bespoke_gui.core.lints.fixes import replace
from bespoke_gui.core.phrases import joiner
from bespoke_gui.core.spelling import OPENER, speller


def check(text: Text) -> Iterator[Finding]:
    """Yield each unknown word that is two known ones; before "wearing" a separator was lost."""
    for start, end, word in unknown_words(text):
        pair = speller().halves(word)
        if pair is None:
            continue
        message = f"{text.text[start:end]!r} looks like {' '.join(pair)!r}"
        hint = "put the space or the comma back"
        apart = _apart(text, start, end, pair)
        fix = apart[1] if pair[1] == OPENER else None
        yield Finding(start, end, message, hint, fix, () if fix else apart)


def _apart(text: Text, start: int, end: int, pair: tuple[str, str]) -> tuple[Fix, Fix]:
    written = text.text[start:end]
    first, second = written[: len(pair[0])], written[-len(pair[1]) :]
    one, two = f"{first} {second}", f"{first}{joiner(text.separator)}{second}"
    return replace(start, end, one), replace(start, end, two)


LINTS.add(
    "glued_words",
    Lint(
        "glued_words",
        "Glued words",
        "warning",
        "The text encoder does not know what two words written as one mean.",
        each(check),
        fixable=True,
    ),
)
