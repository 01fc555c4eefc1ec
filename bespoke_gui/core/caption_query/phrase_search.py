"""Phrases of a caption for queries: the same as `core.phrases` finds, without places, and quick."""

from __future__ import annotations

import re

from bespoke_gui.core.caption_query.patterns import Test, segments, whole


def split_phrases(text: str, separator: str) -> list[str]:
    """Return the phrases of a caption in order."""
    mark = separator.strip() or separator or "\n"
    if "\n" in text:
        text = text.replace("\n", mark)
    stripped = (part.strip() for part in text.split(mark))
    return [part for part in stripped if part]


def has_phrase(pattern: str, separator: str) -> Test:
    """Return a test of case-folded text: is one of its phrases the pattern from end to end?"""
    mark = separator.strip()
    if len(mark) == 1 and mark == mark.casefold() and mark not in pattern and "\n" not in pattern:
        search = _one_search(pattern, re.escape(mark)).search
        return lambda text: search(text) is not None
    fits, mark = whole(pattern), separator.casefold()
    return lambda text: any(map(fits, split_phrases(text, mark)))


def _one_search(pattern: str, mark: str) -> re.Pattern[str]:
    """Return a regex that finds the phrase where it stands: no caption is cut into phrases.

    A phrase neither begins nor ends with space, and wildcards stop at its ends.
    """
    inner = rf"[^{mark}\n]"
    first, *middle = segments(pattern, inner)
    last = f"{inner}*{middle.pop()}" if middle else ""
    steps = "".join(f"(?>{inner}*?{segment})" for segment in middle if segment)
    begin, end = rf"(?:\A|[{mark}\n])\s*+(?=[^\s{mark}])", rf"(?<!\s)\s*(?:[{mark}\n]|\Z)"
    return re.compile(begin + first + steps + last + end)
