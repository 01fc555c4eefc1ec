"""Nearly equal sets are found without comparing each with each, and nothing else is."""

import random

from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.near_sets import near_pairs


def alike(first, second):
    return len(set(first) & set(second)) / len(set(first) | set(second))


def test_as_comparing_each_with_each():
    chance = random.Random(1)
    base = [chance.sample(range(400), 20) for _ in range(60)]
    sets = base + [[*row[1:], 1000 + n] for n, row in enumerate(base)]
    near = near_pairs(sets, 0.85)
    for first in range(len(sets)):
        expected = {
            second
            for second in range(len(sets))
            if second != first and 0.85 <= alike(sets[first], sets[second]) < 1
        }
        assert {second for second, _ in near.get(first, [])} == expected


@given(st.lists(st.lists(st.integers(0, 12), max_size=9, unique=True), max_size=12))
def test_what_is_found_is_alike_and_mutual(sets):
    near = near_pairs(sets, 0.7, fewest=2)
    for index, row in near.items():
        for other, share in row:
            assert share == alike(sets[index], sets[other])
            assert 0.7 <= share < 1
            assert index in {back for back, _ in near[other]}
