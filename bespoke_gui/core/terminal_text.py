"""Terminal text: what a program printed, made harmless: no terminal sequences, no hidden signs."""

from __future__ import annotations

import re

_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)|\x1b.?", re.DOTALL
)
# Controls, and the signs that turn the direction of writing around them.
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BY_LINE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\n]*?(?:\x07|\x1b\\|$)|\x1b[^\n]?", re.MULTILINE
)
_CONTROLS = dict.fromkeys((*range(9), *range(0x0B, 0x20), 0x7F))


def plain(text: str) -> str:
    """Return `text` without terminal sequences, controls and signs that hide; tabs and line ends
    stay. HTML stays as well: it is for the reader to show it as text."""
    return HIDDEN.sub("", _SEQUENCES.sub("", text))


def plain_lines(text: str) -> str:
    """The same for many lines at once: each stays the line it is, whatever stands in it."""
    shown = _BY_LINE.sub("", text)
    # Ten times as fast as the pattern, which only other scripts need.
    return shown.translate(_CONTROLS) if shown.isascii() else HIDDEN.sub("", shown)
