"""Lint check: more tokens than the text encoder, or the config, reads at once."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core import clip_tokens
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.token_borders import Border, Reading, read


def check(text: Text) -> Iterator[Finding]:
    """Yield the phrase at the border that matters: where text is cut off, else the last passed."""
    known = text.context.max_token_length
    limit = clip_tokens.LIMITS[-1] if known is None else clip_tokens.limit_of(known)
    reading = read(text.text, text.separator, limit)
    if not reading.borders:
        return
    is_cut = reading.count > limit
    border = next(b for b in reversed(reading.borders) if not is_cut or b.limit == limit)
    start, end = _place(border, text.text)
    message = f"has {reading.count} tokens: {border.words()}"
    hint = _shorten(reading, limit) if is_cut else _windows(reading)
    yield Finding(start, end, message, hint, severity="warning" if is_cut else "")


def _shorten(reading: Reading, limit: int) -> str:
    better = next((mark for mark in clip_tokens.LIMITS if mark >= reading.count), None)
    more = f", or set max_token_length = {better}" if better else ""
    return f"the trainer reads {limit} and cuts the rest off: shorten it{more}"


def _windows(reading: Reading) -> str:
    needed = reading.windows * clip_tokens.WINDOW
    return f"needs max_token_length = {needed}; programs that read only 75 cut it off"


def _place(border: Border, text: str) -> tuple[int, int]:
    phrase = border.phrase
    return (phrase.start, phrase.end) if phrase else (border.place, len(text))


LINTS.add(
    "many_tokens",
    Lint(
        "many_tokens",
        "Over 75, 150 or 225 tokens",
        "info",
        "The text encoder reads 75 tokens at a time; beyond max_token_length nothing is read.",
        each(check),
    ),
)
