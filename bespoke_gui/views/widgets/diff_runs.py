"""Runs of a diff: its pieces as text with the looks of kept, lost, gained and moved words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from PySide6.QtGui import QFont, QTextCharFormat, QTextLayout

from bespoke_gui.core.diff_pieces import Piece
from bespoke_gui.core.worddiff import APART, phrase_in
from bespoke_gui.views import theme

BOTH, BEFORE, AFTER = "both", "before", "after"
PLAIN, REMOVED, ADDED, MOVED_OUT, MOVED_IN = "plain", "removed", "added", "moved out", "moved in"
ROOM = "\u2009"  # between what went and what came, so that they do not read as one word
ARROW = "→"


@dataclass(frozen=True)
class Run:
    """A stretch of text in one look; `id` is that of its piece, `length` of the later text."""

    text: str
    look: str
    id: int = 0
    length: int = 0


def runs(pieces: Iterable[Piece], side: str = BOTH) -> list[Run]:
    """Return the runs of a diff in one text (BOTH), or of one of its sides.

    Of neighbouring changes all that went comes first, then all that came.
    """
    result: list[Run] = []
    for apart, group in groupby(pieces, lambda piece: piece.kind in APART):
        together = list(group)
        if apart:
            result += [run for piece in together for run in _apart(piece, side)]
        else:
            result += _changed(together, side)
    return result


def char_format(look: str) -> QTextCharFormat:
    """Return how text of a look is drawn, in the theme of now."""
    colours = theme.tokens()
    style = QTextCharFormat()
    ink, back = {
        PLAIN: (colours.text, None),
        REMOVED: (colours.diff_removed, colours.diff_removed_back),
        ADDED: (colours.diff_added, colours.diff_added_back),
        MOVED_OUT: (colours.muted, colours.accent_soft),
        MOVED_IN: (colours.accent_text, colours.accent_soft),
    }[look]
    style.setForeground(ink)
    if back is not None:
        style.setBackground(back)
    style.setFontStrikeOut(look == REMOVED)
    style.setFontWeight(QFont.Weight.DemiBold if look in (ADDED, MOVED_IN) else QFont.Weight.Normal)
    return style


def formats(found: Iterable[Run]) -> tuple[str, list[QTextLayout.FormatRange]]:
    """Return the text of runs and where each look is in it, for a QTextLayout."""
    text, ranges, at = "", [], 0
    for run in found:
        length = len(run.text.encode("utf-16-le", "surrogatepass")) // 2
        if run.look != PLAIN:
            ranges.append(_range(at, length, run.look))
        text, at = text + run.text, at + length
    return text, ranges


def _range(start: int, length: int, look: str) -> QTextLayout.FormatRange:
    result = QTextLayout.FormatRange()
    # Attributes of a C++ struct: pyright sees plain values where Qt has setters.
    result.start, result.length = start, length  # pyright: ignore[reportAttributeAccessIssue]
    result.format = char_format(look)  # pyright: ignore[reportAttributeAccessIssue]
    return result


def _apart(piece: Piece, side: str) -> list[Run]:
    if piece.kind == "equal":
        return [Run(piece.after, PLAIN, 0, len(piece.after))]
    if piece.before:
        text = piece.before if side == BEFORE else _pointed(piece.before, behind=True)
        return [Run(text, MOVED_OUT, piece.id)] if side != AFTER else []
    text = piece.after if side == AFTER else _pointed(piece.after, behind=False)
    return [Run(text, MOVED_IN, piece.id, len(piece.after))] if side != BEFORE else []


def _changed(pieces: list[Piece], side: str) -> list[Run]:
    gone = [Run(shown(p.before), REMOVED, p.id) for p in pieces if p.before and side != AFTER]
    come = [
        Run(shown(p.after), ADDED, p.id, len(p.after)) for p in pieces if p.after and side != BEFORE
    ]
    return [*gone, *([Run(ROOM, PLAIN)] if gone and come else []), *come]


def _pointed(text: str, behind: bool) -> str:
    """Put an arrow at a moved phrase: behind it where it left, before it where it is now."""
    phrase = phrase_in(text)
    at = text.find(phrase)
    end = at + len(phrase)
    if behind:
        return f"{text[:end]} {ARROW}{text[end:]}"
    return f"{text[:at]}{ARROW} {text[at:]}"


def shown(text: str) -> str:
    """Make changed spaces and line ends visible, where nothing else changed."""
    return text.replace(" ", "␣").replace("\n", "⏎\n") if text.isspace() else text
