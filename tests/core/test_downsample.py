"""Downsamplers: the identity on clean art, and what each is for on damaged art."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageFilter

from bespoke_gui.core.downsample import DOWNSAMPLERS
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.imagefile import read_rgb
from bespoke_gui.core.pixels.grid import full_frame
from bespoke_gui.core.pixels.merge import merge_palette
from bespoke_gui.core.pixels.native import OffGridCell, off_grid, to_native
from tests.core.ciede2000 import delta_e2000, srgb_to_lab

NAMES = ("median", "centre", "mode", "box", "nearest")
CELLS = arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 30), st.just(3)))


def enlarged(cells, width, height):
    return np.array(Image.fromarray(cells).resize((width, height), Image.Resampling.NEAREST))


def test_the_methods_are_there_and_described():
    assert set(NAMES) <= set(DOWNSAMPLERS)
    for method in DOWNSAMPLERS.values():
        assert method.title
        assert method.hint.endswith(".")
    with pytest.raises(AppError, match="no downsampler 'cubic'"):
        to_native(np.zeros((4, 4, 3), np.uint8), full_frame(4, 4, 2, 2), "cubic")


@settings(max_examples=150, deadline=None)
@given(cells=CELLS, extra=st.tuples(st.integers(0, 90), st.integers(0, 90)))
def test_nearest_enlargement_comes_back_exactly(cells, extra):
    rows, columns = cells.shape[:2]
    width, height = 4 * columns + extra[0], 4 * rows + extra[1]
    rgb = enlarged(cells, width, height)
    grid = full_frame(width, height, columns, rows)
    for name in ("median", "centre", "mode", "nearest"):
        assert np.array_equal(to_native(rgb, grid, name), cells), name
    assert off_grid(rgb, grid, cells) == []


@settings(max_examples=100, deadline=None)
@given(cells=CELLS, scale=st.floats(2, 4))
def test_small_cells_come_back_too(cells, scale):
    rows, columns = cells.shape[:2]
    width, height = int(np.ceil(scale * columns)), int(np.ceil(scale * rows))
    rgb = enlarged(cells, width, height)
    assert np.array_equal(to_native(rgb, full_frame(width, height, columns, rows)), cells)


@given(cells=CELLS, scale=st.integers(2, 9))
def test_k_centroid_gives_enlarged_art_back_exactly(cells, scale):
    rows, columns = cells.shape[:2]
    rgb = cells.repeat(scale, 0).repeat(scale, 1)
    grid = full_frame(columns * scale, rows * scale, columns, rows)
    assert np.array_equal(to_native(rgb, grid, "k_centroid"), cells)


def test_k_centroid_takes_the_mean_of_the_larger_group():
    rgb = np.zeros((10, 10, 3), np.uint8)
    rgb[:6, :] = (200, 100, 0)
    rgb[:6, ::2] = (210, 110, 10)
    assert to_native(rgb, full_frame(10, 10, 1, 1), "k_centroid").tolist() == [[[205, 105, 5]]]
    assert to_native(rgb, full_frame(10, 10, 1, 1), "box").tolist() == [[[123, 63, 3]]]


def test_k_centroid_is_what_k_means_of_the_tile_gives():
    rng = np.random.default_rng(3)
    light, dark = rng.normal(200, 6, (40, 3)), rng.normal(40, 6, (24, 3))
    tile = np.concatenate([light, dark])
    rng.shuffle(tile)
    rgb = tile.clip(0, 255).round().astype(np.uint8).reshape(8, 8, 3)
    wanted = rgb[rgb.mean(axis=2) > 120].mean(axis=0)
    found = to_native(rgb, full_frame(8, 8, 1, 1), "k_centroid")[0, 0]
    assert np.abs(found - wanted).max() <= 0.5


def test_palette_locked_gives_only_colours_of_the_palette():
    rng = np.random.default_rng(4)
    palette = rng.integers(0, 256, (12, 3), np.uint8)
    cells = palette[rng.integers(0, 12, (6, 6))]
    rgb = cells.repeat(8, 0).repeat(8, 1).astype(int) + rng.integers(-3, 4, (48, 48, 3))
    rgb = rgb.clip(0, 255).astype(np.uint8)
    grid = full_frame(48, 48, 6, 6)
    assert np.array_equal(to_native(rgb, grid, "palette_locked", palette), cells)
    with pytest.raises(AppError, match="needs a palette"):
        to_native(rgb, grid, "palette_locked")


@given(cells=CELLS, scale=st.integers(2, 9))
def test_box_is_exact_at_whole_factors(cells, scale):
    rows, columns = cells.shape[:2]
    rgb = cells.repeat(scale, 0).repeat(scale, 1)
    grid = full_frame(columns * scale, rows * scale, columns, rows)
    assert np.array_equal(to_native(rgb, grid, "box"), cells)


def test_a_picture_at_native_size_is_itself():
    cells = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    for name in NAMES:
        assert np.array_equal(to_native(cells, full_frame(24, 24, 24, 24), name), cells)


def test_one_stray_pixel_changes_no_median_and_is_reported():
    cells = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    rgb = cells.repeat(16, 0).repeat(16, 1)
    grid = full_frame(128, 128, 8, 8)
    rgb[3 * 16 + 8, 5 * 16 + 8] ^= 0xFF
    rgb[3 * 16 + 9, 5 * 16 + 8] ^= 0xFF
    native = to_native(rgb, grid)
    assert np.array_equal(native, cells)
    assert off_grid(rgb, grid, native) == [OffGridCell(5, 3, 2)]
    assert not np.array_equal(to_native(rgb, grid, "centre"), cells)


def test_mode_takes_the_most_frequent_colour():
    rgb = np.zeros((16, 16, 3), np.uint8)
    rgb[:, :9] = (10, 20, 30)
    rgb[8, 8] = (250, 0, 0)
    assert to_native(rgb, full_frame(16, 16, 1, 1), "mode").tolist() == [[[10, 20, 30]]]


def test_cells_that_reach_outside_are_read_inside():
    from dataclasses import replace

    cells = np.random.default_rng(1).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    rgb = cells.repeat(10, 0).repeat(10, 1)[4:, 3:]
    grid = replace(full_frame(60, 60, 6, 6), offset_x=-3.0, offset_y=-4.0)
    for name in ("median", "centre", "mode", "nearest"):
        assert np.array_equal(to_native(rgb, grid, name), cells), name


@pytest.fixture(scope="module")
def portraits():
    from tests.conftest import SHARED

    folder = SHARED / "data" / "punks" / "native_24px"
    return [read_rgb(path) for path in sorted(folder.glob("*.png"))[::6]]


def damaged(cells, how):
    image = Image.fromarray(enlarged(cells, 512, 512))
    if how == "jpeg75":
        file = io.BytesIO()
        image.save(file, "JPEG", quality=75)
        return np.array(Image.open(file))
    if how == "noise8":
        noise = np.random.default_rng(7).normal(0, 8, (512, 512, 3))
        return np.clip(np.asarray(image) + noise, 0, 255).round().astype(np.uint8)
    if how == "blur2":
        return np.array(image.filter(ImageFilter.GaussianBlur(2)))
    filter_ = Image.Resampling[how.upper()]
    return np.array(image.resize((256, 256) if how == "lanczos" else (768, 768), filter_))


@pytest.mark.punks
@pytest.mark.parametrize("how", ["lanczos", "bicubic", "blur2"])
def test_the_median_undoes_resampling_and_blur(portraits, how):
    for cells in portraits:
        rgb = damaged(cells, how)
        grid = full_frame(rgb.shape[1], rgb.shape[0], 24, 24)
        assert np.array_equal(to_native(rgb, grid), cells)


@pytest.mark.punks
@pytest.mark.parametrize(("how", "tau"), [("jpeg75", 0.0), ("noise8", 0.02)])
def test_the_median_is_near_under_jpeg_and_noise(portraits, how, tau):
    grid = full_frame(512, 512, 24, 24)
    errors = []
    for cells in portraits:
        native = merge_palette(to_native(damaged(cells, how), grid), tau)
        errors.append(delta_e2000(srgb_to_lab(native), srgb_to_lab(cells)).mean())
    assert np.mean(errors) <= 0.40


@pytest.mark.punks
def test_the_three_edited_images_are_named(punks):
    grid = full_frame(512, 512, 24, 24)
    found = {}
    for path in sorted((punks / "train_512px").glob("*.png")):
        rgb = read_rgb(path)
        cells = off_grid(rgb, grid, to_native(rgb, grid))
        if cells:
            found[path.name[:8]] = sum(cell.pixels for cell in cells)
    assert found == {"lady_012": 1, "lady_030": 38, "lady_031": 38}
