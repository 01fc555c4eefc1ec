"""Facts of one caption: words, phrases and about how many tokens the text encoder sees."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bespoke_gui.core.phrases import split
from bespoke_gui.core.words import WORD

TOKEN_WINDOW = 75
# CLIP splits text this way before its byte pairs; a rare word becomes several tokens.
_PIECES = re.compile(r"[^\W\d_]+|\d|[^\s\w]+|_")
_LONG_WORD = 9


@dataclass(frozen=True)
class CaptionFacts:
    """Counts of one caption; `tokens` is an estimate from below."""

    words: int
    phrases: int
    tokens: int

    @property
    def windows(self) -> int:
        """How many windows of 75 tokens the trainer needs for it."""
        return max(1, -(-self.tokens // TOKEN_WINDOW))


def caption_facts(text: str, separator: str = ",") -> CaptionFacts:
    """Count the words, phrases and (about) the tokens of a caption."""
    pieces = _PIECES.findall(text)
    tokens = sum(2 if len(piece) > _LONG_WORD else 1 for piece in pieces)
    return CaptionFacts(len(WORD.findall(text)), len(split(text, separator)), tokens)
