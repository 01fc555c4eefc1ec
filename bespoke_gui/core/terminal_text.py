"""Terminal text: what a program printed, made harmless: no terminal sequences, no hidden signs."""

from __future__ import annotations

import re

_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)|\x1b.?", re.DOTALL
)
# Controls, and the signs that turn the direction of writing around them.
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Return `text` without terminal sequences, controls and signs that hide; tabs and line ends
    stay. HTML stays as well: it is for the reader to show it as text."""
    return HIDDEN.sub("", _SEQUENCES.sub("", text))
