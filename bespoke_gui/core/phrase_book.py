"""Phrase book: every phrase of a set of captions with how many captions hold it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bespoke_gui.core import phrases


class PhraseBook:
    """Counts captions, not places: a phrase said twice in one caption counts once.

    Only counts are kept, so that 100,000 captions cost as much as their different phrases.
    """

    def __init__(self, texts: Iterable[str | None] = (), separator: str = ",") -> None:
        self.separator = separator
        self._counts: Counter[str] = Counter()
        for text in texts:
            self._counts.update(self._phrases(text))

    def change(self, before: str | None, after: str | None) -> None:
        """Count one caption anew; None is a caption that is not there."""
        self._counts.subtract(self._phrases(before))
        self._counts.update(self._phrases(after))
        for phrase in self._phrases(before):
            if self._counts[phrase] <= 0:
                del self._counts[phrase]

    def counts(self) -> list[tuple[str, int]]:
        """Return every phrase with its count, the commonest first, then by the alphabet."""
        return sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0]))

    def count(self, phrase: str) -> int:
        """Return how many captions hold exactly this phrase."""
        return self._counts.get(phrase, 0)

    def __len__(self) -> int:
        return len(self._counts)

    def _phrases(self, text: str | None) -> set[str]:
        return {phrase.text for phrase in phrases.split(text, self.separator)} if text else set()
