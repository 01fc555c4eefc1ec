"""Pieces of a query as typed: brackets, operators, words and field terms, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bespoke_gui.core.caption_query.error import QueryError
from bespoke_gui.core.caption_query.fields import FIELDS, closest

QUOTED = re.compile(r'"((?:\\.|[^"\\])*)("|\Z)|"(.*)\Z', re.DOTALL)
NAME = re.compile(r"([A-Za-z_]+)(?::|(?=[<>=!]))")
SYMBOLS = {"(": "open", ")": "close"}
WORDS = {"AND": "and", "OR": "or", "NOT": "not"}


@dataclass(frozen=True)
class Piece:
    """One piece: `kind` is open, close, and, or, not, or term (then with field and value)."""

    kind: str
    start: int
    length: int
    field: str = ""
    value: str = ""


def pieces(text: str) -> list[Piece]:
    """Cut a query into its pieces. Raises QueryError for a quote or field that cannot be."""
    found: list[Piece] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        piece = _next(text, place)
        found.append(piece)
        place += piece.length
    return found


def _next(text: str, place: int) -> Piece:
    char = text[place]
    if char in SYMBOLS:
        return Piece(SYMBOLS[char], place, 1)
    if char == "-" and text[place + 1 : place + 2].strip(" \t\n-)"):
        return Piece("not", place, 1)
    if char == '"':
        value, length = _quote(text, place)
        return Piece("term", place, length, "", value)
    name = NAME.match(text, place)
    if name is not None and not text.startswith("//", name.end()):
        return _field_term(text, place, name)
    value = _word(text, place)
    return Piece(WORDS.get(value, "term"), place, len(value), "", value)


def _field_term(text: str, place: int, name: re.Match[str]) -> Piece:
    field, after = name[1].lower(), name.end()
    if field not in FIELDS:
        if not name[0].endswith(":"):
            value = _word(text, place)
            return Piece("term", place, len(value), "", value)
        near = closest(field, FIELDS)
        hint = f'; did you mean "{near}:"?' if near else ""
        message = f'There is no "{name[1]}:"{hint or "; put words with a colon in quotes."}'
        raise QueryError(message, place, len(name[0]))
    if text.startswith('"', after):
        value, length = _quote(text, after)
    elif text.startswith("(", after) and field != "re":
        example = f"({field}:one OR {field}:two)"
        message = f"A bracket cannot follow {field}: write {example} instead."
        raise QueryError(message, place, after + 1 - place)
    else:
        value = _word(text, after, brackets=field == "re")
        length = len(value)
    return Piece("term", place, after - place + length, field, value)


def _quote(text: str, place: int) -> tuple[str, int]:
    """Return what stands in the quotes that open here, and how long it is with them."""
    match = QUOTED.match(text, place)
    if match is None or match[2] != '"':
        raise QueryError("This quote is never closed.", place, len(text) - place)
    return re.sub(r"\\(.)", lambda m: '"' if m[1] == '"' else m[0], match[1]), len(match[0])


def _word(text: str, place: int, brackets: bool = False) -> str:
    """Return the text up to the next space or bracket; `brackets` keeps pairs of them."""
    end, depth = place, 0
    while end < len(text) and not text[end].isspace():
        char = text[end]
        if char == "\\":
            end += 1
        elif char in "()" and not brackets:
            break
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth < 0:
                break
        end += 1
    return text[place : min(end, len(text))]
