"""Rule action: take hexadecimal colours out, also several in one bracket or a broken bracket."""

from __future__ import annotations

import re

from bespoke_gui.core import phrases, words
from bespoke_gui.core.rules.base import ACTIONS, Action, Edit, Target
from bespoke_gui.core.rules.spans import removals

BETWEEN = re.compile(r"\s*(?:[,;/&|]|and)?\s*")


def run(target: Target) -> list[Edit]:
    """Return one edit for every run of codes, with the brackets that held nothing else."""
    text = target.text
    if "#" not in text:
        return []
    lonely = set(phrases.unmatched_brackets(text))
    spans = [_with_brackets(text, start, end, lonely) for start, end in code_runs(text)]
    cuts = removals(text, spans, target.separator)
    return [Edit(start, end, _gap(text, start, end)) for start, end in cuts]


def _gap(text: str, start: int, end: int) -> str:
    """Return the space that keeps two words apart which only a code stood between."""
    return " " if text[start - 1 : start].isalnum() and text[end : end + 1].isalnum() else ""


def code_runs(text: str) -> list[tuple[int, int]]:
    """Return the stretches that hold nothing but codes and what stands between them."""
    runs: list[tuple[int, int]] = []
    for match in words.HEX_COLOUR.finditer(text):
        if runs and BETWEEN.fullmatch(text, runs[-1][1], match.start()):
            runs[-1] = (runs[-1][0], match.end())
        else:
            runs.append(match.span())
    return runs


def _with_brackets(text: str, start: int, end: int, lonely: set[int]) -> tuple[int, int]:
    opens = len(text[:start].rstrip()) - 1
    closes = len(text) - len(text[end:].lstrip())
    has_open = opens >= 0 and text[opens] in "([{"
    has_close = closes < len(text) and text[closes] in ")]}"
    if has_open and has_close:
        return opens, closes + 1
    if has_open:
        behind = BETWEEN.match(text, end)
        return start, behind.end() if behind else end
    if has_close and closes in lonely:
        return start, closes + 1
    return start, end


ACTIONS.add(
    "strip_hex",
    Action("strip_hex", "Remove hex colours", "take codes such as #a1b2c3 out", run),
)
