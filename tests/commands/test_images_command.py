"""Command images: inspect, native and sheet, as a person calls them."""

import json

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.__main__ import console
from bespoke_gui.core.imagefile import read_rgb


def cells(seed: int, size: int = 24) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (9, 3), dtype=np.uint8)[rng.integers(0, 9, (size, size))]


@pytest.fixture
def folder(tmp_path):
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    for name, seed in (("a.png", 1), ("deep/b.png", 2)):
        image = Image.fromarray(cells(seed)).resize((512, 512), Image.Resampling.NEAREST)
        image.save(source / name)
    return source


@pytest.fixture
def call(capsys):
    def run(*arguments):
        code = console([*map(str, arguments), "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out), err

    return run


def test_inspect_tells_grid_colours_and_oddities(folder, call):
    (folder / "broken.png").write_bytes((folder / "a.png").read_bytes()[:500])
    code, data, _ = call("images", "inspect", folder)
    assert code == 1
    assert set(data["images"]) == {"a.png", "deep/b.png"}
    image = data["images"]["deep/b.png"]
    assert (image["width"], image["height"], image["unique_colours"]) == (512, 512, 9)
    assert image["distinct_colours"] <= 9
    assert image["transparent"] is False
    grid = image["grid"]
    assert (grid["columns"], grid["rows"], grid["verdict"]) == (24, 24, "pixel_art")
    assert grid["cell_width"] == pytest.approx(512 / 24)
    assert set(grid) == {
        "columns",
        "rows",
        "cell_width",
        "cell_height",
        "offset_x",
        "offset_y",
        "score",
        "verdict",
    }
    assert [(p["file"], p["severity"]) for p in data["problems"]] == [("broken.png", "error")]


def test_inspect_takes_files_and_says_it_in_words(folder, capsys):
    assert console(["images", "inspect", str(folder / "a.png")]) == 0
    out = capsys.readouterr().out
    assert "a.png: 512x512, pixel_art (1.00), 24x24 cells of 21.33 px, 9 colours" in out


def test_native_of_a_folder(folder, tmp_path, call):
    before = (folder / "a.png").read_bytes()
    code, data, _ = call("images", "native", folder, tmp_path / "out")
    assert code == 0
    assert np.array_equal(read_rgb(tmp_path / "out" / "a.png"), cells(1))
    assert np.array_equal(read_rgb(tmp_path / "out" / "deep" / "b.png"), cells(2))
    image = data["images"]["a.png"]
    assert (image["columns"], image["rows"], image["unique_colours"]) == (24, 24, 9)
    assert (folder / "a.png").read_bytes() == before


def test_native_again_is_fine_but_overwrites_nothing(folder, tmp_path, call):
    call("images", "native", folder, tmp_path / "out")
    assert call("images", "native", folder, tmp_path / "out")[0] == 0
    (tmp_path / "out" / "a.png").write_bytes(b"mine")
    code, data, _ = call("images", "native", folder, tmp_path / "out")
    assert code == 1
    assert (tmp_path / "out" / "a.png").read_bytes() == b"mine"
    assert [p["message"] for p in data["problems"]] == ["is there already and differs"]


def test_native_of_one_file_to_one_file(folder, tmp_path, call):
    code, _, _ = call("images", "native", folder / "a.png", tmp_path / "x.png", "--size", "24")
    assert code == 0
    assert np.array_equal(read_rgb(tmp_path / "x.png"), cells(1))


def test_native_never_replaces_its_source(folder, call):
    before = (folder / "a.png").read_bytes()
    code, _, _ = call("images", "native", folder / "a.png", folder / "a.png", "--size", "24")
    assert code == 1
    assert (folder / "a.png").read_bytes() == before
    assert call("images", "native", folder, folder / "out")[0] == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.hex", "000000\n#ffffff\n\n"),
        ("p.gpl", "GIMP Palette\nName: two\nColumns: 2\n#\n  0   0   0 black\n255 255 255\n"),
        ("p.png", ""),
    ],
)
def test_native_snaps_to_a_palette(folder, tmp_path, call, name, text):
    path = tmp_path / name
    if text:
        path.write_text(text)
    else:
        Image.fromarray(np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)).save(path)
    code, data, _ = call("images", "native", folder, tmp_path / "out", "--palette", path)
    assert code == 0
    assert data["images"]["a.png"]["unique_colours"] <= 2
    written = read_rgb(tmp_path / "out" / "a.png")
    assert {*np.unique(written)} <= {0, 255}
    light = cells(1).astype(int).sum(axis=-1)
    assert (written[light > 700] == 255).all()
    assert (written[light < 100] == 0).all()


