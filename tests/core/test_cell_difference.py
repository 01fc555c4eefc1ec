"""Differences of native images: counts, heat and palettes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.cell_difference import difference, palette_of


def cells(seed):
    return np.random.default_rng(seed).integers(0, 256, (5, 7, 3), dtype=np.uint8)


def test_equal_images_have_no_difference():
    found = difference(cells(1), cells(1))
    assert (found.changed, found.clear, found.mean) == (0, 0, 0.0)
    assert not found.heat()[..., 3].any()


def test_one_cell_is_found_and_a_faint_one_is_not_clear():
    one = cells(2)
    other = one.copy()
    other[1, 2] = 255 - other[1, 2]
    faint = int(other[3, 3, 0])
    other[3, 3, 0] = faint - 1 if faint else 1
    found = difference(one, other)
    assert (found.changed, found.clear) == (2, 1)
    heat = found.heat()[..., 3]
    assert (heat > 0).sum() == 2
    assert heat[1, 2] > heat[3, 3] > 0


def test_other_sizes_are_not_compared():
    assert difference(cells(1), cells(1)[:4]) is None


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_it_does_not_matter_which_one_comes_first(first, second):
    one, other = difference(cells(first), cells(second)), difference(cells(second), cells(first))
    assert one.changed == other.changed
    assert np.allclose(one.distance, other.distance)


@given(st.integers(0, 1000))
def test_a_palette_counts_every_cell_once(seed):
    found = palette_of(cells(seed) // 64 * 64)
    assert sum(count for _, count in found) == 35
    assert [count for _, count in found] == sorted((c for _, c in found), reverse=True)
