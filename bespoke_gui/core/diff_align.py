"""Alignment of two lists of words or phrases: which of them stayed in their order."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

Pair = tuple[int, int]
Region = tuple[int, int, int, int]

# difflib visits every pair of equal items once for each block it finds; beyond this many visits
# only items that are there once on both sides are aligned.
MOST_VISITS = 20_000_000
DEEPEST = 8


def matches(old: Sequence[str], new: Sequence[str], most: bool = False) -> list[Pair]:
    """Return (index in old, index in new) of the equal items that kept their order.

    Long stretches are preferred; with `most` as many items as possible where none is there
    twice. Time grows with n log n however long or repetitive the lists are.
    """
    length = min(len(old), len(new))
    head = next((n for n in range(length) if old[n] != new[n]), length)
    length -= head
    tail = next((n for n in range(length) if old[-1 - n] != new[-1 - n]), length)
    ends = (len(old) - tail, len(new) - tail)
    region = (head, ends[0], head, ends[1])
    rising = most and _all_once(old[head : ends[0]]) and _all_once(new[head : ends[1]])
    return [
        *((n, n) for n in range(head)),
        *(_unique(old, new, region) if rising else _inner(old, new, region, 0)),
        *((ends[0] + n, ends[1] + n) for n in range(tail)),
    ]


def _inner(old: Sequence[str], new: Sequence[str], region: Region, depth: int) -> Iterator[Pair]:
    i, j, k, end = region
    if i == j or k == end:
        return
    if _visits(old[i:j], new[k:end]) <= MOST_VISITS:
        blocks = difflib.SequenceMatcher(None, old[i:j], new[k:end], False).get_matching_blocks()
        for block in blocks:
            yield from ((i + block.a + n, k + block.b + n) for n in range(block.size))
        return
    anchors = _unique(old, new, region) if depth < DEEPEST else []
    for at, to in anchors:
        yield from _inner(old, new, (i, at, k, to), depth + 1)
        yield at, to
        i, k = at + 1, to + 1
    if anchors:
        yield from _inner(old, new, (i, j, k, end), depth + 1)


def _visits(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how long difflib would take at most, in visits of a pair of equal items."""
    counts = Counter(old)
    return sum(counts[item] for item in new) * min(len(old), len(new))


def _unique(old: Sequence[str], new: Sequence[str], region: Region) -> list[Pair]:
    """Return the longest rising run of pairs of items that are there once on each side."""
    i, j, k, end = region
    once, places = _once(old, i, j), _once(new, k, end)
    pairs = [(at, places[item]) for item, at in once.items() if item in places]
    return _longest_rising(sorted(pairs))


def _once(items: Sequence[str], start: int, end: int) -> dict[str, int]:
    counts = Counter(items[start:end])
    return {items[n]: n for n in range(start, end) if counts[items[n]] == 1}


def _all_once(items: Sequence[str]) -> bool:
    return len(set(items)) == len(items)


def _longest_rising(pairs: list[Pair]) -> list[Pair]:
    """Return the longest part of `pairs` (sorted by the first) in which the second rises."""
    ends: list[int] = []
    heads: list[int] = []
    before: list[int] = []
    for index, (_, value) in enumerate(pairs):
        at = bisect_left(ends, value)
        before.append(heads[at - 1] if at else -1)
        ends[at : at + 1] = [value]
        heads[at : at + 1] = [index]
    result = []
    index = heads[-1] if heads else -1
    while index >= 0:
        result.append(pairs[index])
        index = before[index]
    return result[::-1]
