"""Lint check: hexadecimal colours in a caption."""

from bespoke_gui.core import words
from bespoke_gui.core.lints.base import LINTS, Lint, matches

LINTS.add(
    "hex_colour",
    Lint(
        "hex_colour",
        "Hex colour",
        "warning",
        "The text encoder reads a code such as #a1b2c3 as 6 to 8 tokens without a colour in them.",
        matches(words.HEX_COLOUR, "holds the hex colour {0}", "name the colour, or strip the code"),
    ),
)