@pytest.mark.parametrize("text", ["", "blue\n", "12345\n"])
def test_a_bad_palette_is_one_line(folder, tmp_path, call, text):
    path = tmp_path / "bad.hex"
    path.write_text(text)
    code, data, err = call("images", "native", folder, tmp_path / "out", "--palette", path)
    assert code == 1
    assert str(path) in err
    assert "colour" in data["error"]["message"]
    assert not (tmp_path / "out").exists()


def test_a_photograph_is_refused_and_the_rest_goes_on(folder, tmp_path, call):
    noise = Image.effect_noise((150, 150), 60).resize((600, 600), Image.Resampling.BICUBIC)
    noise.convert("RGB").save(folder / "photo.png")
    code, data, _ = call("images", "native", folder, tmp_path / "out")
    assert code == 1
    assert set(data["images"]) == {"a.png", "deep/b.png"}
    assert data["problems"][0]["file"] == "photo.png"
    assert "--size" in data["problems"][0]["hint"]


def test_unknown_methods_and_sizes_are_usage_errors(folder, tmp_path, call):
    assert call("images", "native", folder, tmp_path / "o", "--method", "magic")[0] == 2
    with pytest.raises(SystemExit) as caught:
        console(["images", "native", str(folder), str(tmp_path / "o"), "--size", "many"])
    assert caught.value.code == 2


def test_native_locked_to_a_palette_needs_one(folder, tmp_path, call):
    given = ("images", "native", folder, tmp_path / "out", "--method", "palette_locked")
    code, data, _ = call(*given)
    assert code == 1
    assert "needs a palette" in data["problems"][0]["message"]
    palette = tmp_path / "two.hex"
    palette.write_text("102030\nf0e0d0\n")
    assert call(*given, "--palette", palette)[0] == 0
    found = {tuple(colour) for colour in read_rgb(tmp_path / "out" / "a.png").reshape(-1, 3)}
    assert found <= {(16, 32, 48), (240, 224, 208)}


def test_sheet_holds_every_native_image(folder, tmp_path, call):
    out = tmp_path / "made" / "sheet.png"
    code, data, _ = call("images", "sheet", folder, "--out", out, "--columns", "2", "--scale", "3")
    assert code == 0
    assert data["path"] == str(out)
    sheet = read_rgb(out)
    assert sheet.shape == (24 * 3, 49 * 3, 3)
    assert np.array_equal(sheet[1::3, 1::3][:, :24], cells(1))
    assert np.array_equal(sheet[1::3, 1::3][:, 25:], cells(2))


def test_missing_paths_are_said(tmp_path, call):
    code, data, _ = call("images", "inspect", tmp_path / "none.png")
    assert code == 1
    assert data["problems"][0]["message"] == "does not exist"


@pytest.mark.punks
def test_the_lanczos_sample_becomes_the_native_set(punks, tmp_path, call):
    code, data, _ = call("images", "native", punks / "lanczos_256px_sample", tmp_path / "out")
    assert code == 0
    assert len(data["images"]) == 11
    for name in data["images"]:
        assert np.array_equal(
            read_rgb(tmp_path / "out" / name), read_rgb(punks / "native_24px" / name)
        )


