"""Lint check: a phrase that nearly all captions have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text

SHARE = 0.8
FEWEST = 10  # in a smaller set most phrases are everywhere


def run(texts: Sequence[Text]) -> Iterator[tuple[str, Finding]]:
    """Yield one finding of the set (no file) for each phrase in 80% of the captions or more."""
    if len(texts) < FEWEST:
        return
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(dict.fromkeys(phrase.text.casefold() for phrase in text.phrases).keys())
    for phrase, count in counts.most_common():
        if count < SHARE * len(texts):
            return
        if phrase == texts[0].context.trigger.strip().casefold():
            continue
        message = f"{phrase!r} is in {count} of {len(texts)} captions"
        hint = "fine for a trigger; else the style binds to it and needs it in every prompt"
        yield "", Finding(0, 0, message, hint)


LINTS.add(
    "phrase_everywhere",
    Lint(
        "phrase_everywhere",
        "Phrase in nearly all captions",
        "info",
        "What all captions say is learned as part of that phrase instead of the trigger.",
        run,
    ),
)
