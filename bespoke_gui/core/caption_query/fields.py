"""Fields of the query language: what each asks, how it is written, and an example."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bespoke_gui.core.history import STATES

STATUSES = (*STATES, "unsaved", "missing", "excluded")
YES_NO = ("yes", "no")
NUMBER = re.compile(r"(?:(>=|<=|!=|>|<|=)?(\d{1,9})|(\d{1,9})?\.\.(\d{1,9})?)")
# Findings about files, which no lint check makes; `lint:` knows them too.
FILE_CODES = ("byte_order_mark", "missing_caption", "not_utf8", "same_stem", "zero_bytes")


@dataclass(frozen=True)
class Field:
    """One field. kind: text, number, choice (one of `values`), code, or regex."""

    name: str
    kind: str
    asks: str
    example: str
    values: tuple[str, ...] = ()


_ALL = (
    Field("caption", "text", "words anywhere in the caption", 'caption:"green background"'),
    Field("phrase", "text", "one whole phrase; * and ? stand for anything", 'phrase:"*hair"'),
    Field("name", "text", "part of the file name", "name:lady_0?5"),
    Field("path", "text", "part of the path, with its folders", "path:10_punks/"),
    Field("tokens", "number", "how long the text encoder finds it", "tokens:>75"),
    Field("phrases", "number", "how many phrases it has", "phrases:<8"),
    Field("words", "number", "how many words it has", "words:20..40"),
    Field("chars", "number", "how many characters it has", "chars:>=300"),
    Field("lint", "code", "a note of the linter, by its code; * is any", "lint:doubled_word"),
    Field("status", "choice", "state of the review or of the file", "status:todo", STATUSES),
    Field("changed", "choice", "differs from what it is compared with", "changed:yes", YES_NO),
    Field("lossy", "choice", "lost words since then", "lossy:yes", YES_NO),
    Field("lost", "text", "lost this very word", "lost:moustache"),
    Field("gained", "text", "gained this very word", "gained:sunglasses"),
    Field("note", "text", "words in the note of its review; * is any", "note:eyes"),
    Field("re", "regex", "a regular expression over the caption", r"re:\bhat\b.*\bhat\b"),
)
FIELDS: dict[str, Field] = {field.name: field for field in _ALL}


@dataclass(frozen=True)
class Range:
    """Whole numbers from `low` to `high`, both included; `outside` means all others."""

    low: int
    high: int | None
    outside: bool = False

    def __contains__(self, number: int) -> bool:
        within = number >= self.low and (self.high is None or number <= self.high)
        return within is not self.outside


def read_range(value: str) -> Range | None:
    """Read ">75", "<=8", "12" or "20..40"; None when it is no number or nothing could fit."""
    match = NUMBER.fullmatch(value)
    if match is None or value == "..":
        return None
    sign, number, low, high = match.groups()
    if number is None:
        found = Range(int(low or 0), int(high) if high else None)
        return found if found.high is None or found.low <= found.high else None
    count = int(number)
    bounds = {
        ">": Range(count + 1, None),
        ">=": Range(count, None),
        "<": Range(0, count - 1),
        "<=": Range(0, count),
        "!=": Range(count, count, outside=True),
    }
    return bounds.get(sign or "=", Range(count, count))


def closest(word: str, known: Iterable[str]) -> str:
    """Return the known word that was likely meant, or nothing."""
    near = difflib.get_close_matches(word.lower(), list(known), 1, 0.6)
    return near[0] if near else ""
