"""Patterns of a query: plain words with the wildcards * and ?, whatever their case."""

from __future__ import annotations

import re
from collections.abc import Callable

ESCAPED = re.compile(r"\\(.?)", re.DOTALL)
PIECE = re.compile(r"\\([*?\\])|([*?])|([^*?\\]+)", re.DOTALL)
Test = Callable[[str], bool]


def canonical(pattern: str) -> str:
    r"""Return the pattern with a backslash only before `*`, `?` and itself."""
    return ESCAPED.sub(lambda m: m[0] if m[1] in set("*?\\") else (m[1] or "\\\\"), pattern)


def escape(text: str) -> str:
    """Return the pattern that stands for exactly this text."""
    return re.sub(r"([*?\\])", r"\\\1", text)


def literal(pattern: str) -> str | None:
    """Return the case-folded text that a pattern without wildcards stands for, else None."""
    pieces = PIECE.findall(pattern)
    if any(wild for _, wild, _ in pieces):
        return None
    return "".join(escaped + plain for escaped, _, plain in pieces).casefold()


def longest_plain(pattern: str) -> str:
    """Return the longest case-folded text that every match of the pattern contains."""
    pieces = ("\0" if wild else escaped + plain for escaped, wild, plain in PIECE.findall(pattern))
    return max("".join(pieces).casefold().split("\0"), key=len)


def inside(pattern: str) -> Test:
    """Return a test of case-folded text: is the pattern anywhere in it?"""
    plain = literal(pattern)
    if plain is not None:
        return lambda text: plain in text
    return _full(["", *segments(pattern), ""])


def whole(pattern: str) -> Test:
    """Return a test of case-folded text: is it the pattern from end to end?"""
    plain = literal(pattern)
    if plain is not None:
        return lambda text: text == plain
    return _full(segments(pattern))


def segments(pattern: str, anything: str = ".") -> list[str]:
    """Return a regex for each part between the stars; `anything` stands for a question mark."""
    result = [""]
    for escaped, wild, plain in PIECE.findall(pattern):
        if wild == "*":
            result.append("")
        else:
            result[-1] += anything if wild else re.escape((escaped + plain).casefold())
    return result


def _full(segments: list[str]) -> Test:
    """Test the whole text. Each star takes as little as it can for good, so none runs away."""
    first, *middle = segments
    last = f".*{middle.pop()}" if middle else ""
    steps = "".join(f"(?>.*?{segment})" for segment in middle if segment)
    match = re.compile(first + steps + last, re.DOTALL).fullmatch
    return lambda text: match(text) is not None