def test_inspect_tells_which_pixels_are_off_the_grid(folder, call, capsys):
    rgb = read_rgb(folder / "a.png")
    rgb[200:203, 111] ^= 0x80
    Image.fromarray(rgb).save(folder / "a.png")
    _, data, _ = call("images", "inspect", folder)
    image = data["images"]["a.png"]
    assert image["off_grid"] == [{"column": 5, "row": 9, "pixels": 3}]
    assert image["off_grid_places"] == [[111, 200], [111, 201], [111, 202]]
    assert data["images"]["deep/b.png"]["off_grid_pixels"] == 0
    assert console(["images", "inspect", str(folder / "a.png")]) == 0
    assert "3 pixels off the grid in cells column 5 row 9" in capsys.readouterr().out


def test_inspect_of_a_damaged_image_lists_no_pixels(tmp_path, call):
    image = Image.fromarray(cells(1)).resize((512, 512), Image.Resampling.NEAREST)
    image.save(tmp_path / "a.jpg", quality=75)
    image = call("images", "inspect", tmp_path)[1]["images"]["a.jpg"]
    assert image["grid"]["columns"] == 24
    assert image["off_grid_pixels"] > 10_000
    assert image["off_grid"] == image["off_grid_places"] == []


def enlarged(values: np.ndarray) -> Image.Image:
    return Image.fromarray(values).resize((240, 240), Image.Resampling.NEAREST)


def test_native_keeps_transparency(tmp_path, call):
    rgba = np.dstack([cells(3), np.full((24, 24), 255, np.uint8)])
    # White on nothing: on white paper the sprite would have no edge.
    rgba[2:22, 2:6] = (255, 255, 255, 255)
    rgba[:2] = rgba[22:] = (9, 8, 7, 0)
    rgba[10, 10, 3] = 128
    enlarged(rgba).save(tmp_path / "a.png")
    code, data, _ = call("images", "native", tmp_path, tmp_path.parent / "native_out")
    assert code == 0
    image = Image.open(tmp_path.parent / "native_out" / "a.png")
    assert image.mode == "RGBA"
    expected = rgba.copy()
    expected[rgba[..., 3] == 0] = 0
    assert np.array_equal(np.asarray(image), expected)
    seen = rgba[rgba[..., 3] > 0][:, :3]
    assert data["images"]["a.png"]["unique_colours"] == len(np.unique(seen, axis=0))
    assert data["images"]["a.png"]["transparent"] is True


def test_native_of_palette_sixteen_bit_and_turned_images(tmp_path, call):
    source = tmp_path / "in"
    source.mkdir()
    wanted = cells(4)
    enlarged(wanted).convert("P", palette=Image.Palette.ADAPTIVE).save(source / "palette.png")
    grey = np.random.default_rng(0).integers(0, 256, (24, 24)).astype(np.uint16) * 257
    Image.fromarray(grey.repeat(10, 0).repeat(10, 1)).save(source / "sixteen.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = Image.fromarray(np.rot90(wanted))
    turned = turned.resize((240, 240), Image.Resampling.NEAREST)
    turned.save(source / "turned.tif", exif=exif)
    code, data, _ = call("images", "native", source, tmp_path / "out")
    assert code == 0
    assert {name: image["columns"] for name, image in data["images"].items()} == {
        "palette.png": 24,
        "sixteen.png": 24,
        "turned.tif": 24,
    }
    assert np.array_equal(read_rgb(tmp_path / "out" / "palette.png"), wanted)
    assert np.array_equal(read_rgb(tmp_path / "out" / "sixteen.png")[..., 0], grey // 257)
    assert np.array_equal(read_rgb(tmp_path / "out" / "turned.png"), wanted)


@pytest.mark.punks
def test_native_of_the_lanczos_set_is_the_native_set(punks, tmp_path, call):
    code, data, _ = call("images", "native", punks / "lanczos_256px_sample", tmp_path / "out")
    assert code == 0
    assert len(data["images"]) == 11
    for name in data["images"]:
        written = read_rgb(tmp_path / "out" / name)
        assert np.array_equal(written, read_rgb(punks / "native_24px" / name)), name
