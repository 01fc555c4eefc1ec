"""The different words of a caption, case-folded: a quick look before a slow pattern is tried."""

from __future__ import annotations

from functools import lru_cache

from bespoke_gui.core.spelling import WORD


@lru_cache(maxsize=64)  # several checks ask for the same caption in a row
def words_of(text: str) -> frozenset[str]:
    """Return the words of a text; digits and signs part them."""
    return frozenset(WORD.findall(text.casefold()))
