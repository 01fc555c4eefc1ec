"""Cards: what the maker says of a GPU, and its name as people write it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """What the maker says of a card: 16-bit TFLOPS, memory speed in GB/s, memory in GB."""

    name: str
    tflops: float
    bandwidth: float
    memory: float
    year: int


def match_name(name: str, known: Iterable[str]) -> str:
    """Return the first known name that has all words of `name`, or "" when none has."""
    names = list(known)
    if name in names:
        return name
    words = _words(name)
    fitting = [one for one in names if words and words <= _words(one)]
    return fitting[0] if fitting else ""


def _words(name: str) -> set[str]:
    text = name.casefold().replace("-", " ").replace("_", " ")
    for memory in ("80 gb", "16 gb"):
        text = text.replace(memory, memory.replace(" ", ""))
    return set(text.split()) - {"nvidia", "geforce"}
