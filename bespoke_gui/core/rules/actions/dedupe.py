"""Rule action: keep the first of phrases that are the same, capitals aside."""

from __future__ import annotations

from bespoke_gui.core import phrases, words
from bespoke_gui.core.phrases import Phrase
from bespoke_gui.core.rules.base import ACTIONS, Action, Edit, Target
from bespoke_gui.core.rules.spans import removals


def run(target: Target) -> list[Edit]:
    """Return one edit for every repeated phrase; its words may go, for the first one keeps them."""
    seen: set[str] = set()
    repeated: list[Phrase] = []
    for phrase in phrases.split(target.text, target.separator):
        key = " ".join(phrase.text.casefold().split())
        if key in seen:
            repeated.append(phrase)
        seen.add(key)
    spans = [(phrase.start, phrase.end) for phrase in repeated]
    return [
        Edit(start, end, "", may_go=tuple(words.content_words(target.text[start:end])))
        for start, end in removals(target.text, spans, target.separator)
    ]


ACTIONS.add(
    "dedupe",
    Action("dedupe", "Remove duplicates", "keep the first of equal phrases", run),
)
