"""Places in texts: Qt counts UTF-16 units, of which an emoji has two."""

from __future__ import annotations


def units(text: str) -> int:
    """Return how many units Qt counts in a text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def offset(text: str, count: int) -> int:
    """Return the character at a place that Qt counts in UTF-16 units."""
    cut = text.encode("utf-16-le", "surrogatepass")[: 2 * count]
    return len(cut.decode("utf-16-le", "replace"))


def common(first: str, second: str) -> int:
    """Return how many signs two texts begin with alike."""
    pairs = zip(first, second, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))
