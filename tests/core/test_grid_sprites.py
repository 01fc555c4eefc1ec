"""The native grid of drawn sprites: every cell exactly, or doubt; never a wrong grid claimed."""

import io

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from bespoke_gui.core.pixels.codes import pack
from bespoke_gui.core.pixels.grid import detect, full_frame
from bespoke_gui.core.pixels.lines import coarsest, edge_places, is_sharp, pair
from bespoke_gui.core.pixels.native import to_native
from tests.core.sprite_kit import (
    NEAREST,
    SPRITES,
    Scene,
    fixes_grid,
    is_identity,
    scene,
    seen_cells,
)

# Side by side at most: what a test of seconds can afford.
MOST_PIXELS = 1_200_000
MARGINS = st.one_of(st.just((0, 0, 0, 0)), st.tuples(*[st.integers(0, 45)] * 4))


@st.composite
def scenes(draw) -> Scene:
    """A sprite of 12 to 96 cells a side at 4 to 40 px a cell, padded or cropped or neither."""
    drawer = SPRITES[draw(st.sampled_from(sorted(SPRITES)))]
    columns, rows = draw(st.integers(12, 96)), draw(st.integers(12, 96))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    scale = draw(st.one_of(st.floats(4, 40), st.integers(4, 40).map(float)))
    tall = draw(st.one_of(st.just(1.0), st.floats(0.5, 2)))
    scales = scale, min(max(scale * tall, 4.0), 40.0)
    assume(columns * scales[0] * rows * scales[1] <= MOST_PIXELS)
    made = scene(drawer(rng, columns, rows), scales, draw(MARGINS), draw(MARGINS))
    assume(min(made.rgb.shape[:2]) >= 8 and fixes_grid(seen_cells(made)))
    return made


def check(made: Scene) -> None:
    grid = detect(made.rgb)
    assert grid.verdict != "pixel_art" or is_identity(made, grid), grid


@settings(max_examples=120, deadline=None)
@given(scenes())
def test_a_sprite_is_given_back_or_doubted(made):
    check(made)


@pytest.mark.full
@settings(max_examples=4000, deadline=None)
@given(scenes())
def test_many_sprites_are_given_back_or_doubted(made):
    check(made)


@settings(max_examples=80, deadline=None)
@given(
    kind=st.sampled_from(sorted(SPRITES)),
    size=st.tuples(st.integers(12, 96), st.integers(12, 96)),
    scale=st.one_of(st.floats(2, 12), st.floats(2, 40)),
    seed=st.integers(0, 2**32),
)
def test_a_known_grid_gives_every_cell_back(kind, size, scale, seed):
    assume(size[0] * size[1] * scale**2 <= MOST_PIXELS)
    cells = SPRITES[kind](np.random.default_rng(seed), *size)
    # Rounded down, a cell could be less than 2 px.
    sides = [int(np.ceil(side * scale)) for side in size]
    rgb = scene(cells, (sides[0] / size[0], sides[1] / size[1])).rgb
    assert np.array_equal(to_native(rgb, full_frame(sides[0], sides[1], *size)), cells)


@pytest.mark.parametrize("kind", sorted(SPRITES))
def test_most_sprites_are_found(kind):
    found = tried = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        columns = int(rng.integers(16, 49))
        cells = SPRITES[kind](rng, columns, columns)
        made = scene(cells, (rng.uniform(5, 16),) * 2)
        if fixes_grid(cells):
            grid = detect(made.rgb)
            tried += 1
            found += grid.verdict == "pixel_art" and is_identity(made, grid)
    assert tried >= 10
    assert found >= 0.8 * tried


# What once was a wrong grid claimed, from some 7,000 sprites: sprite, seed, size, scale, pad, crop.
ONCE_WRONG = {
    "every third line, rows not": ("checker", 4, (44, 30), (17.31, 9.44), (0,) * 4, (0,) * 4),
    "twice as long as wide": ("mirrored", 198, (71, 71), (8.0, 4.01), (0,) * 4, (0,) * 4),
    "three times as long": ("dither", 133, (13, 13), (27.53, 9.1), (33, 13, 1, 22), (0,) * 4),
    "a tie of rounding": ("checker", 324, (36, 36), (11.82, 11.82), (0,) * 4, (21, 19, 19, 18)),
    "drawn with a brush of two": ("doubled", 35, (33, 33), (5.88, 5.88), (0,) * 4, (0,) * 4),
    "bands": ("stripes", 16, (42, 42), (28.0, 28.0), (0,) * 4, (80, 25, 47, 34)),
}


@pytest.mark.parametrize("case", sorted(ONCE_WRONG))
def test_patterns_that_tempt_a_coarser_grid(case):
    kind, seed, size, scales, pad, crop = ONCE_WRONG[case]
    for more in range(20):
        cells = SPRITES[kind](np.random.default_rng(seed + more), *size)
        made = scene(cells, scales, pad, crop)
        if fixes_grid(seen_cells(made)):
            check(made)


