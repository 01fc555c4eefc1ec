"""Three-way merge of a caption that two programs changed: phrases first, words inside them.

Both sides are compared with the text they began from. A phrase that only one side changed is
taken from that side; phrases that both added at one place are both kept, each once; inside a
phrase that both changed the words are merged where at least one unchanged word keeps the changes
apart. All else is a clash, which only a person can settle.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bespoke_gui.core.phrases import joiner, split

WORDS = re.compile(r"\w+(?:[-']\w+)*|\s+|[^\w\s]")
MOST_PAIRS = 4_000_000  # beyond this many comparisons a person is asked


@dataclass(frozen=True)
class Clash:
    """A piece that both sides changed, in its three states; "" where it is not there."""

    base: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Merge:
    """The outcome of a merge.

    `text` holds both sides' changes when `is_clean`; with clashes it holds my words followed by
    theirs at each of them, so that nothing is missing from it either.
    """

    text: str
    clashes: list[Clash] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nobody has to be asked."""
        return not self.clashes


def merge(base: str, mine: str, theirs: str, separator: str = ",") -> Merge:
    """Merge two texts that both began as `base`; pure, and the same for the same texts.

    In a clean merge a word is there as often as both changes together ask for: what one side
    added or kept is never lost. A side that emptied the caption, or a caption that both wrote
    from nothing, is a clash.
    """
    if mine == theirs or theirs == base:
        return Merge(mine)
    if mine == base:
        return Merge(theirs)
    old, ours, others = (_cells(text, separator) for text in (base, mine, theirs))
    sizes = sorted((len(old), len(ours), len(others)))
    if not sizes[0] or sizes[1] * sizes[2] > MOST_PAIRS:
        return _whole(base, mine, theirs, separator)
    cells, clashes = _merge_cells(old, ours, others, separator)
    cells = _each_once(cells, old, ours, others)
    return Merge(_written(cells, base, mine, theirs, separator), clashes)


class _Cell(NamedTuple):
    """A phrase and what stands before it; `added`: it is new on their side of a merge."""

    glue: str
    phrase: str
    is_first: bool = False
    added: bool = False


class _Change(NamedTuple):
    """base[start:end] became other[begin:stop]."""

    start: int
    end: int
    begin: int
    stop: int


class _Group(NamedTuple):
    """A stretch of the base that one side changed, or both, and what each made of it."""

    start: int
    end: int
    mine: tuple[int, int] | None
    theirs: tuple[int, int] | None


def _cells(text: str, separator: str) -> list[_Cell]:
    cells, end = [], 0
    for phrase in split(text, separator):
        cells.append(_Cell(text[end : phrase.start], phrase.text, not cells))
        end = phrase.end
    return cells


def _merge_cells(
    base: list[_Cell], mine: list[_Cell], theirs: list[_Cell], separator: str
) -> tuple[list[_Cell], list[Clash]]:
    result: list[_Cell] = []
    clashes: list[Clash] = []
    done = (0, 0, 0)
    keys = [[cell.phrase for cell in side] for side in (base, mine, theirs)]
    for group in [*_groups(*keys, touching=False), _Group(len(base), len(base), None, None)]:
        step = group.start - done[0]
        result += _unchanged(base, mine, theirs, done, group)
        after = _after(group, done, step)
        old = base[group.start : group.end]
        ours = mine[done[1] + step : after[1]]
        others = theirs[done[2] + step : after[2]]
        if group.mine and group.theirs:
            result += _both(old, ours, others, clashes, separator)
        else:
            result += _one(old, ours, others, bool(group.mine))
        done = after
    return result, clashes


def _one(old: list[_Cell], mine: list[_Cell], theirs: list[_Cell], is_mine: bool) -> list[_Cell]:
    """Return what a stretch becomes that one side changed; the glue may be the other side's."""
    taken, other = (mine, theirs) if is_mine else (theirs, mine)
    if len(taken) == len(old):
        taken = [
            cell._replace(glue=_glue(*three))
            for cell, *three in zip(taken, old, taken, other, strict=True)
        ]
    kept = {cell.phrase for cell in old}
    return [cell._replace(added=not is_mine and cell.phrase not in kept) for cell in taken]


def _glue(old: _Cell, mine: _Cell, theirs: _Cell) -> str:
    """Return what stands before a phrase; what stands before the first says nothing of others."""
    if mine.glue != old.glue or theirs.is_first != mine.is_first:
        return mine.glue
    return theirs.glue


def _after(group: _Group, done: tuple[int, int, int], step: int) -> tuple[int, int, int]:
    size = group.end - group.start
    mine = group.mine[1] if group.mine else done[1] + step + size
    theirs = group.theirs[1] if group.theirs else done[2] + step + size
    return group.end, mine, theirs


def _unchanged(
    base: list[_Cell],
    mine: list[_Cell],
    theirs: list[_Cell],
    done: tuple[int, int, int],
    group: _Group,
) -> Iterator[_Cell]:
    """Yield the phrases all three share; what stands between them may have changed on one side."""
    for step in range(group.start - done[0]):
        old, ours, others = (
            side[at + step] for side, at in zip((base, mine, theirs), done, strict=True)
        )
        yield ours._replace(glue=_glue(old, ours, others))


