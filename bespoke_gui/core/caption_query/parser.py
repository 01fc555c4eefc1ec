"""Parser of queries: NOT binds closest, then AND (also a mere space), then OR."""

from __future__ import annotations

from collections.abc import Collection

from bespoke_gui.core.caption_query.check import checked
from bespoke_gui.core.caption_query.error import QueryError
from bespoke_gui.core.caption_query.lexer import Piece, pieces
from bespoke_gui.core.caption_query.nodes import EVERYTHING, And, Node, Not, Or, Term

DEEPEST = 60


def parse(text: str, codes: Collection[str] | None = None) -> Node:
    """Read a query; an empty one holds for every caption. Raises QueryError.

    `codes` are the lint codes there are (None: ask the linter).
    """
    found = pieces(text)
    return _Parser(found, codes).whole() if found else EVERYTHING


class _Parser:
    def __init__(self, found: list[Piece], codes: Collection[str] | None) -> None:
        self._pieces = found
        self._codes = codes
        self._place = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._either()
        piece = self._piece()
        if piece is not None:
            raise _error("This bracket was never opened.", piece)
        return node

    def _either(self) -> Node:
        parts = [self._all()]
        while self._taken("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while self._taken("and") or self._kind() in ("open", "not", "term"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Node:
        piece = self._piece()
        self._depth += 1
        if self._depth > DEEPEST:
            last = piece or self._pieces[-1]
            raise _error("There are too many brackets or NOTs inside each other.", last)
        try:
            return self._inner(piece)
        finally:
            self._depth -= 1

    def _inner(self, piece: Piece | None) -> Node:
        if piece is None or piece.kind not in ("open", "not", "term"):
            raise self._missing(piece)
        self._place += 1
        if piece.kind == "not":
            return Not(self._one())
        if piece.kind == "term":
            term = Term(piece.field, piece.value, piece.start, piece.length)
            return checked(term, self._codes)
        node = self._either()
        if not self._taken("close"):
            raise _error("This bracket is never closed.", piece)
        return node

    def _missing(self, piece: Piece | None) -> QueryError:
        """Return the error of a place where a term should be."""
        before = self._pieces[self._place - 1] if self._place else None
        if before is not None and before.kind in ("and", "or", "not"):
            return _error(f"{before.kind.upper()} needs something after it.", before)
        if piece is None:
            piece = self._pieces[-1]
        if piece.kind in ("and", "or"):
            return _error(f"{piece.kind.upper()} needs something before it.", piece)
        if before is not None and before.kind == "open" and piece.kind == "close":
            return QueryError("There is nothing in these brackets.", before.start, 2)
        if piece.kind == "open":
            return _error("This bracket is never closed.", piece)
        return _error("This bracket was never opened.", piece)

    def _piece(self) -> Piece | None:
        return self._pieces[self._place] if self._place < len(self._pieces) else None

    def _kind(self) -> str:
        piece = self._piece()
        return piece.kind if piece else ""

    def _taken(self, kind: str) -> bool:
        fits = self._kind() == kind
        self._place += fits
        return fits


def _error(message: str, piece: Piece) -> QueryError:
    return QueryError(message, piece.start, piece.length)
