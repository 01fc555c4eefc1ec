"""What a query is made of: terms joined by AND, OR and NOT; each prints as it is typed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS = ("AND", "OR", "NOT")
PLAIN = re.compile(r'[^\s()"-][^\s()]*')


@dataclass(frozen=True)
class Term:
    """One thing asked of a caption; `field` is empty for bare words.

    `start` and `length` say where it stands in the query it was read from.
    """

    field: str
    value: str
    start: int = dataclasses.field(default=0, compare=False)
    length: int = dataclasses.field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.field}:{quoted(self.value)}" if self.field else _bare(self.value)


@dataclass(frozen=True)
class Not:
    """What a caption must not be."""

    part: Node

    def __str__(self) -> str:
        return f"NOT {_within(self.part, (And, Or))}"


@dataclass(frozen=True)
class And:
    """All of these hold; with no parts it holds for every caption."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(_within(part, (And, Or)) for part in self.parts)


@dataclass(frozen=True)
class Or:
    """At least one of these holds."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " OR ".join(_within(part, (Or,)) for part in self.parts)


Node = Term | Not | And | Or
EVERYTHING = And(())


def terms(node: Node) -> Iterator[Term]:
    """Yield every term, from left to right."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, Not):
        yield from terms(node.part)
    else:
        for part in node.parts:
            yield from terms(part)


def quoted(value: str) -> str:
    """Return a value as it is typed after `field:`, in quotes where it needs them."""
    if PLAIN.fullmatch(value):
        return value
    return '"' + value.replace('"', '\\"') + '"'


def _bare(value: str) -> str:
    """Return a bare word; what would read as an operator or a field stands in quotes."""
    if value in OPERATORS or re.match(r"[A-Za-z_]+(:|[<>=!])", value):
        return '"' + value.replace('"', '\\"') + '"'
    return quoted(value)


def _within(node: Node, bracketed: tuple[type, ...]) -> str:
    return f"({node})" if isinstance(node, bracketed) else str(node)
