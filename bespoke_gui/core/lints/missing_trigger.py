"""Lint check: a caption without the project's trigger phrase."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from bespoke_gui.core.lints.base import LINTS, Finding, Fix, Lint, Text, each
from bespoke_gui.core.lints.fixes import replace
from bespoke_gui.core.phrases import joiner
from bespoke_gui.core.token_borders import first_line

ALIKE = 0.8
_WORD = re.compile(r"\S+")


def check(text: Text) -> Iterator[Finding]:
    """Yield the words that nearly are the trigger, else the place in front where it belongs."""
    trigger, line = text.context.trigger.strip(), first_line(text.text)
    if not trigger or not line.strip() or says(line, trigger):
        return
    near = _nearest(line, trigger)
    if near:
        start, end = near
        message = f"{line[start:end]!r} is nearly the trigger {trigger!r}, but not quite"
        fix = replace(start, end, trigger)
        hint = "spell the trigger alike everywhere"
        yield Finding(start, end, message, hint, suggestions=(fix,))
        return
    fix = Fix("Put the trigger in front", ((0, 0, trigger + joiner(text.separator)),))
    yield Finding(0, 0, f"lacks the trigger {trigger!r}", "put it in front", fix)


def says(line: str, trigger: str) -> bool:
    """Whether the line has the trigger as words of its own, in any letter case."""
    return re.search(rf"(?<!\w){re.escape(trigger)}(?!\w)", line, re.IGNORECASE) is not None


def _nearest(line: str, trigger: str) -> tuple[int, int] | None:
    """Return the words most like the trigger, as many as it has, if they are alike at all."""
    words, length = list(_WORD.finditer(line)), len(trigger.split())
    best, place = ALIKE, None
    for first, last in zip(words, words[length - 1 :], strict=False):
        start, end = first.start(), last.end()
        piece = line[start:end].rstrip(",.;")
        ratio = SequenceMatcher(None, piece.casefold(), trigger.casefold()).ratio()
        if ratio >= best:
            best, place = ratio, (start, start + len(piece))
    return place


LINTS.add(
    "missing_trigger",
    Lint(
        "missing_trigger",
        "Trigger missing",
        "warning",
        "A caption without the trigger teaches the style without the words that call it.",
        each(check),
    ),
)
