"""Lint check: shuffling moves the trigger, since keep_tokens does not reach it."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.lints.missing_trigger import says
from bespoke_gui.core.phrases import Phrase, joiner
from bespoke_gui.core.token_borders import first_line


def check(text: Text) -> Iterator[Finding]:
    """Yield the phrase that ends the trigger, where the config shuffles it along."""
    context, trigger, line = text.context, text.context.trigger.strip(), first_line(text.text)
    if not trigger or not context.shuffle or context.keep_tokens is None:
        return
    if context.keep_separator and context.keep_separator in line:
        return  # the caption itself says what stays; the trainer view shows it
    phrases = [phrase for phrase in text.phrases if phrase.end <= len(line)]
    needed = _needed(phrases, trigger, joiner(text.separator))
    if needed > context.keep_tokens:
        place = phrases[needed - 1]
        message = f"the trigger in {place.text!r} moves when phrases are shuffled"
        first = "first" if context.keep_tokens < 2 else f"among the first {context.keep_tokens}"
        hint = f"set keep_tokens = {needed} in the config, or put it {first}"
        yield Finding(place.start, place.end, message, hint)


def _needed(phrases: list[Phrase], trigger: str, mark: str) -> int:
    """Return how many phrases from the front hold the trigger, 0 when none do."""
    words = [phrase.text for phrase in phrases]
    counts = range(1, len(words) + 1)
    return next((count for count in counts if says(mark.join(words[:count]), trigger)), 0)


LINTS.add(
    "trigger_moves",
    Lint(
        "trigger_moves",
        "Trigger not protected by keep_tokens",
        "info",
        "Shuffled captions keep only their first keep_tokens phrases in place.",
        each(check),
    ),
)