def _both(
    old: list[_Cell],
    mine: list[_Cell],
    theirs: list[_Cell],
    clashes: list[Clash],
    separator: str,
) -> list[_Cell]:
    """Return what a stretch becomes that both sides changed."""
    if [cell.phrase for cell in mine] == [cell.phrase for cell in theirs]:
        return mine
    if not old:
        # Both added phrases at the same place: all of them are wanted.
        return [*mine, *(cell._replace(added=True) for cell in theirs)]
    if len(old) == len(mine) == len(theirs):
        merged = [
            _both_words(three, clashes, separator) for three in zip(old, mine, theirs, strict=True)
        ]
        return [cell for cells in merged for cell in cells]
    clashes.append(Clash(*(_joined(side) for side in (old, mine, theirs))))
    return [*mine, *_not_in(theirs, mine)]


def _both_words(
    three: tuple[_Cell, _Cell, _Cell], clashes: list[Clash], separator: str
) -> list[_Cell]:
    old, mine, theirs = three
    glue = _glue(old, mine, theirs)
    if mine.phrase in (theirs.phrase, old.phrase):
        return [theirs._replace(glue=glue)]
    if theirs.phrase == old.phrase:
        return [mine._replace(glue=glue)]
    merged = _merge_words(*(cell.phrase for cell in three))
    if merged is not None and len(split(merged, separator)) == 1:
        return [mine._replace(glue=glue, phrase=merged)]
    clashes.append(Clash(*(cell.phrase for cell in three)))
    return [mine._replace(glue=glue), theirs]


def _merge_words(base: str, mine: str, theirs: str) -> str | None:
    """Merge the words of one phrase; None where changes touch each other."""
    old, ours, others = (WORDS.findall(text) for text in (base, mine, theirs))
    result, at = [], 0
    for group in _groups(old, ours, others, touching=True):
        result += old[at : group.start]
        at = group.end
        if group.mine and group.theirs:
            if ours[slice(*group.mine)] != others[slice(*group.theirs)]:
                return None
            result += ours[slice(*group.mine)]
        elif group.mine:
            result += ours[slice(*group.mine)]
        elif group.theirs:
            result += others[slice(*group.theirs)]
    return "".join(result + old[at:])


def _groups(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str], touching: bool
) -> Iterator[_Group]:
    """Yield the stretches of the base that were changed, overlapping ones of both sides as one."""
    changes = (_changes(base, mine), _changes(base, theirs))
    todo = sorted(
        (change, side) for side, found in enumerate(changes) for change in found
    )  # by place; an insertion comes before what is changed behind it
    while todo:
        together = [todo.pop(0)]
        start, end = together[0][0].start, together[0][0].end
        while todo and _meets(start, end, todo[0][0], touching):
            together.append(todo.pop(0))
            end = max(end, together[-1][0].end)
        yield _Group(start, end, *(_span(start, end, together, side) for side in (0, 1)))


def _meets(start: int, end: int, change: _Change, touching: bool) -> bool:
    if touching:
        return change.start <= end
    both_insert = start == end == change.start == change.end
    return change.start < end or both_insert


def _span(
    start: int, end: int, together: list[tuple[_Change, int]], side: int
) -> tuple[int, int] | None:
    """Return the part of a side's text that stands for base[start:end]; None: it is unchanged."""
    own = [change for change, of in together if of == side]
    if not own:
        return None
    first, last = own[0], own[-1]
    return first.begin - (first.start - start), last.stop + (end - last.end)


def _changes(base: Sequence[str], other: Sequence[str]) -> list[_Change]:
    matcher = difflib.SequenceMatcher(None, base, other, autojunk=False)
    return [_Change(*places) for kind, *places in matcher.get_opcodes() if kind != "equal"]


def _each_once(
    cells: list[_Cell], base: list[_Cell], mine: list[_Cell], theirs: list[_Cell]
) -> list[_Cell]:
    """Drop their copy of what both sides added, or moved to different places."""
    counts = Counter(cell.phrase for cell in cells)
    most = Counter[str]()
    for side in (base, mine, theirs):
        most |= Counter(cell.phrase for cell in side)
    result = []
    for cell in cells:
        if cell.added and counts[cell.phrase] > most[cell.phrase]:
            counts[cell.phrase] -= 1
        else:
            result.append(cell)
    return result


def _written(cells: list[_Cell], base: str, mine: str, theirs: str, separator: str) -> str:
    """Join phrases with what stood before each of them; the end is the side's that changed it."""
    parts = []
    for index, cell in enumerate(cells):
        moved = (not index) != cell.is_first
        glue = ("" if not index else joiner(separator)) if moved else cell.glue
        parts += [glue, cell.phrase]
    return "".join(parts) + _three(_tail, base, mine, theirs, separator)


def _three(
    part: Callable[[str, str], str], base: str, mine: str, theirs: str, separator: str
) -> str:
    ours = part(mine, separator)
    return part(theirs, separator) if ours == part(base, separator) else ours


def _tail(text: str, separator: str) -> str:
    found = split(text, separator)
    return text[found[-1].end :] if found else text


def _joined(cells: list[_Cell]) -> str:
    return "".join(
        cell.phrase if not index else cell.glue + cell.phrase for index, cell in enumerate(cells)
    )


def _not_in(cells: list[_Cell], others: list[_Cell]) -> list[_Cell]:
    there = {cell.phrase for cell in others}
    return [cell for cell in cells if cell.phrase not in there]


def _whole(base: str, mine: str, theirs: str, separator: str) -> Merge:
    """The whole caption is one clash."""
    parts = [text for text in (mine, theirs) if text.strip()]
    return Merge(joiner(separator).join(parts), [Clash(base, mine, theirs)])
