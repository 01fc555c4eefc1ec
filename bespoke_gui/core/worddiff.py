"""Word diff of one caption: phrases first, words inside them; both sides can be rebuilt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, Literal

from bespoke_gui.core import words
from bespoke_gui.core.diff_pieces import Kind, Piece, joined, kind_of, pieces

Status = Literal["equal", "changed", "added", "removed"]
APART = {"equal", "moved"}


@dataclass(frozen=True, slots=True)
class Op:
    """One step of a diff; `before` is empty for an insert, `after` for a delete."""

    op: Literal["equal", "insert", "delete", "replace"]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """Neighbouring pieces of a diff that read as one change; `ids` are those of its pieces.

    For a moved phrase (`op` "moved") both `before` and `after` are the phrase itself.
    """

    op: Kind
    before: str
    after: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TextDiff:
    """What happened to one caption.

    `before` and `after` are the texts (empty where there is no caption); `lost` and `gained`
    are content words, counted; `lossy` says that words are gone which no synonym stands for;
    `moved` holds phrases that are there on both sides at another place.
    """

    status: Status
    before: str = ""
    after: str = ""
    lost: list[str] = field(default_factory=list)
    gained: list[str] = field(default_factory=list)
    lossy: bool = False
    moved: list[str] = field(default_factory=list)
    separator: str = ","

    @property
    def pieces(self) -> list[Piece]:
        """The diff itself, the smallest parts that can be taken back.

        Made when asked for: those of 20,000 captions would fill the memory.
        """
        return list(_pieces(self.before, self.after, self.separator))

    @property
    def ops(self) -> list[Op]:
        """The steps from the earlier text to the later one, adjacent ones merged."""
        return _ops(self.pieces)

    @property
    def hunks(self) -> list[Hunk]:
        """The changes as a person reads them, a moved phrase once, in order of place."""
        return hunks(self.pieces, self.separator)

    def as_dict(self) -> dict[str, Any]:
        """Return the diff as the command line prints it."""
        return {
            "status": self.status,
            "ops": [asdict(op) for op in self.ops],
            "pieces": [asdict(piece) for piece in self.pieces],
            "lost": self.lost,
            "gained": self.gained,
            "lossy": self.lossy,
            "moved": self.moved,
        }


def compare(
    before: str | None,
    after: str | None,
    synonyms: Mapping[str, str] | None = None,
    separator: str = ",",
) -> TextDiff:
    """Return the whole difference of two captions; None is a caption that is not there."""
    old, new = before or "", after or ""
    if before == after:
        return TextDiff("equal", old, old, separator=separator)
    status: Status = "added" if before is None else "removed" if after is None else "changed"
    lost, gained = words.changes(old, new, synonyms)
    moved = _moved(_pieces(old, new, separator), separator)
    return TextDiff(status, old, new, lost, gained, bool(lost), moved, separator)


def diff(before: str, after: str, separator: str = ",") -> list[Op]:
    """Return the steps from `before` to `after`, adjacent ones merged."""
    return _ops(pieces(before, after, separator))


def phrase_in(text: str, separator: str = ",") -> str:
    """Return the words of a piece without the separators and space around them."""
    mark = separator.strip() or separator
    before = None
    while before != text:
        before, text = text, text.strip().removeprefix(mark).removesuffix(mark)
    return text


def read_through(found: Iterable[Piece]) -> list[Piece]:
    """Return the pieces as one reads them: neighbouring changes, moved ones aside, as one piece.

    A joined piece has the id of its first part.
    """
    result: list[Piece] = []
    for piece in found:
        last = result[-1] if result else Piece("equal", "", "")
        if piece.kind == last.kind == "equal" or not {piece.kind, last.kind} & APART:
            before, after = last.before + piece.before, last.after + piece.after
            result[-1:] = [Piece(kind_of(before, after), before, after, last.id or piece.id)]
        else:
            result.append(piece)
    return result


def hunks(found: Iterable[Piece], separator: str = ",") -> list[Hunk]:
    """Group the changed pieces of a diff: neighbours together, moved phrases on their own."""
    result: list[Hunk] = []
    moved: set[int] = set()
    run: list[Piece] = []
    for piece in [*found, Piece("equal", "", "")]:
        if piece.kind in ("equal", "moved"):
            result += [_hunk(run)] if run else []
            run = []
        if piece.kind == "moved" and piece.id not in moved:
            moved.add(piece.id)
            phrase = phrase_in(piece.before or piece.after, separator)
            result.append(Hunk("moved", phrase, phrase, (piece.id,)))
        elif piece.kind not in ("equal", "moved"):
            run.append(piece)
    return result


def _hunk(run: Sequence[Piece]) -> Hunk:
    before, after = (
        "".join(side) for side in zip(*((p.before, p.after) for p in run), strict=True)
    )
    return Hunk(kind_of(before, after), before, after, tuple(piece.id for piece in run))


def _ops(found: Iterable[Piece]) -> list[Op]:
    steps = joined((piece.before, piece.after) for piece in found)
    return [Op(kind_of(before, after), before, after) for before, after in steps]


@lru_cache(maxsize=64)  # a row, its counts and its list of pieces ask for the same diff in turn
def _pieces(before: str, after: str, separator: str) -> tuple[Piece, ...]:
    return tuple(pieces(before, after, separator))


def _moved(found: Iterable[Piece], separator: str) -> list[str]:
    return [phrase_in(p.after, separator) for p in found if p.kind == "moved" and p.after]
