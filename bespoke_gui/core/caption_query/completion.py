"""Completion of a query: what may stand at the cursor, with the characters it would replace."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bespoke_gui.core.caption_query.check import lint_codes
from bespoke_gui.core.caption_query.fields import FIELDS, Field
from bespoke_gui.core.caption_query.nodes import OPERATORS, quoted
from bespoke_gui.core.caption_query.patterns import escape

MOST = 12
TERM = re.compile(r'(?:^|[\s(])-?(?:([A-Za-z_]+):)?("(?:\\.|[^"\\])*|[^\s()":]*)$')
NUMBERS = (">75", ">150", ">225", "<=75")
OPERATOR_HELP = {"AND": "both hold (so does a space)", "OR": "one of both", "NOT": "does not hold"}


@dataclass(frozen=True)
class Candidate:
    """What may be typed: `text` goes in the place of `length` characters from `start` on."""

    text: str
    start: int
    length: int
    explanation: str = ""


Values = Callable[[str, str], Sequence[str]]


def complete(text: str, cursor: int, values: Values = lambda field, typed: ()) -> list[Candidate]:
    """Return what fits at the cursor, the likeliest first.

    `values(field, typed)` gives values of a text field from the captions themselves.
    """
    match = TERM.search(text[:cursor])
    if match is None:
        return []
    field, typed = match[1], match[2]
    start = cursor - len(typed)
    if field is None:
        found = [] if typed.startswith('"') else _words(typed)
        return [Candidate(word, start, len(typed), words) for word, words in found][:MOST]
    known = FIELDS.get(field.lower())
    if known is None:
        return []
    plain = typed.removeprefix('"').casefold()
    fits = [v for v in _values(known, plain, values) if _fits(v, plain, known)]
    return [Candidate(quoted(_typed(v, known)), start, len(typed)) for v in fits[:MOST]]


def _words(typed: str) -> list[tuple[str, str]]:
    if not typed:
        return []
    fields = [(f"{f.name}:", f.asks) for f in FIELDS.values() if f.name.startswith(typed.lower())]
    operators = [
        (w, OPERATOR_HELP[w]) for w in OPERATORS if typed.isupper() and w.startswith(typed)
    ]
    return fields + operators


def _values(field: Field, typed: str, values: Values) -> Sequence[str]:
    if field.kind == "choice":
        return field.values
    if field.kind == "number":
        return NUMBERS
    if field.kind == "code":
        return ["*", *lint_codes()]
    return values(field.name, typed) if field.kind == "text" else ()


def _fits(value: str, typed: str, field: Field) -> bool:
    folded = value.casefold()
    if folded == typed:
        return False
    return folded.startswith(typed) or (field.kind in ("text", "code") and typed in folded)


def _typed(value: str, field: Field) -> str:
    return escape(value) if field.kind == "text" else value
