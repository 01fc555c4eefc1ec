"""Lint check: hexadecimal colours in a caption."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core import words
from bespoke_gui.core.lints.base import LINTS, Finding, Fix, Lint, Text, each
from bespoke_gui.core.rules.actions.strip_hex import run as strip
from bespoke_gui.core.rules.base import Target


def check(text: Text) -> Iterator[Finding]:
    """Yield every code; the codes of one bracket share a fix, which takes the bracket along."""
    if "#" not in text.text:
        return
    fixes = [
        Fix("Remove the codes", ((edit.start, edit.end, edit.text),))
        for edit in strip(Target(text.text, text.separator, {}))
    ]
    for match in words.HEX_COLOUR.finditer(text.text):
        fix = next((f for f in fixes if f.edits[0][0] <= match.start() < f.edits[0][1]), None)
        message = f"holds the hex colour {match.group()}"
        yield Finding(*match.span(), message, "name the colour, or strip the code", fix)


LINTS.add(
    "hex_colour",
    Lint(
        "hex_colour",
        "Hex colour",
        "warning",
        "The text encoder reads a code such as #a1b2c3 as 6 to 8 tokens without a colour in them.",
        each(check),
        fixable=True,
    ),
)
