"""The likely native image: the size of the set where it fits, the picture's own grid elsewhere."""

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.core.pixels import likely
from bespoke_gui.core.pixels.likely import likely_native
from tests.core.health_kit import drawn


def enlarged(cells, size):
    return np.asarray(Image.fromarray(cells).resize((size, size), Image.Resampling.NEAREST))


@pytest.fixture
def searched(monkeypatch):
    """Counts how often a grid is searched for."""
    calls = []
    search = likely.detect
    monkeypatch.setattr(likely, "detect", lambda rgb: calls.append(1) or search(rgb))
    return calls


@pytest.mark.parametrize("size", [24, 96, 512, 500])
def test_the_size_of_the_set_is_taken_where_it_fits(size, searched):
    cells = drawn(1)
    found = likely_native(enlarged(cells, size), 24)
    assert np.array_equal(found.cells, cells)
    assert (found.off_pixels, searched) == (0, [])


def test_a_few_pixels_off_the_grid_are_told_and_need_no_search(searched):
    rgb = enlarged(drawn(1), 192).copy()
    rgb[8:10, 0] = (255, 0, 0)
    found = likely_native(rgb, 24)
    assert [(s.column, s.row, s.pixels) for s in found.strays] == [(0, 1, 2)]
    assert searched == []


@pytest.mark.parametrize("native", [0, 20, 48, 600])
def test_another_size_is_searched_for(native, searched):
    """Also twice the true one, on which every cell is of one colour."""
    cells = drawn(1)
    found = likely_native(enlarged(cells, 384), native)
    assert np.array_equal(found.cells, cells)
    assert searched == [1]


def test_what_is_no_pixel_art_has_no_cells():
    noise = np.random.default_rng(1).normal(128, 40, (200, 200, 3)).clip(0, 255).astype(np.uint8)
    found = likely_native(noise, 24)
    assert found.cells is None
    assert found.off_pixels == 0


def test_a_single_colour_fits_any_size():
    found = likely_native(np.full((96, 96, 3), 7, np.uint8), 24)
    assert found.cells.shape == (24, 24, 3)
