"""Resize methods: pixel-true ones invent no colour, filters do what Pillow does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.pixels.colours import unique_colours
from bespoke_gui.core.pixels.grid import full_frame
from bespoke_gui.core.pixels.native import to_native
from bespoke_gui.core.resize import RESIZERS
from bespoke_gui.core.resize.pixel import block_sizes, enlarge

FILTERS = ("nearest", "box", "bilinear", "bicubic", "hamming", "lanczos")
CELLS = arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(3)))


def test_the_methods_are_there():
    assert set(RESIZERS) == {"pixel", *FILTERS}
    assert [m.name for m in RESIZERS.values() if m.pixel_true] == ["nearest", "pixel"]
    with pytest.raises(AppError, match="no resize method 'area'"):
        RESIZERS["area"]


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("channels", [3, 4])
def test_filters_are_pillows(name, channels):
    image = np.random.default_rng(0).integers(0, 256, (40, 50, channels), dtype=np.uint8)
    result = RESIZERS[name].run(image, (33, 21), None)
    expected = Image.fromarray(image).resize((33, 21), Image.Resampling[name.upper()])
    assert np.array_equal(result, np.asarray(expected))


@settings(max_examples=100, deadline=None)
@given(cells=CELLS, scale=st.integers(4, 9), target=st.integers(24, 120))
def test_pixel_keeps_every_cell_at_every_size(cells, scale, target):
    rows, columns = cells.shape[:2]
    source = cells.repeat(scale, 0).repeat(scale, 1)
    grid = full_frame(columns * scale, rows * scale, columns, rows)
    result = RESIZERS["pixel"].run(source, (target, target), grid)
    assert result.shape == (target, target, 3)
    assert np.array_equal(to_native(result, full_frame(target, target, columns, rows)), cells)
    assert unique_colours(result) == unique_colours(cells)


@settings(max_examples=60, deadline=None)
@given(
    cells=CELLS,
    scale=st.integers(2, 9),
    factor=st.integers(1, 3),
    name=st.sampled_from(["pixel", "nearest", "box"]),
)
def test_whole_factors_are_the_identity_on_cells(cells, scale, factor, name):
    rows, columns = cells.shape[:2]
    source = cells.repeat(scale, 0).repeat(scale, 1)
    size = (columns * scale * factor, rows * scale * factor)
    grid = full_frame(columns * scale, rows * scale, columns, rows)
    result = RESIZERS[name].run(source, size, grid)
    assert np.array_equal(result, cells.repeat(scale * factor, 0).repeat(scale * factor, 1))
    back = RESIZERS[name].run(result, (columns, rows), full_frame(*size, columns, rows))
    assert np.array_equal(back, cells)


def test_pixel_is_whole_blocks_at_whole_factors():
    cells = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    source = np.array(Image.fromarray(cells).resize((512, 512), Image.Resampling.NEAREST))
    result = RESIZERS["pixel"].run(source, (384, 384), full_frame(512, 512, 24, 24))
    assert np.array_equal(result, cells.repeat(16, 0).repeat(16, 1))


def test_pixel_without_a_grid_takes_pixels_as_cells():
    cells = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    assert np.array_equal(
        RESIZERS["pixel"].run(cells, (14, 18), None), cells.repeat(2, 0).repeat(2, 1)
    )


def test_pixel_keeps_transparency():
    cells = np.random.default_rng(0).integers(0, 256, (6, 6, 4), dtype=np.uint8)
    source = cells.repeat(5, 0).repeat(5, 1)
    result = RESIZERS["pixel"].run(source, (18, 18), full_frame(30, 30, 6, 6))
    assert np.array_equal(result, cells.repeat(3, 0).repeat(3, 1))


@given(cells=CELLS, width=st.integers(24, 99), height=st.integers(24, 99))
def test_enlarge_is_nearest_with_no_line_lost(cells, width, height):
    result = enlarge(cells, (width, height))
    rows, columns = cells.shape[:2]
    assert {*block_sizes(columns, width)} <= {width // columns, -(-width // columns)}
    assert np.array_equal(to_native(result, full_frame(width, height, columns, rows)), cells)


def test_block_sizes_say_when_cells_are_uneven():
    assert block_sizes(24, 384) == [16]
    assert block_sizes(24, 256) == [10, 11]