def test_one_cell_that_betrays_the_finer_grid_is_doubted_and_many_are_believed():
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    cells = coarse.repeat(2, 0).repeat(2, 1)
    cells[5, 7] ^= 0x80
    assert detect(scene(cells, (4.0, 4.0)).rgb).verdict == "unsure"
    for place in (3, 9, 13, 21, 27):
        cells[place, 31 - place] ^= 0x80
    grid = detect(scene(cells, (4.0, 4.0)).rgb)
    assert (grid.columns, grid.rows, grid.verdict) == (32, 32, "pixel_art")


@pytest.mark.parametrize("sizes", [(333, 500), (512, 700), (480, 401)])
def test_art_resized_twice_to_nearest_pixels_is_found(sizes):
    cells = SPRITES["noise"](np.random.default_rng(2), 24, 24)
    first = Image.fromarray(cells).resize((sizes[0],) * 2, NEAREST)
    rgb = np.array(first.resize((sizes[1],) * 2, NEAREST))
    grid = detect(rgb)
    assert (grid.columns, grid.rows, grid.verdict) == (24, 24, "pixel_art")
    assert np.array_equal(to_native(rgb, grid), cells)


@pytest.mark.parametrize("kind", ["checker", "doubled", "stripes"])
@pytest.mark.parametrize("how", ["lanczos", "blur", "jpeg"])
def test_damage_does_not_hide_the_finer_grid(kind, how):
    for seed in range(8):
        rng = np.random.default_rng(seed)
        cells = SPRITES[kind](rng, 32, 32)
        for place in rng.integers(4, 28, (6, 2)):
            cells[tuple(place)] = rng.choice([(255, 0, 255), (0, 255, 0), (255, 255, 0)])
        image = Image.fromarray(scene(cells, (12.0, 12.0)).rgb)
        grid = detect(damaged(image, how))
        assert grid.verdict != "pixel_art" or (grid.columns, grid.rows) == (32, 32), seed


def damaged(image: Image.Image, how: str) -> np.ndarray:
    if how == "lanczos":
        return np.array(image.resize((300, 300), Image.Resampling.LANCZOS))
    if how == "blur":
        return np.array(image.filter(ImageFilter.GaussianBlur(1)))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=75)
    return np.array(Image.open(file))


def test_lines_are_exact():
    places = np.array([4, 13, 22, 30, 39, 56])
    lines = coarsest(places, 70)
    assert lines is not None
    assert lines.lowest <= 8.7 <= lines.highest
    assert np.abs(places - lines.offset - lines.period * lines.numbers).max() <= 0.5 + 1e-6
    assert coarsest(np.array([3, 5, 8, 13, 14, 22, 29, 31, 40]), 70) is None
    assert is_sharp(places)
    assert not is_sharp(np.array([3, 4, 9]))


def test_lines_of_large_pictures_are_as_exact():
    numbers = np.flatnonzero(np.random.default_rng(0).random(1500) < 0.5)[1:]
    places = np.ceil(4.37 * numbers + 1.2 - 0.5).astype(int)
    lines = coarsest(places, 6560)
    assert lines is not None
    assert lines.lowest - 1e-5 <= 4.37 <= lines.highest + 1e-5
    assert lines.highest - lines.lowest < 0.001
    assert np.array_equal(np.diff(lines.numbers), np.diff(numbers))


def test_a_few_edges_that_fit_by_chance_are_doubted():
    # Multiples of 4, from a sprite of 35 x 85 cells; 5.13 px fits them as well.
    x = coarsest(np.array([8, 28, 44, 100, 116, 136]), 140)
    y = coarsest(np.array([28, 104, 176, 268]), 340)
    assert x is not None
    assert y is not None
    assert x.period == pytest.approx(5.13, abs=0.01)
    assert not pair(x, y)[2]


def test_a_gap_in_which_one_cell_more_or_less_fits_is_doubted():
    # Multiples of 6, none from 54 to 282; at 6.14 px there would be one cell less between.
    lines = coarsest(np.array([12, 24, 36, 42, 48, 54, 282, 288, 300, 312]), 330)
    other = coarsest(np.array([*range(24, 150, 12)]), 168)
    assert lines is not None
    assert other is not None
    assert lines.period > 6.1
    assert lines.rival
    assert not pair(lines, other)[2]
    assert not other.rival


def test_a_comb_with_an_edge_beside_it_is_no_longer_comb():
    # Multiples of 20 and 4 beyond them: at 5 px each edge is half a pixel off, all the same way.
    lines = coarsest(np.array([20, 24, 40, 44, 60, 64, 80]), 88)
    assert lines is not None
    assert lines.period == pytest.approx(4)


def test_edges_are_found_where_any_row_changes():
    rgb = np.zeros((6, 9, 3), np.uint8)
    rgb[2, 5:] = 1
    codes = pack(rgb)
    assert edge_places(codes).tolist() == [5]
    assert edge_places(codes.T).tolist() == [2, 3]


def test_cells_are_square_where_one_axis_says_little():
    fine = coarsest(np.arange(1, 20) * 7, 140)
    few = coarsest(np.array([7, 42, 56, 77, 91]), 140)
    assert fine is not None
    assert few is not None
    x, y, sure = pair(fine, few)
    assert (x.period, y.period, sure) == (7, 7, True)
    twice = coarsest(np.arange(1, 10) * 14, 140)
    assert twice is not None
    assert not pair(fine, twice)[2]
