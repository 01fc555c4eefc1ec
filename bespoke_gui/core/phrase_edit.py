"""Phrase edits: adding, removing and renaming one phrase, as the rules of the same name do it."""

from __future__ import annotations

from bespoke_gui.core import phrases
from bespoke_gui.core.rules.base import ACTIONS, Edit, Target


def add(text: str, phrase: str, separator: str = ",", first: bool = False) -> str:
    """Return the caption with the phrase put last (or first), unless it is there."""
    action = ACTIONS["prepend" if first else "append"]
    return _made(text, action.run(Target(text, separator, {"text": phrase})))


def remove(text: str, phrase: str, separator: str = ",") -> str:
    """Return the caption without the phrase, capitals aside, and without its separator."""
    from bespoke_gui.core.rules.spans import removals

    spans = [(p.start, p.end) for p in _same(text, phrase, separator)]
    return _made(text, [Edit(start, end, "") for start, end in removals(text, spans, separator)])


def rename(text: str, phrase: str, new: str, separator: str = ",") -> str:
    """Return the caption with another phrase in place of this one, capitals aside."""
    return _made(text, [Edit(p.start, p.end, new) for p in _same(text, phrase, separator)])


def _same(text: str, phrase: str, separator: str) -> list[phrases.Phrase]:
    wanted = phrase.strip().casefold()
    return [p for p in phrases.split(text, separator) if p.text.casefold() == wanted]


def _made(text: str, edits: list[Edit]) -> str:
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text
