"""Lint check: alternatives written with a slash."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.lints.base import LINTS, Finding, Fix, Lint, Text, each
from bespoke_gui.core.lints.fixes import replace

SLASH = re.compile(r"\b(\w+)[^\S\n]*/[^\S\n]*(\w*)")


def check(text: Text) -> Iterator[Finding]:
    """Yield both words around each slash, with either of them to choose."""
    for match in SLASH.finditer(text.text) if "/" in text.text else ():
        message = f"leaves open what it is: {match.group()!r}"
        yield Finding(*match.span(), message, "choose one", None, _ways(match))


def _ways(match: re.Match[str]) -> tuple[Fix, ...]:
    first, second = match.groups()
    words = [first, second, f"{first} to {second}"] if second else [first]
    return tuple(replace(*match.span(), way) for way in words)


LINTS.add(
    "slash_alternatives",
    Lint(
        "slash_alternatives",
        "Alternatives with a slash",
        "info",
        "A caption describes one image: both sides of a slash are learned together.",
        each(check),
    ),
)
