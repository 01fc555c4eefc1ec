"""Evaluation of queries: compiled once, then asked of names; a field is read only where needed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core import token_borders
from bespoke_gui.core.caption_query.check import regex
from bespoke_gui.core.caption_query.fields import read_range
from bespoke_gui.core.caption_query.nodes import And, Node, Not, Term, terms
from bespoke_gui.core.caption_query.parser import parse
from bespoke_gui.core.caption_query.patterns import inside, longest_plain, whole
from bespoke_gui.core.caption_query.phrase_search import has_phrase, split_phrases
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.words import WORD

SECONDS_A_TEXT = 0.25
SECONDS_A_QUERY = 4.0
# What a term costs, roughly: cheap ones go first, so that dear ones see fewer captions.
COST = {"name": 0, "path": 0, "status": 1, "note": 1, "changed": 1, "lossy": 1, "lint": 1}
DEAR = {"phrase": 4, "phrases": 5, "words": 5, "re": 6, "tokens": 9}


def _nothing(name: str) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class Lookup:
    """What a query can learn about captions, each by name and only when a term asks for it.

    text: the caption, "" where there is none. count_tokens: CLIP tokens of line 1. lints: codes of
    the linter. status: all of STATUSES that hold. changed, lossy, lost, gained: against what the
    captions are compared with. note: of the review.
    """

    text: Callable[[str], str]
    count_tokens: Callable[[str], int] = token_borders.count
    lints: Callable[[str], Collection[str]] = _nothing
    status: Callable[[str], Collection[str]] = _nothing
    changed: Callable[[str], bool] = bool
    lossy: Callable[[str], bool] = bool
    lost: Callable[[str], Sequence[str]] = _nothing
    gained: Callable[[str], Sequence[str]] = _nothing
    note: Callable[[str], str] = lambda name: ""
    separator: str = ","
    check: Callable[[], object] = lambda: None


Select = Callable[[Lookup, list[str]], list[str]]


class Query:
    """A query ready to be asked. Raises QueryError when the text cannot be understood."""

    def __init__(self, text: str, codes: Collection[str] | None = None) -> None:
        self.text = text
        self.node = parse(text, codes)
        self._select = _compiled(self.node)

    @property
    def is_empty(self) -> bool:
        """Whether it holds for every caption."""
        return isinstance(self.node, And) and not self.node.parts

    @property
    def fields(self) -> set[str]:
        """The fields it asks about; bare words are "" here."""
        return {term.field for term in terms(self.node)}

    def select(self, lookup: Lookup, names: Iterable[str]) -> list[str]:
        """Return the names for which it holds, in the order given.

        `lookup.check` is called now and then and may raise to end early. Raises AppError when a
        regular expression takes too long.
        """
        return self._select(lookup, list(names))

    def matches(self, lookup: Lookup, name: str) -> bool:
        """Return whether it holds for one caption."""
        return bool(self._select(lookup, [name]))


def _compiled(node: Node) -> Select:
    if isinstance(node, Term):
        return MAKERS.get(node.field, _anywhere)(node)
    if isinstance(node, Not):
        return _negated(_compiled(node.part))
    parts = [_compiled(part) for part in sorted(node.parts, key=_cost)]
    return _all_of(parts) if isinstance(node, And) else _any_of(parts)


def _cost(node: Node) -> int:
    if isinstance(node, Term):
        return COST.get(node.field, DEAR.get(node.field, 2))
    parts = (node.part,) if isinstance(node, Not) else node.parts
    return sum(map(_cost, parts))


def _all_of(parts: list[Select]) -> Select:
    def select(lookup: Lookup, names: list[str]) -> list[str]:
        for part in parts:
            names = part(lookup, names) if names else names
        return names

    return select


def _any_of(parts: list[Select]) -> Select:
    def select(lookup: Lookup, names: list[str]) -> list[str]:
        found: set[str] = set()
        left = names
        for part in parts:
            found.update(part(lookup, left))
            left = [name for name in left if name not in found]
        return [name for name in names if name in found]

    return select


def _negated(part: Select) -> Select:
    def select(lookup: Lookup, names: list[str]) -> list[str]:
        found = set(part(lookup, names))
        return [name for name in names if name not in found]

    return select


def _anywhere(term: Term) -> Select:
    test = inside(term.value)

    def select(lookup: Lookup, names: list[str]) -> list[str]:
        text = lookup.text
        lookup.check()
        return [n for n in names if test(text(n).casefold()) or test(n.casefold())]

    return select


def _caption(term: Term) -> Select:
    test = inside(term.value)

    def select(lookup: Lookup, names: list[str]) -> list[str]:
        text = lookup.text
        lookup.check()
        return [name for name in names if test(text(name).casefold())]

    return select


def _name(term: Term) -> Select:
    test = inside(term.value)
    return lambda lookup, names: [n for n in names if test(n.rpartition("/")[2].casefold())]


def _path(term: Term) -> Select:
    test = inside(term.value)
    return lambda lookup, names: [name for name in names if test(name.casefold())]


def _phrase(term: Term) -> Select:
    """Look into the phrases of those captions only that hold the words at all."""
    words = longest_plain(term.value)

    def select(lookup: Lookup, names: list[str]) -> list[str]:
        lookup.check()
        text, has = lookup.text, has_phrase(term.value, lookup.separator)
        texts = ((name, text(name).casefold()) for name in names)
        return [name for name, text in texts if words in text and has(text)]

    return select


def _number(measure: Callable[[Lookup], Callable[[str], int]]) -> Callable[[Term], Select]:
    def make(term: Term) -> Select:
        wanted = read_range(term.value)
        assert wanted is not None, "the parser checked it"

        def select(lookup: Lookup, names: list[str]) -> list[str]:
            count, text, check = measure(lookup), lookup.text, lookup.check
            found = []
            for name in names:
                check()
                if count(text(name)) in wanted:
                    found.append(name)
            return found

        return select

    return make


def _lint(term: Term) -> Select:
    fits = whole(term.value)
    return lambda lookup, names: [n for n in names if any(fits(c) for c in lookup.lints(n))]


def _status(term: Term) -> Select:
    return lambda lookup, names: [n for n in names if term.value in lookup.status(n)]


def _yes_no(field: str) -> Callable[[Term], Select]:
    def make(term: Term) -> Select:
        wanted = term.value == "yes"

        def select(lookup: Lookup, names: list[str]) -> list[str]:
            holds = getattr(lookup, field)
            return [name for name in names if bool(holds(name)) is wanted]

        return select

    return make


def _words(field: str) -> Callable[[Term], Select]:
    def make(term: Term) -> Select:
        fits = whole(term.value)

        def select(lookup: Lookup, names: list[str]) -> list[str]:
            words_of = getattr(lookup, field)
            return [n for n in names if any(fits(word.casefold()) for word in words_of(n))]

        return select

    return make


def _note(term: Term) -> Select:
    test = inside(term.value)

    def select(lookup: Lookup, names: list[str]) -> list[str]:
        notes = ((name, lookup.note(name)) for name in names)
        return [name for name, note in notes if note and test(note.casefold())]

    return select


def _regex(term: Term) -> Select:
    pattern = regex(term.value)

    def select(lookup: Lookup, names: list[str]) -> list[str]:
        end = time.monotonic() + SECONDS_A_QUERY
        found = []
        for name in names:
            lookup.check()
            if _found(pattern, lookup.text(name), end):
                found.append(name)
        return found

    return select


def _found(pattern: Any, text: str, end: float) -> bool:
    """Search within what time is left; Python's own patterns are those that cannot run away."""
    if isinstance(pattern, re.Pattern):
        return pattern.search(text) is not None
    try:
        left = max(0.001, min(SECONDS_A_TEXT, end - time.monotonic()))
        return pattern.search(text, timeout=left) is not None
    except TimeoutError as error:
        raise AppError(
            f"re:{pattern.pattern} takes too long",
            hint="make it simpler: no repetition inside a repetition",
            kind="usage",
        ) from error


MAKERS: dict[str, Callable[[Term], Select]] = {
    "caption": _caption,
    "phrase": _phrase,
    "name": _name,
    "path": _path,
    "tokens": _number(lambda lookup: lookup.count_tokens),
    "phrases": _number(lambda lookup: lambda text: len(split_phrases(text, lookup.separator))),
    "words": _number(lambda lookup: lambda text: len(WORD.findall(text))),
    "chars": _number(lambda lookup: len),
    "lint": _lint,
    "status": _status,
    "changed": _yes_no("changed"),
    "lossy": _yes_no("lossy"),
    "lost": _words("lost"),
    "gained": _words("gained"),
    "note": _note,
    "re": _regex,
}
