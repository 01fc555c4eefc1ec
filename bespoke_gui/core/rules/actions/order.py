"""Rule action: bring phrases into an order; what is not named keeps its place among the rest."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import groupby

from bespoke_gui.core import phrases
from bespoke_gui.core.phrases import Phrase
from bespoke_gui.core.rules.base import ACTIONS, Action, Edit, Option, Target


def run(target: Target) -> list[Edit]:
    """Return one edit for every place that gets another phrase; separators stay as they are."""
    found = phrases.split(target.text, target.separator)
    edits = []
    for _, group in groupby(found, lambda phrase: target.text.count("\n", 0, phrase.start)):
        line = list(group)
        ordered = _ordered(line, target.options["first"], target.options["last"])
        edits += [
            Edit(place.start, place.end, phrase.text)
            for place, phrase in zip(line, ordered, strict=True)
            if phrase is not place
        ]
    return edits


def _ordered(found: list[Phrase], first: list[str], last: list[str]) -> list[Phrase]:
    def rank(phrase: Phrase) -> int:
        head = _index(phrase.text, first)
        if head is not None:
            return head - len(first)
        tail = _index(phrase.text, last)
        return 0 if tail is None else tail + 1

    return sorted(found, key=rank)


def _index(text: str, patterns: list[str]) -> int | None:
    """Return which pattern (with * and ?) fits, capitals aside."""
    body = text.casefold()
    return next((n for n, p in enumerate(patterns) if fnmatchcase(body, p.casefold())), None)


ACTIONS.add(
    "order",
    Action(
        "order",
        "Order phrases",
        "bring phrases to the beginning or the end",
        run,
        (
            Option("first", "list", "phrases (with * and ?) that come first", ()),
            Option("last", "list", "phrases (with * and ?) that come last", ()),
        ),
    ),
)
