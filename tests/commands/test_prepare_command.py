"""Command prepare, as a person calls it."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.__main__ import console
from bespoke_gui.core.imagefile import read_rgb
from bespoke_gui.core.project import create_project


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    rng = np.random.default_rng(4)
    for name in ("one", "two"):
        cells = rng.integers(0, 256, (9, 3), dtype=np.uint8)[rng.integers(0, 9, (24, 24))]
        image = Image.fromarray(cells).resize((512, 512), Image.Resampling.NEAREST)
        image.save(folder / f"{name}.png")
        (folder / f"{name}.txt").write_text(name)
    return folder


@pytest.fixture
def call(capsys):
    def run(*arguments):
        code = console([*map(str, arguments), "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out), err

    return run


def test_json_has_the_promised_keys(source, tmp_path, call):
    code, data, _ = call("prepare", source, tmp_path / "out", "--size", "384")
    assert code == 0
    assert set(data) >= {"images", "summary"}
    assert data["summary"]["native_exact"] == 2
    assert data["summary"]["captions"] == 2
    image = data["images"]["one.png"]
    assert (image["colours_before"], image["colours_after"]) == (9, 9)
    assert image["native_exact"] is True
    assert image["note"] == ""
    assert read_rgb(tmp_path / "out" / "one.png").shape == (384, 384, 3)


def test_in_words(source, tmp_path, capsys):
    assert console(["prepare", str(source), str(tmp_path / "out"), "--size", "192"]) == 0
    out = capsys.readouterr().out
    assert "2 images, 2 captions; native pixels exact in 2; colours an image 9 -> 9" in out


def test_lanczos_warns_loudly(source, tmp_path, capsys):
    arguments = ["--size", "256", "--method", "lanczos"]
    assert console(["prepare", str(source), str(tmp_path / "out"), *arguments]) == 0
    out = capsys.readouterr().out
    assert "warning: lanczos turned 9 colours an image into" in out
    assert "--method pixel" in out


def test_captions_and_background(source, tmp_path, call):
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "one.txt").write_text("other")
    options = ["--size", "192", "--native", "24", "--captions", texts, "--background", "#102030"]
    code, data, _ = call("prepare", source, tmp_path / "out", *options)
    assert code == 0
    assert (tmp_path / "out" / "one.txt").read_text() == "other"
    assert data["summary"]["background"] == "#102030"
    assert data["summary"]["native"] == 24


def test_decisions_about_pixels_off_the_grid(source, tmp_path, call):
    image = Image.open(source / "two.png")
    image.putpixel((250, 250), (1, 2, 3))
    image.save(source / "two.png")
    code, data, _ = call("prepare", source, tmp_path / "a", "--size", "384")
    assert code == 0
    assert data["images"]["two.png"]["off_grid"] == "ask"
    assert "off_grid_undecided" in [p["code"] for p in data["problems"]]
    options = ["--size", "384", "--decide", "two.png=leave_out", "--off-grid", "keep"]
    code, data, _ = call("prepare", source, tmp_path / "b", *options)
    assert (code, set(data["images"]), data["summary"]["left_out"]) == (
        0,
        {"one.png"},
        ["two.png"],
    )
    options = ["--size", "384", "--off-grid", "keep"]
    _, data, _ = call("prepare", source, tmp_path / "c", *options)
    assert (read_rgb(tmp_path / "c" / "two.png") == (1, 2, 3)).all(axis=-1).any()


def test_the_rest_of_an_uneven_size_as_asked(source, tmp_path, call):
    code, data, _ = call("prepare", source, tmp_path / "out", "--size", "256", "--fit", "pad-cells")
    assert code == 0
    assert data["images"]["one.png"]["cell_px"] == 8
    assert data["summary"]["native_exact"] == 2


def test_sets_are_listed_and_restored(source, tmp_path, call, capsys):
    project = create_project(tmp_path / "punks", source).project
    out = project.prepared_dir / "pixel_384"
    assert call("prepare", project.folder, out, "--size", "384")[0] == 0
    _, data, _ = call("prepare", project.folder, "--sets")
    assert data["sets"]["pixel_384"]["complete"] is True
    wanted = (out / "one.png").read_bytes()
    (out / "one.png").unlink()
    (out / "two.txt").write_text("by hand")
    _, data, _ = call("prepare", project.folder, "--sets")
    assert data["sets"]["pixel_384"]["state"] == ["1 file missing", "1 file changed by hand"]
    code, data, _ = call("prepare", "--restore", out)
    assert (code, data["same"], data["files"]) == (0, 4, 4)
    assert (out / "one.png").read_bytes() == wanted
    assert [Path(path).read_text() for path in data["put_aside"]] == ["by hand"]
    code, data, _ = call("prepare", "--restore", out / "manifest.json", tmp_path / "elsewhere")
    assert (code, data["same"]) == (0, 4)
    assert console(["prepare", str(project.folder), "--sets"]) == 0
    assert "pixel_384: 2 images, complete" in capsys.readouterr().out


def test_a_broken_image_makes_the_code_one(source, tmp_path, call):
    (source / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    code, data, _ = call("prepare", source, tmp_path / "out", "--size", "384")
    assert code == 1
    assert set(data["images"]) == {"one.png", "two.png"}
    assert data["problems"][0]["file"] == "bad.png"


@pytest.mark.parametrize(
    "options",
    [
        ["--size", "0"],
        ["--size", "384", "--method", "magic"],
        ["--size", "12", "--native", "24"],
        [],
    ],
)
def test_wrong_usage_is_two(source, tmp_path, call, options):
    assert call("prepare", source, tmp_path / "out", *options)[0] == 2
    assert not (tmp_path / "out").exists()


def test_arguments_that_make_no_sense(source, tmp_path):
    for options in (["--size", "big"], ["--size", "384", "--background", "red"], ["--fit", "x"]):
        with pytest.raises(SystemExit) as caught:
            console(["prepare", str(source), str(tmp_path / "out"), *options])
        assert caught.value.code == 2


def test_in_place_is_refused_in_one_line(source, call):
    code, data, err = call("prepare", source, source, "--size", "384")
    assert code == 1
    assert "never changed in place" in data["error"]["message"]
    assert len(err.strip().splitlines()) == 1


@pytest.mark.punks
def test_the_real_set_names_the_three_edited_images(punks, tmp_path, call):
    options = ["--size", "384", "--native", "24", "--captions", punks / "captions_after"]
    code, data, _ = call("prepare", punks / "train_512px", tmp_path / "out", *options)
    assert code == 0
    exact = [name for name, image in data["images"].items() if image["native_exact"]]
    assert len(exact) == 200
    named = {p["file"][:8] for p in data["problems"] if p["code"] == "off_grid_pixels"}
    assert named == {"lady_012", "lady_030", "lady_031"}
