"""Word diff of one caption: phrases first, words inside them; both sides can be rebuilt."""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bespoke_gui.core import words

Kind = Literal["equal", "insert", "delete", "replace"]
Status = Literal["equal", "changed", "added", "removed"]
OpCode = tuple[str, int, int, int, int]

TOKEN = re.compile(r"\w+(?:[-']\w+)*|\s+|[^\w\s]")
# difflib compares every pair of equal tokens; beyond this many pairs a text is shown as replaced.
MOST_PAIRS = 4_000_000


@dataclass(frozen=True)
class Op:
    """One step of a diff; `before` is empty for an insert, `after` for a delete."""

    op: Kind
    before: str
    after: str


@dataclass(frozen=True)
class TextDiff:
    """What happened to one caption.

    `lost` and `gained` are content words, counted; `lossy` says that words are gone which no
    synonym stands for; `moved` holds phrases that are there on both sides at another place.
    """

    status: Status
    ops: list[Op] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    gained: list[str] = field(default_factory=list)
    lossy: bool = False
    moved: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the diff as the command line prints it."""
        return asdict(self)


def compare(
    before: str | None,
    after: str | None,
    synonyms: Mapping[str, str] | None = None,
    separator: str = ",",
) -> TextDiff:
    """Return the whole difference of two captions; None is a caption that is not there."""
    if before == after:
        return TextDiff("equal", diff(before or "", before or ""))
    status: Status = "added" if before is None else "removed" if after is None else "changed"
    old, new = before or "", after or ""
    lost, gained = words.changes(old, new, synonyms)
    return TextDiff(
        status,
        diff(old, new, separator),
        lost,
        gained,
        bool(lost),
        moved_phrases(old, new, separator),
    )


def diff(before: str, after: str, separator: str = ",") -> list[Op]:
    """Return the steps from `before` to `after`, adjacent ones merged.

    Phrases that stay whole are aligned first, so that a changed phrase is never matched with
    words of another one that did not change; words are compared only between them.
    """
    if before == after:
        return [Op("equal", before, before)] if before else []
    old, new = _units(before, separator), _units(after, separator)
    steps: list[tuple[str, str]] = []
    for kind, i, j, k, end in _opcodes(old, new):
        gone, come = "".join(old[i:j]), "".join(new[k:end])
        steps.extend([(gone, come)] if kind != "replace" else _word_steps(gone, come))
    return _merged(_without_gaps(_joined(steps)))


def rebuild(ops: Sequence[Op], reverted: Container[int] = ()) -> str:
    """Return the text after the steps, with those at the indices in `reverted` taken back."""
    return "".join(op.before if index in reverted else op.after for index, op in enumerate(ops))


def moved_phrases(before: str, after: str, separator: str = ",") -> list[str]:
    """Return the phrases that only changed their place, in the order of `after`."""
    old, new = _phrases(before, separator), _phrases(after, separator)
    gone: list[str] = []
    come: list[str] = []
    for kind, i, j, k, end in _opcodes(old, new):
        if kind != "equal":
            gone.extend(old[i:j])
            come.extend(new[k:end])
    return words.among(come, gone)


def _units(text: str, separator: str) -> list[str]:
    """Cut a caption into phrases and what stands between them; joined they are the caption."""
    mark = re.escape(separator.strip() or separator or "\n")
    return [part for part in re.split(rf"(\s*(?:{mark}|\n)\s*)", text) if part]


def _phrases(text: str, separator: str) -> list[str]:
    mark = re.escape(separator.strip() or separator or "\n")
    return [part.strip() for part in re.split(rf"{mark}|\n", text) if part.strip()]


def _word_steps(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Yield (before, after) of the tokens of a changed stretch."""
    common = set(words.content_words(before)) & set(words.content_words(after))
    if not common:
        yield before, after
        return
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    for _, i, j, k, end in _opcodes(old, new):
        yield "".join(old[i:j]), "".join(new[k:end])


def _opcodes(old: list[str], new: list[str]) -> Sequence[OpCode]:
    if len(old) * len(new) > MOST_PAIRS:
        return _ends_only(old, new)
    return difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _ends_only(old: list[str], new: list[str]) -> list[OpCode]:
    """Return opcodes that keep only the common beginning and end: linear, for huge texts."""
    most = min(len(old), len(new))
    head = next((n for n in range(most) if old[n] != new[n]), most)
    most -= head
    tail = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    i, k = len(old) - tail, len(new) - tail
    codes: list[OpCode] = [
        ("equal", 0, head, 0, head),
        ("replace", head, i, head, k),
        ("equal", i, len(old), k, len(new)),
    ]
    return [code for code in codes if code[1] < code[2] or code[3] < code[4]]


def _joined(steps: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Merge neighbouring equal steps, and neighbouring changed ones."""
    result: list[tuple[str, str]] = []
    for before, after in steps:
        if result and (result[-1][0] == result[-1][1]) == (before == after):
            result[-1] = (result[-1][0] + before, result[-1][1] + after)
        elif before or after:
            result.append((before, after))
    return result


def _without_gaps(steps: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Let changes that only space keeps apart read as one change."""
    result: list[tuple[str, str]] = []
    for step in steps:
        result.append(step)
        gap = result[-2] if len(result) > 2 else ("", "")
        if gap[0] == gap[1] and gap[0].isspace():
            three = [result.pop() for _ in range(3)][::-1]
            result.append(("".join(s[0] for s in three), "".join(s[1] for s in three)))
    return result


def _merged(steps: list[tuple[str, str]]) -> list[Op]:
    return [Op(_kind(before, after), before, after) for before, after in _joined(steps)]


def _kind(before: str, after: str) -> Kind:
    if before == after:
        return "equal"
    if not before:
        return "insert"
    return "replace" if after else "delete"
