"""Taking stretches out of a caption together with the separators and spaces they would leave."""

from __future__ import annotations

import re
from collections.abc import Sequence

Span = tuple[int, int]


def removals(text: str, spans: Sequence[Span], separator: str = ",") -> list[Span]:
    """Return the wider stretches to cut so that neither a doubled separator nor space stays.

    `spans` are in order. Where a whole phrase goes, the separator before it goes too, or the one
    behind it when nothing is left before it; inside a phrase only one of the spaces around.
    """
    mark = re.escape(separator.strip() or separator)
    ahead = re.compile(rf"[^\S\n]*(?:{mark}[^\S\n]*|(?=\n)|\Z)")
    behind = re.compile(rf"(?:^|{mark})[^\S\n]*\Z", re.MULTILINE)
    cuts: list[Span] = []
    for start, end in _joined(text, spans):
        follows, before = ahead.match(text, end), behind.search(text[:start])
        if follows is None or before is None:
            cut = _inside(text, start, end)
        elif _kept_before(text, start, cuts, mark):
            cut = _blank_start(text, before.start()), end + _blank(text, end)
        else:
            cut = start, follows.end()
        floor = cuts[-1][1] if cuts else 0
        cuts.append((max(cut[0], floor), max(cut[1], floor)))
    return cuts


def _joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """Join spans with nothing but space between them: together they may be a whole phrase."""
    result: list[Span] = []
    for start, end in spans:
        if result and not text[result[-1][1] : start].strip(" \t"):
            result[-1] = (result[-1][0], end)
        else:
            result.append((start, end))
    return result


def _kept_before(text: str, start: int, cuts: list[Span], mark: str) -> bool:
    """Return whether anything but separators stays before `start` on its line."""
    begin = text.rfind("\n", 0, start) + 1
    kept, done = "", begin
    for low, high in cuts:
        kept += text[done : max(low, done)]
        done = max(done, high)
    return bool(re.sub(rf"{mark}|\s", "", kept + text[done:start]))


def _inside(text: str, start: int, end: int) -> Span:
    """Widen a stretch inside a phrase by the space before it, or behind it at a beginning."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if (before and not before.isspace()) or after.isalnum():
        return start, end
    lead = _blank_start(text, start)
    if lead == 0 or text[lead - 1] in "\n,;":
        return start, end + _blank(text, end)
    return lead, end


def _blank(text: str, start: int) -> int:
    return len(text[start:]) - len(text[start:].lstrip(" \t"))


def _blank_start(text: str, end: int) -> int:
    return len(text[:end].rstrip(" \t"))
