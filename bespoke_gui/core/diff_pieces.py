"""Pieces of a caption diff: what was kept, put in, taken out, replaced or moved, in order.

Every piece holds its own separator, so that any of them can be taken back alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal, NamedTuple

from bespoke_gui.core import words
from bespoke_gui.core.diff_align import Pair, matches

Kind = Literal["equal", "insert", "delete", "replace", "moved"]
Step = tuple[str, str]

TOKEN = re.compile(r"(\w+(?:[-']\w+)*|[^\w\s])")


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a diff; joined, all `before` are the earlier text and all `after` the later.

    `id` is 0 for what is equal; a moved phrase has two pieces of one id, one with the phrase as
    `before` at its old place and one with it as `after` at the new place.
    """

    kind: Kind
    before: str
    after: str
    id: int = 0


class Cut(NamedTuple):
    """A text cut up: gaps[0] items[0] gaps[1] ... items[n-1] gaps[n] is the text."""

    gaps: list[str]
    items: list[str]

    def part(self, start: int, end: int) -> str:
        """Return the text from item `start` up to item `end` (excluded), without outer gaps."""
        inner = (self.items[n] + self.gaps[n + 1] for n in range(start, end - 1))
        return "".join(inner) + self.items[end - 1]


class Moved(NamedTuple):
    """A phrase taken out of a text: its words with one separator, and where they were.

    `leads`: the separator is the one behind it, for a phrase at the beginning of its text.
    """

    offset: int
    text: str
    id: int
    leads: bool


def pieces(before: str, after: str, separator: str = ",") -> list[Piece]:
    """Return the pieces from `before` to `after`, each phrase that came or went on its own.

    Phrases that stay whole are aligned first, so that a changed phrase is never matched with
    words of another one that did not change; words are compared only between them.
    """
    if before == after:
        return [Piece("equal", before, after)] if before else []
    old, new = phrases_of(before, separator), phrases_of(after, separator)
    kept = matches(old.items, new.items, most=True)
    moved = _moved_pairs(old.items, new.items, kept)
    if not moved:
        return _numbered(weave(steps_between(old, new, kept, separator), [], []))
    outs, rest_old, place_old = _taken_out(old, {i: n for n, (i, _) in enumerate(moved, 1)})
    ins, rest_new, place_new = _taken_out(new, {k: n for n, (_, k) in enumerate(moved, 1)})
    kept = [(place_old[i], place_new[k]) for i, k in kept]
    return _numbered(weave(steps_between(rest_old, rest_new, kept, separator), outs, ins))


def phrases_of(text: str, separator: str = ",") -> Cut:
    """Cut a text into phrases; a gap holds the separators, line ends and space between them."""
    mark = separator.strip() or separator or "\n"
    parts = re.split(rf"({re.escape(mark)}|\n)", text)
    gaps, items, gap = [], [], ""
    for n in range(0, len(parts), 2):
        body = parts[n].strip()
        if body:
            start = parts[n].index(body)
            gaps.append(gap + parts[n][:start])
            items.append(body)
            gap = parts[n][start + len(body) :]
        else:
            gap += parts[n]
        gap += parts[n + 1] if n + 1 < len(parts) else ""
    return Cut([*gaps, gap], items)


def words_of(text: str) -> Cut:
    """Cut a text into words and signs; a gap holds the space between them."""
    parts = TOKEN.split(text)
    return Cut(parts[0::2], parts[1::2])


def steps_between(old: Cut, new: Cut, kept: Iterable[Pair], separator: str) -> list[Step]:
    """Return (before, after) of every stretch, given the phrases that are kept."""

    def inner(gone: str, come: str) -> list[Step]:
        return _word_steps(gone, come, separator)

    return _steps(old, new, kept, inner)


def _steps(
    old: Cut, new: Cut, kept: Iterable[Pair], inner: Callable[[str, str], list[Step]]
) -> list[Step]:
    steps: list[Step] = []
    i = k = 0
    for at, to in kept:
        steps += _stretch(old, i, at, new, k, to, inner)
        steps.append((old.items[at], new.items[to]))
        i, k = at + 1, to + 1
    steps += _stretch(old, i, len(old.items), new, k, len(new.items), inner)
    return steps


def _stretch(
    old: Cut, i: int, j: int, new: Cut, k: int, end: int, inner: Callable[[str, str], list[Step]]
) -> list[Step]:
    """Compare what lies between two kept items, the gaps at both ends included."""
    if i < j and k < end:
        core = inner(old.part(i, j), new.part(k, end))
        return [(old.gaps[i], new.gaps[k]), *core, (old.gaps[j], new.gaps[end])]
    if k < end:
        return _put_in(old.gaps[i], new.gaps[k : end + 1], new.items[k:end])
    if i < j:
        steps = _put_in(new.gaps[k], old.gaps[i : j + 1], old.items[i:j])
        return [(after, before) for before, after in steps]
    return [(old.gaps[i], new.gaps[k])]


def _put_in(gap: str, gaps: Sequence[str], items: Sequence[str]) -> list[Step]:
    """Return the steps that put items into a gap, each with the separator that comes with it."""
    if gaps[0] == gap != gaps[-1]:
        behind = zip(items, gaps[1:], strict=True)
        return [(gap, gap), *(("", item + tail) for item, tail in behind)]
    ahead = zip(gaps, items, strict=False)
    return [*(("", head + item) for head, item in ahead), (gap, gaps[-1])]


