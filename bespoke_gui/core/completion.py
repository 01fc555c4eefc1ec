"""Completion: what the phrase being typed may become, from own phrases and a tag list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bespoke_gui.core import phrases
from bespoke_gui.core.tag_list import Tag

LEAST = 2  # characters before anything is offered
MOST = 12


@dataclass(frozen=True)
class Offer:
    """One text to put in place of what was typed; `count` captions of the set hold it.

    `alias` is the other word by which it was found.
    """

    text: str
    count: int = 0
    alias: str = ""
    own: bool = True


@dataclass(frozen=True)
class Typed:
    """The phrase under the cursor: `caption[start:end]`, of which `text` was typed so far."""

    start: int
    end: int
    text: str


class Completion:
    """Offers for a phrase. Own phrases come first; the tag list fills what room is left."""

    def __init__(
        self, own: Iterable[tuple[str, int]] = (), tags: Sequence[Tag] = (), separator: str = ","
    ) -> None:
        self._own = [(text, text.casefold(), count) for text, count in own]
        self._names = [(tag.text.casefold(), "", tag) for tag in tags]
        self._names += [(a.casefold(), a, tag) for tag in tags for a in tag.aliases]
        self.separator = separator

    def offers(self, typed: str, most: int = MOST, least: int = LEAST) -> list[Offer]:
        """Return the best offers: those that begin so, then those with a word that does."""
        wanted = typed.strip().casefold()
        if len(wanted) < least:
            return []
        ranked = sorted(
            (_rank(folded, wanted), -count, text)
            for text, folded, count in self._own
            if wanted in folded and folded != wanted
        )
        found = [Offer(text, -count) for rank, count, text in ranked[:most] if rank < 3]
        return found + self._of_tags(wanted, {o.text for o in found}, most - len(found))

    def _of_tags(self, wanted: str, known: set[str], room: int) -> list[Offer]:
        if room <= 0:
            return []
        ranked = sorted(
            (_rank(folded, wanted), -tag.count, tag.text, alias)
            for folded, alias, tag in self._names
            if wanted in folded
        )
        found: dict[str, Offer] = {}
        for rank, count, text, alias in ranked:
            if rank < 3 and text not in known and text not in found and text != wanted:
                found[text] = Offer(text, -count, alias, own=False)
            if len(found) == room:
                break
        return list(found.values())


def typed_at(caption: str, cursor: int, separator: str = ",") -> Typed:
    """Return the phrase that holds the cursor (a character offset), without space around it."""
    found = phrases.phrase_at(phrases.split(caption, separator), max(cursor - 1, 0))
    if found is None or not found.start <= cursor <= found.end:
        return Typed(cursor, cursor, "")
    return Typed(found.start, found.end, caption[found.start : cursor])


def _rank(folded: str, wanted: str) -> int:
    """Return 0 when it begins so, 1 when a word of it does, 3 when it is only inside a word."""
    if folded.startswith(wanted):
        return 0
    return 1 if f" {wanted}" in folded or f"-{wanted}" in folded else 3
