"""Token borders: where a caption passes 75, 150 and 225 tokens, and which phrase crosses there."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from bespoke_gui.core import clip_tokens
from bespoke_gui.core.phrases import Phrase, split

LINE_END = re.compile(r"[\r\n]")


@dataclass(frozen=True)
class Border:
    """The text encoder's windows meet here: `place` is the first character beyond `limit` tokens.

    phrase: the one that crosses, or that begins beyond; None when only separators are left.
    """

    limit: int
    place: int
    phrase: Phrase | None

    @property
    def splits(self) -> bool:
        """Whether the border cuts the phrase in two."""
        return self.phrase is not None and self.phrase.start < self.place

    def words(self) -> str:
        """Say in words what happens at the border."""
        if self.phrase is None:
            return f"{self.limit} is passed by signs behind the last phrase"
        if self.splits:
            return f"{self.limit} is crossed in {self.phrase.text!r}"
        return f"{self.limit} is full before {self.phrase.text!r}"


@dataclass(frozen=True)
class Reading:
    """What a trainer counts of a caption: the tokens of its first line, and where windows end."""

    count: int
    borders: tuple[Border, ...]

    @property
    def windows(self) -> int:
        """How many windows of 75 tokens the text encoder needs."""
        return max(1, -(-self.count // clip_tokens.WINDOW))


def count(text: str) -> int:
    """Return the tokens of the line that is trained on."""
    return clip_tokens.count(first_line(text))


def read(text: str, separator: str = ",", limit: int = clip_tokens.LIMITS[-1]) -> Reading:
    """Count the tokens of the first line; find the borders it passes, `limit` being one as well."""
    line = first_line(text)
    total = clip_tokens.count(line)
    if total <= min(limit, clip_tokens.WINDOW):
        return Reading(total, ())
    phrases = split(line, separator)
    passed = [mark for mark in sorted({*clip_tokens.LIMITS, limit}) if total > mark]
    borders = (_border(mark, clip_tokens.place(line, mark), phrases) for mark in passed)
    return Reading(total, tuple(borders))


def first_line(text: str) -> str:
    """Return the text before the first line end, its places unchanged."""
    end = LINE_END.search(text)
    return text[: end.start()] if end else text


def _border(limit: int, place: int, phrases: list[Phrase]) -> Border:
    index = bisect_right([phrase.end for phrase in phrases], place)
    return Border(limit, place, phrases[index] if index < len(phrases) else None)