def _word_steps(before: str, after: str, separator: str) -> list[Step]:
    """Compare a changed stretch by words; without a common content word all of it is replaced."""
    steps = [(before, after)]
    if set(words.content_words(before)) & set(words.content_words(after)):
        old, new = words_of(before), words_of(after)
        kept = matches(old.items, new.items)
        steps = joined(_steps(old, new, kept, lambda gone, come: [(gone, come)]))
    return [part for step in steps for part in _by_phrase(*step, separator)]


def _by_phrase(before: str, after: str, separator: str) -> list[Step]:
    """Cut a changed step at its separators, so that each phrase in it can be taken back."""
    if before == after:
        return [(before, after)]
    old, new = _led(before, separator), _led(after, separator)
    return list(zip_longest(old, new, fillvalue=""))


def _led(text: str, separator: str) -> list[str]:
    """Cut a text into phrases that carry the separator before them."""
    cut = phrases_of(text, separator)
    parts = [gap + item for gap, item in zip(cut.gaps, cut.items, strict=False)]
    if not parts:
        return [text]
    parts[-1] += cut.gaps[-1]
    return parts


def _moved_pairs(old: list[str], new: list[str], kept: list[Pair]) -> list[Pair]:
    """Pair the equal phrases that did not keep their order, in the order of the later text."""
    if not kept:
        return []
    kept_old, kept_new = {i for i, _ in kept}, {k for _, k in kept}
    places: dict[str, list[int]] = {}
    for i in reversed(range(len(old))):
        if i not in kept_old:
            places.setdefault(old[i], []).append(i)
    return [
        (places[item].pop(), k)
        for k, item in enumerate(new)
        if k not in kept_new and places.get(item)
    ]


def _taken_out(cut: Cut, ids: dict[int, int]) -> tuple[list[Moved], Cut, dict[int, int]]:
    """Take phrases out of a text; return them, the rest, and where kept phrases now stand."""
    found, rest, place = [], Cut([cut.gaps[0]], []), {}
    length = len(cut.gaps[0])
    for n, item in enumerate(cut.items):
        following = cut.gaps[n + 1]
        if n not in ids:
            place[n] = len(rest.items)
            rest.items.append(item)
            rest.gaps.append(following)
            length += len(item) + len(following)
        elif not rest.items:
            found.append(Moved(length, item + following, ids[n], True))
        else:
            # The separator before it goes along: it is the last gap of the rest so far.
            gap = rest.gaps[-1]
            length += len(following) - len(gap)
            found.append(Moved(length - len(following), gap + item, ids[n], False))
            rest.gaps[-1] = following
    return found, rest, place


def weave(steps: list[Step], outs: list[Moved], ins: list[Moved]) -> list[Piece]:
    """Put moved phrases back between the steps of the diff without them."""
    result: list[Piece] = []
    outs, ins = outs[::-1], ins[::-1]
    old = new = 0
    for before, after in joined_equal(steps):
        result += _woven(before, after, old, new, outs, ins)
        old, new = old + len(before), new + len(after)
    result += [Piece("moved", moved.text, "", moved.id) for moved in reversed(outs)]
    return result + [Piece("moved", "", moved.text, moved.id) for moved in reversed(ins)]


def _woven(
    before: str, after: str, old: int, new: int, outs: list[Moved], ins: list[Moved]
) -> list[Piece]:
    """Return one step with the moved phrases that begin inside it; they are taken off the lists."""
    result: list[Piece] = []
    same = before == after
    while before or after:
        out = outs[-1].offset - old if outs else len(before) + 1
        into = ins[-1].offset - new if ins else len(after) + 1
        if out == 0 and (before or outs[-1].leads):
            result.append(Piece("moved", outs[-1].text, "", outs.pop().id))
        elif into == 0 and (after or ins[-1].leads):
            result.append(Piece("moved", "", ins[-1].text, ins.pop().id))
        elif out >= len(before) and into >= len(after):
            break
        else:
            gone, come = (min(out, into),) * 2 if same else (out, into)
            gone, come = min(gone, len(before)), min(come, len(after))
            result += _piece(before[:gone], after[:come])
            before, after = before[gone:], after[come:]
            old, new = old + gone, new + come
    return result + _piece(before, after)


def joined(steps: Iterable[Step]) -> list[Step]:
    """Merge neighbouring equal steps, and neighbouring changed ones."""
    return _merged(steps, True)


def joined_equal(steps: Iterable[Step]) -> list[Step]:
    """Merge neighbouring equal steps only."""
    return _merged(steps, False)


def _merged(steps: Iterable[Step], changed: bool) -> list[Step]:
    result: list[Step] = []
    for before, after in steps:
        if not before and not after:
            continue
        same = before == after
        if result and (result[-1][0] == result[-1][1]) == same and (same or changed):
            result[-1] = (result[-1][0] + before, result[-1][1] + after)
        else:
            result.append((before, after))
    return result


def _piece(before: str, after: str) -> list[Piece]:
    if before == after:
        return [Piece("equal", before, before)] if before else []
    return [Piece(kind_of(before, after), before, after)]


def kind_of(before: str, after: str) -> Literal["equal", "insert", "delete", "replace"]:
    """Return what happens in a step."""
    if before == after:
        return "equal"
    if not before:
        return "insert"
    return "replace" if after else "delete"


def _numbered(found: list[Piece]) -> list[Piece]:
    """Number the changes by their first place, both halves of a moved phrase alike."""
    ids: dict[int, int] = {}
    result, count = [], 0
    for piece in found:
        number = ids.get(piece.id, 0) if piece.kind == "moved" else 0
        if piece.kind != "equal" and not number:
            count += 1
            number = count
        if piece.kind == "moved":
            ids[piece.id] = number
        result.append(Piece(piece.kind, piece.before, piece.after, number))
    return result
