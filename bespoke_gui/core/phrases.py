"""Phrases: the texts between separators, with their place in the caption."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

BRACKETS = {")": "(", "]": "[", "}": "{"}
BRACKET = re.compile(r"[()\[\]{}]")


class Phrase(NamedTuple):
    """One phrase without the space around it: `caption[start:end] == text`.

    `inside_brackets`: a separator inside brackets cuts this phrase off; trainers cut there too.
    """

    text: str
    start: int
    end: int
    inside_brackets: bool = False


def split(text: str, separator: str = ",") -> list[Phrase]:
    """Return the phrases of a caption in order; a line end separates like the separator.

    Empty places (as between two commas) are no phrases.
    """
    return list(_split(text, separator))


@lru_cache(maxsize=1024)  # rules and lint checks ask for the same captions again and again
def _split(text: str, separator: str) -> tuple[Phrase, ...]:
    cuts = [match.span() for match in _pattern(separator).finditer(text)]
    inside = _inside_brackets(text, cuts)
    result = []
    start = 0
    for index, (end, following) in enumerate([*cuts, (len(text), len(text))]):
        body = text[start:end]
        stripped = body.strip()
        if stripped:
            begin = start + body.index(stripped)
            cut_off = index in inside or index - 1 in inside
            result.append(Phrase(stripped, begin, begin + len(stripped), cut_off))
        start = following
    return tuple(result)


def crosses(text: str, start: int, end: int, separator: str = ",") -> bool:
    """Return whether `text[start:end]` reaches over a separator between two phrases."""
    return any(start < match.end() and match.start() < end for match in _inner(text, separator))


def phrase_at(phrases: list[Phrase], offset: int) -> Phrase | None:
    """Return the phrase that holds character `offset`, if any."""
    index = bisect_right([phrase.start for phrase in phrases], offset) - 1
    found = phrases[index] if index >= 0 else None
    return found if found is not None and offset < found.end else None


def joiner(separator: str = ",") -> str:
    """Return what stands between two phrases when a caption is written: "," becomes ", "."""
    mark = separator.strip()
    return f"{mark} " if mark else separator


def bracket_spans(text: str) -> list[tuple[int, int]]:
    """Return (index of opening, index of closing) of every matched pair of brackets."""
    spans, _ = _match(text)
    return spans


def unmatched_brackets(text: str) -> list[int]:
    """Return the index of every bracket without its partner, in order."""
    _, lonely = _match(text)
    return sorted(lonely)


def _inside_brackets(text: str, cuts: list[tuple[int, int]]) -> set[int]:
    """Return which of the cuts lie inside matched brackets."""
    brackets = bracket_spans(text) if cuts else []
    return {
        index for start, end in brackets for index, (cut, _) in enumerate(cuts) if start < cut < end
    }


def _match(text: str) -> tuple[list[tuple[int, int]], list[int]]:
    stack: list[int] = []
    spans: list[tuple[int, int]] = []
    lonely: list[int] = []
    for found in BRACKET.finditer(text):
        index, char = found.start(), found.group()
        if char not in BRACKETS:
            stack.append(index)
        elif stack and text[stack[-1]] == BRACKETS[char]:
            spans.append((stack.pop(), index))
        else:
            lonely.append(index)
    return sorted(spans), lonely + stack


def _inner(text: str, separator: str) -> list[re.Match[str]]:
    """Return the separators that stand between two phrases, so not a leading or trailing one."""
    found = split(text, separator)
    if len(found) < 2:
        return []
    first, last = found[0].end, found[-1].start
    return [
        match
        for match in _pattern(separator).finditer(text)
        if first <= match.start() and match.end() <= last
    ]


@lru_cache(maxsize=16)
def _pattern(separator: str) -> re.Pattern[str]:
    mark = separator.strip() or separator
    return re.compile(rf"{re.escape(mark)}|\n" if mark else r"\n")
