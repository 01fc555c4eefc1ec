"""Taking changes of captions back: a piece, a phrase, a caption, one change everywhere, a rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bespoke_gui.core.diff_pieces import Piece, phrases_of, pieces
from bespoke_gui.core.worddiff import TextDiff

SIGNS = ",;|/"


@dataclass(frozen=True)
class Undone:
    """A text from which an earlier change was taken back.

    `kept` holds (before, after) of the parts of that change which could not be: they were
    edited again since.
    """

    text: str
    kept: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Edit:
    """Replace base[start:end] by `text`."""

    start: int
    end: int
    text: str


def revert_pieces(found: Iterable[Piece], ids: Collection[int]) -> str:
    """Return the later text with the pieces of these ids taken back.

    A moved phrase goes back to its old place. With all ids this is the earlier text.
    """
    return "".join(piece.before if piece.id in ids else piece.after for piece in found)


def pieces_of_phrase(text_diff: TextDiff, offset: int) -> tuple[int, ...]:
    """Return the ids of all pieces that touch the phrase at `offset` of the later text.

    Words gone from between two kept words belong to the phrase around them; where the offset
    lies on a separator the phrase behind it is meant.
    """
    start, end = _phrase_span(text_diff.after, offset, text_diff.separator)
    at, ids = 0, []
    for piece in text_diff.pieces:
        begin, at = at, at + len(piece.after)
        inside = begin < end and at > start if piece.after else start < begin < end
        if piece.id and inside:
            ids.append(piece.id)
    return tuple(dict.fromkeys(ids))


def revert_change(
    files: Mapping[str, TextDiff], key: tuple[str, str, str], names: Iterable[str]
) -> dict[str, str]:
    """Return the new texts of `names` with one distinct change (op, before, after) taken back.

    Captions that do not hold it are left out.
    """
    result = {}
    for name in names:
        ids = [
            number
            for hunk in files[name].hunks
            if (hunk.op, hunk.before, hunk.after) == key
            for number in hunk.ids
        ]
        if ids:
            result[name] = revert_pieces(files[name].pieces, ids)
    return result


def revert_captions(files: Mapping[str, TextDiff], names: Iterable[str]) -> dict[str, str]:
    """Return the earlier texts of those of `names` that changed and were there before."""
    return {
        name: files[name].before for name in names if files[name].status in ("changed", "removed")
    }


def undo_between(before: str, after: str, now: str, separator: str = ",") -> Undone:
    """Take the change from `before` to `after` back in `now`, a text edited since `after`.

    What was edited since is kept; where it touches a part of the change that part stays.
    """
    if now == after:
        return Undone(before)
    later = _edits(pieces(after, now, separator))
    change = pieces(before, after, separator)
    back = [edit for edit, piece in _back(change) if piece.kind != "equal"]
    blocked = {edit for edit in back if any(_touch(edit, other) for other in later)}
    for halves in _moved_halves(change):
        blocked |= set(halves) if blocked & set(halves) else set()
    free = [edit for edit in back if edit not in blocked]
    kept = [(edit.text, after[edit.start : edit.end]) for edit in back if edit in blocked]
    return Undone(_applied(after, free, later), kept)


def _back(found: Iterable[Piece]) -> Iterable[tuple[_Edit, Piece]]:
    """Yield each piece with the edit of the later text that takes it back."""
    at = 0
    for piece in found:
        yield _Edit(at, at + len(piece.after), piece.before), piece
        at += len(piece.after)


def _edits(found: Iterable[Piece]) -> list[_Edit]:
    """Return the changes as edits of the earlier text, neighbours as one."""
    result: list[_Edit] = []
    at = 0
    for piece in found:
        end = at + len(piece.before)
        if piece.kind != "equal" and result and result[-1].end == at:
            last = result.pop()
            result.append(_Edit(last.start, end, last.text + piece.after))
        elif piece.kind != "equal":
            result.append(_Edit(at, end, piece.after))
        at = end
    return result


def _moved_halves(found: Iterable[Piece]) -> Iterable[list[_Edit]]:
    """Return the edits that belong together: both halves of each moved phrase."""
    halves: dict[int, list[_Edit]] = {}
    for edit, piece in _back(found):
        if piece.kind == "moved":
            halves.setdefault(piece.id, []).append(edit)
    return halves.values()


def _touch(back: _Edit, later: _Edit) -> bool:
    """Whether two edits of one text overlap, or side by side would grow together."""
    if back.end < later.start or later.end < back.start:
        return False
    if back.start == back.end == later.start == later.end:
        return _glued(back.text, later.text) and _glued(later.text, back.text)
    if back.end == later.start:
        return _glued(back.text, later.text)
    return later.end > back.start or _glued(later.text, back.text)


def _glued(first: str, second: str) -> bool:
    """Whether nothing would stand between the words of two texts put side by side."""
    end, start = first[-1:], second[:1]
    return bool(end and start) and not any(char.isspace() or char in SIGNS for char in (end, start))


def _applied(text: str, back: Sequence[_Edit], later: Sequence[_Edit]) -> str:
    """Make the edits; of two that put something in at one place that one first which fits."""
    order = [(edit.start, edit.end, 1, edit.text) for edit in back]
    for edit in later:
        beside = (one for one in back if one.start == one.end == edit.start == edit.end)
        first = any(_glued(one.text, edit.text) for one in beside)
        order.append((edit.start, edit.end, 0 if first else 2, edit.text))
    parts, done = [], 0
    for start, end, _, put in sorted(order, key=lambda entry: entry[:3]):
        parts += [text[done:start], put]
        done = end
    return "".join(parts) + text[done:]


def _phrase_span(text: str, offset: int, separator: str) -> tuple[int, int]:
    """Return where the phrase at an offset begins and ends, without the space around it."""
    cut = phrases_of(text, separator)
    at = 0
    for gap, item in zip(cut.gaps, cut.items, strict=False):
        start, at = at + len(gap), at + len(gap) + len(item)
        if offset < at:
            return start, at
    return len(text), len(text)
