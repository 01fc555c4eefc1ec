"""Every version of the training images: grid found unasked, native pixels as they were drawn.

Truth is the image each version was made from. A small sample runs always, all with --full, which
prints the table.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image, ImageFilter

from bespoke_gui.core.imagefile import read_rgb
from bespoke_gui.core.pixels.grid import detect, full_frame
from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.pixels.merge import FILE_TAU, merge_palette, needs_merge
from bespoke_gui.core.pixels.native import off_grid, to_native
from tests.core.ciede2000 import delta_e2000, srgb_to_lab

SIDE, CELLS = 512, 24
CELL = SIDE / CELLS
OFF_GRID = ("lady_012", "lady_030", "lady_031")
NEAREST, LANCZOS, BICUBIC = (
    Image.Resampling.NEAREST,
    Image.Resampling.LANCZOS,
    Image.Resampling.BICUBIC,
)


@dataclass(frozen=True)
class Version:
    """make(image of 512 px, native image); cell: px (x, y) of a cell; left, top: where cell 0 is.

    exact: every cell comes back; else at most `far` of mean DeltaE2000, merged where `merge`.
    found: the share of images whose grid is sure; of the rest it is right and doubted.
    """

    make: Callable[[Image.Image, Image.Image], Image.Image]
    cell: tuple[float, float] = (CELL, CELL)
    left: float = 0
    top: float = 0
    exact: bool = True
    far: float = 0.0
    merge: bool = False
    found: float = 1.0

    @property
    def full_frame(self) -> bool:
        return self.left == self.top == 0


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def noisy(image: Image.Image, sigma: float) -> Image.Image:
    values = np.asarray(image) + np.random.default_rng(7).normal(0, sigma, (*image.size, 3))
    return Image.fromarray(np.clip(values, 0, 255).round().astype(np.uint8))


def padded(image: Image.Image) -> Image.Image:
    canvas = Image.new("RGB", (image.width + 40, image.height + 24), (9, 99, 40))
    canvas.paste(image, (13, 5))
    return canvas


def nearest(width: int, height: int) -> Version:
    return Version(
        lambda _, native: native.resize((width, height), NEAREST), (width / CELLS, height / CELLS)
    )


VERSIONS = {
    "512 as drawn": Version(lambda image, _: image),
    "256 lanczos": Version(
        lambda image, _: image.resize((256, 256), LANCZOS), (256 / 24, 256 / 24)
    ),
    "768 bicubic": Version(lambda image, _: image.resize((768, 768), BICUBIC), (32, 32)),
    "500 lanczos": Version(
        lambda image, _: image.resize((500, 500), LANCZOS), (500 / 24, 500 / 24)
    ),
    "blur 2": Version(lambda image, _: image.filter(ImageFilter.GaussianBlur(2))),
    "480 nearest": nearest(480, 480),
    "500 nearest": nearest(500, 500),
    "600 nearest": nearest(600, 600),
    "333 nearest": nearest(333, 333),
    "512 x 600 nearest": nearest(512, 600),
    "cropped at 7, 11": Version(lambda image, _: image.crop((7, 11, 512, 512)), left=-7, top=-11),
    "512 x 400 crop": Version(lambda image, _: image.crop((0, 0, 512, 400))),
    "330 x 512 crop": Version(lambda image, _: image.crop((100, 0, 430, 512)), left=-100),
    "padded by 13, 5": Version(lambda image, _: padded(image), left=13, top=5),
    "jpeg 75": Version(lambda image, _: jpeg(image, 75), exact=False, far=0.40),
    "jpeg 50": Version(lambda image, _: jpeg(image, 50), exact=False, far=0.80),
    "noise 8": Version(lambda image, _: noisy(image, 8), exact=False, far=0.40, merge=True),
    "blur 2, noise 8": Version(
        lambda image, _: noisy(image.filter(ImageFilter.GaussianBlur(2)), 8),
        exact=False,
        far=0.40,
        merge=True,
        found=0.95,
    ),
    "700 bicubic, jpeg 60, cropped": Version(
        lambda image, _: jpeg(image.resize((700, 700), BICUBIC), 60).crop((9, 4, 690, 688)),
        (700 / 24, 700 / 24),
        left=-9,
        top=-4,
        exact=False,
        far=0.80,
    ),
    "jpeg 50, cropped": Version(
        lambda image, _: jpeg(image, 50).crop((7, 11, 512, 512)),
        left=-7,
        top=-11,
        exact=False,
        far=0.80,
    ),
}


@dataclass(frozen=True)
class Outcome:
    """found: whether the grid is sure; exact: share of cells; far: mean DeltaE2000."""

    found: bool
    exact: float
    far: float


def indices(count: int, size: float, offset: float, cell: float, first: float) -> np.ndarray:
    """Return which true cell the middle of each found cell lies in, along one axis."""
    return np.floor((offset + (np.arange(count) + 0.5) * size - first) / cell).astype(int)


def seen(length: int, cell: float, first: float) -> np.ndarray:
    """Return the true cells whose middle is in the picture."""
    middles = first + (np.arange(CELLS) + 0.5) * cell
    return np.flatnonzero((middles > 0) & (middles < length))


def judge(rgb: np.ndarray, grid: Grid, version: Version, truth: np.ndarray) -> Outcome:
    xs = indices(grid.columns, grid.cell_width, grid.offset_x, version.cell[0], version.left)
    ys = indices(grid.rows, grid.cell_height, grid.offset_y, version.cell[1], version.top)
    complete = all(
        (np.diff(found) == 1).all() and np.isin(seen(length, cell, first), found).all()
        for found, length, cell, first in (
            (xs, rgb.shape[1], version.cell[0], version.left),
            (ys, rgb.shape[0], version.cell[1], version.top),
        )
    )
    native = to_native(rgb, grid)
    native = merge_palette(native, FILE_TAU) if version.merge else native
    in_x, in_y = (xs >= 0) & (xs < CELLS), (ys >= 0) & (ys < CELLS)
    got, expected = native[in_y][:, in_x], truth[ys[in_y]][:, xs[in_x]]
    exact = (got == expected).all(axis=2).mean()
    far = delta_e2000(srgb_to_lab(got), srgb_to_lab(expected)).mean()
    sure = grid.verdict == "pixel_art"
    assert complete or not sure, grid
    return Outcome(sure, float(exact), float(far))


def outcomes(version: Version, images: list[np.ndarray]) -> dict[str, list[Outcome]]:
    """Return the outcomes with the grid unknown and, where the frame is full, known."""
    result: dict[str, list[Outcome]] = {"unknown": [], "known": []}
    for image in images:
        truth = to_native(image, full_frame(SIDE, SIDE, CELLS, CELLS))
        made = version.make(Image.fromarray(image), Image.fromarray(truth))
        rgb = np.array(made.convert("RGB"))
        result["unknown"].append(judge(rgb, detect(rgb), version, truth))
        known = full_frame(rgb.shape[1], rgb.shape[0], CELLS, CELLS)
        if version.full_frame and abs(known.cell_height - version.cell[1]) < 1e-6:
            result["known"].append(judge(rgb, known, version, truth))
    return result


def expect(name: str, images: list[np.ndarray]) -> str:
    """Hold a version to what it promises; return its line of the table."""
    version = VERSIONS[name]
    found = outcomes(version, images)
    words = [f"{name:30s}"]
    for how, each in found.items():
        if each:
            share = np.mean([one.found for one in each])
            exact, far = np.mean([one.exact for one in each]), np.mean([one.far for one in each])
            words.append(f"{how}: found {share:7.2%} cells exact {exact:7.2%} dE00 {far:.3f}")
            assert share >= version.found, (name, how)
            assert exact == 1 if version.exact else far <= version.far, (name, how)
    return "   ".join(words)


@pytest.fixture(scope="module")
def on_grid():
    """The 200 training images that are exactly 24 x 24 cells, as 512 px pictures."""
    from tests.conftest import SHARED

    paths = sorted((SHARED / "data" / "punks" / "train_512px").glob("*.png"))
    return [read_rgb(path) for path in paths if not path.name.startswith(OFF_GRID)]


@pytest.mark.punks
@pytest.mark.parametrize("name", sorted(VERSIONS))
def test_some_of_every_version(on_grid, name):
    expect(name, on_grid[7::40])


@pytest.mark.punks
@pytest.mark.full
@pytest.mark.parametrize("name", sorted(VERSIONS))
def test_all_of_every_version(on_grid, name, capsys):
    assert len(on_grid) == 200
    line = expect(name, on_grid)
    with capsys.disabled():
        print(f"\n{line}", end="")


@pytest.mark.punks
def test_the_native_files_agree_with_195_training_images(punks):
    grid = full_frame(SIDE, SIDE, CELLS, CELLS)
    same = [
        np.array_equal(to_native(read_rgb(path), grid), read_rgb(punks / "native_24px" / path.name))
        for path in sorted((punks / "train_512px").glob("*.png"))
        if (punks / "native_24px" / path.name).exists()
    ]
    assert (len(same), sum(same)) == (202, 195)


@pytest.mark.punks
def test_generations_lie_on_the_grid_and_are_merged(punks):
    paths = sorted((punks / "generations_512px").glob("*.png"))
    natives = []
    for path in paths:
        rgb = read_rgb(path)
        grid = detect(rgb)
        assert (grid.columns, grid.rows, grid.verdict) == (CELLS, CELLS, "pixel_art"), path.name
        natives.append(to_native(rgb, grid))
    assert len(natives) == 7
    # Decided once for all of a gallery, so that methods never mix.
    assert needs_merge(natives)
    originals = sorted((punks / "native_24px").glob("*.png"))
    assert not needs_merge(read_rgb(path) for path in originals)


@pytest.mark.punks
def test_what_an_artist_drew_off_the_grid_is_found_without_knowing_it(punks):
    expected = {
        "lady_012": [(4, 13, 1)],
        "lady_030": [(4, 12, 8), (5, 12, 30)],
        "lady_031": [(4, 12, 8), (5, 12, 30)],
    }
    for start, cells in expected.items():
        (path,) = (punks / "train_512px").glob(f"{start}_*.png")
        rgb = read_rgb(path)
        grid = detect(rgb)
        assert (grid.columns, grid.rows, grid.verdict) == (CELLS, CELLS, "pixel_art")
        found = off_grid(rgb, grid, to_native(rgb, grid))
        assert [(cell.column, cell.row, cell.pixels) for cell in found] == cells
