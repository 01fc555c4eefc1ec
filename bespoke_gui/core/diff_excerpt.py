"""Excerpts of a diff for narrow rows: the changes with a little of what stands around them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bespoke_gui.core.diff_pieces import Piece, kind_of

GAP = "…"


def excerpt(found: Sequence[Piece], focus: Collection[int] = (), around: int = 28) -> list[Piece]:
    """Return pieces with what is equal shortened to `around` characters beside a change.

    With `focus` only the pieces of these ids count as changes: others are shown as they read
    now. Nothing is cut inside a word.
    """
    pieces = [_settled(piece, focus) for piece in found] if focus else list(found)
    joined: list[Piece] = []
    for piece in pieces:
        if piece.kind == "equal" and joined and joined[-1].kind == "equal":
            text = joined.pop().after + piece.after
            joined.append(Piece("equal", text, text))
        elif piece.before or piece.after:
            joined.append(piece)
    last = len(joined) - 1
    return [
        _shortened(piece, index > 0, index < last, around) if piece.kind == "equal" else piece
        for index, piece in enumerate(joined)
    ]


def cut(text: str, longest: int) -> str:
    """Return the beginning of a text, ending in "…" between two words where it is longer."""
    return text if len(text) <= longest else _head(text, longest - 1) + GAP


def shortened(pieces: Sequence[Piece], longest: int = 400) -> list[Piece]:
    """Return pieces whose changed texts are cut to `longest` characters, for a row of a list."""
    result = []
    for piece in pieces:
        before, after = cut(piece.before, longest), cut(piece.after, longest)
        kind = piece.kind if piece.kind in ("equal", "moved") else kind_of(before, after)
        result.append(Piece(kind, before, after, piece.id))
    return result


def _settled(piece: Piece, focus: Collection[int]) -> Piece:
    if piece.id in focus:
        return piece
    return Piece("equal", piece.after, piece.after)


def _shortened(piece: Piece, after_change: bool, before_change: bool, around: int) -> Piece:
    text = piece.after
    head = _head(text, around) if after_change else ""
    tail = _tail(text, around) if before_change else ""
    if len(head) + len(tail) + 1 >= len(text):
        return piece
    short = head + GAP + tail
    return Piece("equal", short, short)


def _head(text: str, length: int) -> str:
    """Return about the first `length` characters, up to a space."""
    if len(text) <= length:
        return text
    end = text.rfind(" ", 0, length + 1)
    return text[: end if end > length // 2 else length].rstrip(" ,;")


def _tail(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    start = text.find(" ", len(text) - length - 1)
    return text[start + 1 :] if 0 <= start < len(text) - length // 2 else text[-length:]
