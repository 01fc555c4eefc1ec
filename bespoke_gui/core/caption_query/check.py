"""Check of a term's value when a query is read, so that a mistake is told at its place."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bespoke_gui.core.caption_query.error import QueryError
from bespoke_gui.core.caption_query.fields import FIELDS, FILE_CODES, Field, closest, read_range
from bespoke_gui.core.caption_query.nodes import Term
from bespoke_gui.core.caption_query.patterns import canonical, whole
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rules.matching import compile_pattern


def checked(term: Term, codes: Collection[str] | None) -> Term:
    """Return the term with its value in one form. Raises QueryError where it makes no sense.

    `codes` are the lint codes there are (None: ask the linter).
    """
    field = FIELDS.get(term.field)
    plain = field is None or field.kind == "text"
    value = canonical(term.value) if plain else term.value
    if not value.strip():
        message = f"{field.name}: needs a value, as in {field.example}." if field else EMPTY
        raise QueryError(message, term.start, term.length)
    if field is None or plain:
        return _with(term, value)
    check = {"number": _number, "choice": _choice, "regex": _regex}.get(field.kind)
    if check is not None:
        return _with(term, check(term, field))
    return _with(term, _code(term, lint_codes() if codes is None else codes))


EMPTY = "There is nothing in these quotes."


def lint_codes() -> list[str]:
    """Return every code that `lint:` knows."""
    from bespoke_gui.core.lints import LINTS

    return sorted({*LINTS, *FILE_CODES})


def regex(pattern: str) -> Any:
    """Compile the pattern of `re:`; the result takes a time limit where it can run away."""
    return compile_pattern(pattern, ignore_case=True)


def _number(term: Term, field: Field) -> str:
    if read_range(term.value) is None:
        message = f"{field.name}: needs a number, as in {field.name}:>75 or {field.name}:20..40."
        raise QueryError(message, term.start, term.length)
    return term.value


def _choice(term: Term, field: Field) -> str:
    value = term.value.lower().replace("-", "_").replace(" ", "_")
    value = {"to_do": "todo", "true": "yes", "false": "no"}.get(value, value)
    if value not in field.values:
        near = closest(value, field.values)
        hint = f'; did you mean "{near}"?' if near else "."
        words = ", ".join(field.values)
        message = f"{field.name}: can be {words}{hint}"
        raise QueryError(message, term.start, term.length)
    return value


def _code(term: Term, codes: Collection[str]) -> str:
    value = canonical(term.value.lower())
    fits = whole(value)
    if not any(map(fits, codes)):
        near = closest(value, codes)
        hint = f'; did you mean "{near}"?' if near else "; lint:* finds every note."
        message = f'No lint check is called "{term.value}"{hint}'
        raise QueryError(message, term.start, term.length)
    return value


def _regex(term: Term, _: Field) -> str:
    try:
        regex(term.value)
    except AppError as error:
        reason = error.message.partition("is no valid regex: ")[2] or error.message
        message = f"This is no valid regular expression: {reason}."
        raise QueryError(message, term.start, term.length) from error
    return term.value


def _with(term: Term, value: str) -> Term:
    return Term(term.field, value, term.start, term.length)
