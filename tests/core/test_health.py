"""Dataset health: outliers, figures, pairing, broken files, cache; the palette of a set."""

import json
import sqlite3

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.core.dataset import scan
from bespoke_gui.core.health import read as reading
from bespoke_gui.core.health.cache import FILE_NAME, FactsCache
from bespoke_gui.core.health.histogram import histogram
from bespoke_gui.core.health.report import dataset_health, read_health
from bespoke_gui.core.health.robust import usual
from bespoke_gui.core.health.set_palette import hex_of, images_with, palette_of
from bespoke_gui.core.pixels.codes import pack
from bespoke_gui.core.project import create_project, save
from tests.core.health_kit import drawn, make_set, write


def kinds(health) -> set[tuple[str, str]]:
    return {(outlier.image, outlier.kind) for outlier in health.outliers}


def test_a_set_of_one_kind_has_no_outliers(tmp_path):
    health = dataset_health(make_set(tmp_path))
    assert health.outliers == []
    assert health.counts(lambda f: f"{f.columns}x{f.rows}") == {"24x24": 12}


def test_planted_outliers_are_named_with_reason_and_limit(tmp_path):
    make_set(tmp_path, 24)
    write(tmp_path, "colourful.png", drawn(50, colours=200))
    write(tmp_path, "empty.png", np.full((24, 24, 3), 128, np.uint8))
    write(tmp_path, "dark.png", (drawn(51) // 12).astype(np.uint8))
    write(tmp_path, "large.png", drawn(52), scale=20)
    write(tmp_path, "coarse.png", drawn(53)[6:18, 4:16], scale=16)
    noise = np.random.default_rng(1).normal(128, 40, (192, 192, 3)).clip(0, 255)
    Image.fromarray(noise.astype(np.uint8)).save(tmp_path / "noise.png")
    stray = drawn(54).repeat(8, axis=0).repeat(8, axis=1)
    stray[3, 3] = (255, 0, 0)
    Image.fromarray(stray).save(tmp_path / "stray.png")
    alpha = Image.fromarray(drawn(55).repeat(8, axis=0).repeat(8, axis=1)).convert("RGBA")
    alpha.putpixel((0, 0), (0, 0, 0, 0))
    alpha.save(tmp_path / "alpha.png")
    Image.open(tmp_path / "p0.png").save(tmp_path / "other.bmp")
    health = dataset_health(scan(tmp_path))
    found = kinds(health)
    wanted = {
        ("colourful.png", "colours"), ("empty.png", "flat"), ("dark.png", "brightness"),
        ("dark.png", "palette"), ("large.png", "size"), ("coarse.png", "native_size"),
        ("noise.png", "no_grid"), ("stray.png", "off_grid"), ("alpha.png", "alpha"),
        ("other.bmp", "format"),
    }  # fmt: skip
    assert wanted <= found
    assert not {image for image, _ in found} & {f"p{number}.png" for number in range(24)}
    colours = next(outlier for outlier in health.outliers if outlier.kind == "colours")
    assert colours.z > 3.5
    assert "200 colours" in colours.reason
    assert "median 12 colours" in colours.limit


def resampled(path):
    """Do what the reference run did: 512 px by nearest, 256 px by Lanczos."""
    with Image.open(path) as image:
        large = image.resize((512, 512), Image.Resampling.NEAREST)
    large.resize((256, 256), Image.Resampling.LANCZOS).save(path)


def test_a_resampled_image_among_clean_ones_is_named(tmp_path):
    make_set(tmp_path, 9)
    resampled(tmp_path / "p4.png")
    health = dataset_health(scan(tmp_path), 24)
    found = [outlier for outlier in health.outliers if outlier.kind == "damaged"]
    assert [outlier.image for outlier in found] == ["p4.png"]
    assert "12 native" in found[0].reason
    assert "images_resampled" not in {problem.code for problem in health.problems}
    assert ("p4.png", "off_grid") not in kinds(health)


def test_a_resampled_set_is_told_once(tmp_path):
    dataset = make_set(tmp_path, 6)
    for item in dataset.items[:5]:
        resampled(item.image)
    health = dataset_health(scan(tmp_path))
    (problem,) = [problem for problem in health.problems if problem.code == "images_resampled"]
    assert problem.message.startswith("5 of 6 images were resampled")
    assert "12 colours an image became" in problem.message
    assert not {kind for _, kind in kinds(health)} & {"damaged", "off_grid"}


def test_several_dataset_folders_are_one_set(tmp_path):
    make_set(tmp_path / "source", 3)
    project = create_project(tmp_path / "project", tmp_path / "source").project
    write(project.folder / "more", "again.png", drawn(1))
    project.dataset_dirs.append((project.folder / "more", 1))
    save(project)
    health = read_health(project.folder)
    assert [group.images for group in health.duplicates] == [("dataset/p1.png", "more/again.png")]


def test_what_is_usual_is_not_moved_by_outliers():
    values = [10.0, 11, 9, 10, 12, 8, 10, 11, 9, 10]
    plain, with_one = usual(values), usual([*values, 1e6])
    assert with_one.median == plain.median
    assert with_one.high < 30
    assert with_one.z(1e6) > 3.5
    assert usual([5.0] * 20).z(6.0) == 0
    assert usual([5.0] * 19 + [90.0]).z(90.0) > 3.5
    assert usual([1.0, 100.0]).z(100.0) == 0


def test_broken_and_empty_files_are_named_and_the_rest_goes_on(tmp_path):
    make_set(tmp_path, 3)
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "half.png").write_bytes((tmp_path / "p0.png").read_bytes()[:200])
    (tmp_path / "text.png").write_text("no image", encoding="utf-8")
    health = dataset_health(scan(tmp_path))
    assert [facts.name for facts in health.images] == ["p0.png", "p1.png", "p2.png"]
    assert {bad.name for bad in health.unreadable} == {"empty.png", "half.png", "text.png"}
    assert all(bad.problem.severity == "error" for bad in health.unreadable)
    assert {bad.problem.file for bad in health.unreadable} == {"empty.png", "half.png", "text.png"}


def test_pairing_and_excluded_images(tmp_path):
    make_set(tmp_path, 4)
    (tmp_path / "p1.txt").unlink()
    (tmp_path / "lonely.txt").write_text("a caption", encoding="utf-8")
    (tmp_path / "excluded.txt").write_text("p2.png\n", encoding="utf-8")
    health = dataset_health(scan(tmp_path))
    assert health.missing_captions == ["p1.png"]
    assert health.orphan_captions == ["lonely.txt"]
    assert health.excluded == 1
    assert "p2.png" not in [facts.name for facts in health.images]


def test_an_empty_set_is_healthy(tmp_path):
    health = dataset_health(scan(tmp_path))
    assert json.dumps(health.as_dict())
    assert (health.images, health.palette.colours, health.colours.bars) == ([], [], [])


def test_a_histogram_holds_every_image_once():
    values = {f"i{n}": value for n, value in enumerate([9, 12, 12, 14, 23, 23, 24, 31, 116])}
    found = histogram(values)
    assert [
        name for bar in found.bars for name in bar.images if not bar.low <= values[name] <= bar.high
    ] == []
    assert sorted(name for bar in found.bars for name in bar.images) == sorted(values)
    assert all(a.high + 1 == b.low for a, b in zip(found.bars, found.bars[1:], strict=False))
    assert found.median == 23


def test_the_palette_counts_cells_and_images(tmp_path):
    one, two = np.zeros((2, 24, 24, 3), np.uint8)
    one[:12] = (200, 30, 30)
    one[11, ::2] = (201, 30, 30)
    one[::2, ::2] = (40, 60, 200)
    two[::2, ::2] = (40, 60, 200)
    for name, cells in (("one.png", one), ("two.png", two)):
        write(tmp_path, name, cells)
    images = dataset_health(scan(tmp_path), 24).images
    apart = {colour.code: colour for colour in palette_of(images, 0).colours}
    cells = pack(np.stack([one, two]))
    assert set(apart) == set(np.unique(cells).tolist())
    for code, colour in apart.items():
        assert colour.cells == int((cells == code).sum())
        assert images_with(images, colour) == [
            name
            for name, image in (("one.png", one), ("two.png", two))
            if (pack(image) == code).any()
        ]
        assert colour.images == len(images_with(images, colour))
    merged = palette_of(images)
    red = next(colour for colour in merged.colours if colour.code == 0xC81E1E)
    assert red.members == (0xC81E1E, 0xC91E1E)
    assert red.as_dict()["merged"] == ["#c91e1e"]
    assert red.cells == apart[0xC81E1E].cells + apart[0xC91E1E].cells
    assert next(hex_of(colour.code) for colour in merged.colours) == "#000000"


def test_a_photograph_is_left_out_of_the_palette(tmp_path):
    make_set(tmp_path, 3)
    noise = np.random.default_rng(1).normal(128, 40, (192, 192, 3)).clip(0, 255)
    Image.fromarray(noise.astype(np.uint8)).save(tmp_path / "noise.png")
    palette = dataset_health(scan(tmp_path)).palette
    assert (palette.images, palette.left_out) == (3, ["noise.png"])
    assert palette.unique <= 36


def test_only_new_and_changed_files_are_read_again(tmp_path, monkeypatch):
    source = tmp_path / "source"
    make_set(source, 5)
    folder = create_project(tmp_path / "project", source).project.folder
    first = read_health(folder).as_dict()
    assert (folder / ".bespoke" / FILE_NAME).is_file()
    read = []
    plain = reading.read_image
    monkeypatch.setattr(reading, "read_image", lambda job: read.append(job[0]) or plain(job))
    assert read_health(folder).as_dict() == first
    assert read == []
    write(folder / "dataset", "p1.png", drawn(77))
    (folder / "dataset" / "p2.png").rename(folder / "dataset" / "q2.png")
    again = read_health(folder)
    assert read == ["p1.png", "q2.png"]
    assert (
        next(f for f in again.images if f.name == "p1.png").cells().tolist() == drawn(77).tolist()
    )
    with sqlite3.connect(folder / ".bespoke" / FILE_NAME) as database:
        assert database.execute("SELECT count(*) FROM facts").fetchone() == (5,)
    database.close()


@pytest.mark.parametrize("content", [b"no database", b""])
def test_a_damaged_cache_costs_time_only(tmp_path, content):
    dataset = make_set(tmp_path / "set", 3)
    cache = FactsCache(tmp_path / "cache")
    wanted = dataset_health(dataset, 24, cache).as_dict()
    cache.path.write_bytes(content)
    assert dataset_health(dataset, 24, cache).as_dict() == wanted
    assert dataset_health(dataset, 24, cache).as_dict() == wanted


def test_a_cache_of_another_shape_is_made_anew(tmp_path):
    dataset = make_set(tmp_path / "set", 2)
    cache = FactsCache(tmp_path / "cache")
    wanted = dataset_health(dataset, 24, cache).as_dict()
    with sqlite3.connect(cache.path) as database:
        database.execute("UPDATE facts SET data = '{\"sha256\": 1}'")
    database.close()
    assert dataset_health(dataset, 24, cache).as_dict() == wanted


@pytest.mark.punks
def test_the_lanczos_set_is_recognised(punks):
    health = read_health(punks / "lanczos_256px_sample")
    (problem,) = [problem for problem in health.problems if problem.code == "images_resampled"]
    total = len(health.images)
    assert problem.message.startswith(f"{total} of {total} images were resampled")
    assert all(facts.columns == 24 for facts in health.images)


@pytest.mark.punks
def test_the_reference_set_in_figures(punks):
    health = read_health(punks / "train_512px", 24)
    assert len(health.images) == 203
    assert health.counts(lambda f: f"{f.width}x{f.height}") == {"512x512": 203}
    assert health.colours.median == 23
    off = {o.image for o in health.outliers if o.kind == "off_grid"}
    assert off == {"lady_012_parasite.png", "lady_030_grass.png", "lady_031_paprika.png"}
    cells = np.concatenate([np.unique(pack(f.cells())) for f in health.images])
    assert health.palette.unique == len(np.unique(cells))
    black = next(colour for colour in health.palette.colours if colour.code == 0)
    assert black.images == len(images_with(health.images, black)) > 195
    assert len(health.outliers) < 12
