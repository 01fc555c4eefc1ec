"""The native grid: found where it is, doubted elsewhere, never claimed for photographs."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from bespoke_gui.core.imagefile import read_rgb
from bespoke_gui.core.pixels.grid import detect, full_frame, known_native
from bespoke_gui.core.pixels.native import off_grid, to_native

NEAREST = Image.Resampling.NEAREST


def sprite(columns: int, rows: int, seed: int = 0) -> np.ndarray:
    """A picture of few colours whose edges fix the grid on both axes."""
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (12, 3), dtype=np.uint8)
    return palette[rng.integers(0, 12, (rows, columns))]


def enlarged(cells: np.ndarray, width: int, height: int) -> np.ndarray:
    return np.array(Image.fromarray(cells).resize((width, height), NEAREST))


def shape(grid):
    return grid.columns, grid.rows, grid.verdict


@settings(max_examples=60, deadline=None)
@given(
    columns=st.integers(12, 64),
    rows=st.integers(12, 64),
    scale=st.floats(4, 14),
    seed=st.integers(0, 1000),
)
def test_an_enlarged_sprite_is_found_or_doubted_never_mistaken(columns, rows, scale, seed):
    cells = sprite(columns, rows, seed)
    rgb = enlarged(cells, round(columns * scale), round(rows * scale))
    grid = detect(rgb)
    if grid.verdict == "pixel_art":
        assert (grid.columns, grid.rows) == (columns, rows)
        assert np.array_equal(to_native(rgb, grid), cells)


@pytest.mark.parametrize("scale", [2, 3, 4, 5.5, 8, 10.67, 16, 21.33, 32, 42.67])
def test_scales_of_a_square_sprite(scale):
    cells = sprite(24, 24)
    side = round(24 * scale)
    grid = detect(enlarged(cells, side, side))
    assert shape(grid) == (24, 24, "pixel_art")
    assert grid.cell_width == pytest.approx(side / 24)
    assert grid.offset_x == grid.offset_y == 0
    # At 5.5 px the lines alternate between whole pixels.
    assert grid.score > 0.9


def test_a_crop_keeps_period_and_offset():
    cells = sprite(24, 24)
    rgb = enlarged(cells, 512, 512)[11:, 7:]
    grid = detect(rgb)
    assert grid.verdict == "pixel_art"
    assert grid.cell_width == pytest.approx(512 / 24, abs=0.05)
    assert grid.offset_x == pytest.approx(-7, abs=0.6)
    assert grid.offset_y == pytest.approx(512 / 24 - 11, abs=0.6) or grid.offset_y == pytest.approx(
        -11, abs=0.6
    )
    native = to_native(rgb, grid)
    assert np.array_equal(native[-23:, -23:], cells[-23:, -23:])
    assert off_grid(rgb, grid, native) == [] or len(native) == 23


def test_padding_moves_the_offset():
    rgb = np.full((530, 540, 3), 9, dtype=np.uint8)
    rgb[5:517, 13:525] = enlarged(sprite(24, 24), 512, 512)
    grid = detect(rgb)
    assert grid.verdict == "pixel_art"
    assert grid.offset_x % grid.cell_width == pytest.approx(13, abs=0.6)
    assert grid.offset_y % grid.cell_height == pytest.approx(5, abs=0.6)


def test_cells_need_not_be_square():
    cells = sprite(24, 24)
    grid = detect(enlarged(cells, 512, 600))
    assert shape(grid) == (24, 24, "pixel_art")
    assert grid.cell_height == pytest.approx(25)


def test_noise_and_jpeg_do_not_mislead():
    rgb = enlarged(sprite(24, 24), 512, 512)
    rng = np.random.default_rng(3)
    noisy = np.clip(rgb + rng.normal(0, 6, rgb.shape), 0, 255).round().astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=50)
    for picture in (noisy, np.array(Image.open(file))):
        grid = detect(picture)
        assert shape(grid) == (24, 24, "pixel_art")


def test_small_pictures_are_their_own_native_image():
    for size in (12, 16, 24, 32):
        grid = detect(sprite(size, size))
        assert shape(grid) == (size, size, "pixel_art")
        assert (grid.cell_width, grid.cell_height) == (1, 1)
    assert shape(detect(sprite(96, 64))) == (96, 64, "pixel_art")


def test_one_colour_says_nothing():
    for side in (1, 2, 24, 512):
        grid = detect(np.full((side, side, 3), 77, dtype=np.uint8))
        assert grid.verdict == "unsure"
        assert (grid.columns, grid.rows) == (side, side)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 3), (5, 300), (300, 5), (3, 3)])
def test_odd_sizes_are_answered(size):
    rgb = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    grid = detect(rgb)
    cells = to_native(rgb, grid)
    assert cells.shape == (grid.rows, grid.columns, 3)


def cloud(seed: int, side: int = 256) -> Image.Image:
    """Smooth noise at several scales: a stand-in for a photograph."""
    rng = np.random.default_rng(seed)
    total = np.zeros((side, side, 3))
    for level in (4, 8, 16, 32, 64, 128):
        noise = rng.integers(0, 256, (level, level, 3), dtype=np.uint8)
        layer = Image.fromarray(noise).resize((side, side), Image.Resampling.BICUBIC)
        total += np.asarray(layer, dtype=float) / level
    total = (total - total.min()) / (total.max() - total.min())
    return Image.fromarray((total * 255).astype(np.uint8))


def test_photographs_and_gradients_are_never_accepted():
    ramp = np.linspace(0, 255, 512).astype(np.uint8)
    gradient = np.repeat(np.broadcast_to(ramp, (512, 512))[..., None], 3, axis=2)
    pictures = [cloud(seed) for seed in range(6)] + [Image.fromarray(gradient)]
    pictures += [picture.filter(ImageFilter.GaussianBlur(3)) for picture in pictures]
    for picture in pictures:
        assert detect(np.asarray(picture)).verdict != "pixel_art"
        for quality in (10, 30, 75):
            file = io.BytesIO()
            picture.save(file, "JPEG", quality=quality)
            assert detect(np.asarray(Image.open(file))).verdict != "pixel_art"


def test_known_grids():
    grid = full_frame(512, 512, 24, 24)
    assert (grid.cell_width, grid.score, grid.verdict) == (512 / 24, 1.0, "pixel_art")
    assert shape(known_native(512, 256, 24)) == (24, 12, "pixel_art")
    assert shape(known_native(256, 512, 24)) == (12, 24, "pixel_art")


@pytest.mark.punks
def test_every_training_image_is_found(punks):
    paths = sorted((punks / "train_512px").glob("*.png"))
    assert len(paths) == 203
    for path in paths:
        grid = detect(read_rgb(path))
        assert shape(grid) == (24, 24, "pixel_art"), path.name
        assert grid.score >= 0.99


@pytest.mark.punks
def test_natives_generations_and_damaged_images(punks):
    for folder in ("native_24px", "epoch_grid_24px", "generations_512px", "lanczos_256px_sample"):
        for path in sorted((punks / folder).rglob("*.png")):
            assert shape(detect(read_rgb(path))) == (24, 24, "pixel_art"), path.name


@pytest.mark.punks
def test_the_lanczos_set_gives_its_native_pixels_back(punks):
    paths = sorted((punks / "lanczos_256px_sample").glob("*.png"))
    assert len(paths) == 11
    for path in paths:
        rgb = read_rgb(path)
        native = to_native(rgb, detect(rgb))
        assert np.array_equal(native, read_rgb(punks / "native_24px" / path.name)), path.name
        training = read_rgb(punks / "train_512px" / path.name)
        assert np.array_equal(native, to_native(training, full_frame(512, 512, 24, 24)))
