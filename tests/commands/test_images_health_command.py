"""Commands images health and images palette, as a person calls them."""

import json

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core.pixels.palette import read_palette
from bespoke_gui.core.project import create_project
from tests.core.health_kit import drawn, make_set, write


@pytest.fixture
def call(capsys):
    def run(*arguments):
        code = console([*map(str, arguments), "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else {}, err

    return run


def test_health_of_a_folder(tmp_path, call):
    make_set(tmp_path)
    near = drawn(2).copy()
    near[10, 10] = (255, 255, 255)
    write(tmp_path, "near.png", near, caption="")
    (tmp_path / "lonely.txt").write_text("a caption", encoding="utf-8")
    code, data, _ = call("images", "health", tmp_path)
    assert code == 0
    assert data["images"] == 13
    (pair,) = data["near_duplicates"]
    assert (pair["a"], pair["b"], pair["cells"], pair["where"]) == (
        "near.png",
        "p2.png",
        1,
        [[10, 10]],
    )
    assert data["resolutions"] == {"192x192": 13}
    assert data["native_sizes"] == {"24x24": 13}
    assert sum(len(bar["images"]) for bar in data["colours"]["bars"]) == 13
    assert data["missing_captions"] == ["near.png"]
    assert data["orphan_captions"] == ["lonely.txt"]
    assert {"duplicates", "outliers", "palette", "backgrounds"} <= set(data)


def test_health_of_a_project_names_what_is_broken(tmp_path, call):
    make_set(tmp_path / "source", 3)
    folder = create_project(tmp_path / "project", tmp_path / "source").project.folder
    (folder / "dataset" / "bad.png").write_bytes(b"no image")
    code, data, _ = call("images", "health", folder)
    assert (code, data["images"]) == (1, 3)
    assert [bad["name"] for bad in data["unreadable"]] == ["bad.png"]
    assert any(problem["file"] == "bad.png" for problem in data["problems"])


def test_health_says_what_is_wrong_with_the_folder(tmp_path, call):
    code, _, err = call("images", "health", tmp_path)
    assert code == 1
    assert "holds no images" in err
    assert call("images", "health", tmp_path / "nowhere")[0] == 1


@pytest.mark.parametrize("suffix", [".gpl", ".hex", ".png"])
def test_palette_is_what_native_then_snaps_to(tmp_path, call, suffix):
    make_set(tmp_path / "set", 3)
    out = tmp_path / f"set{suffix}"
    code, data, _ = call("images", "palette", tmp_path / "set", "--out", out, "--merge", "0")
    assert code == 0
    wanted = [colour["colour"] for colour in data["colours"]]
    assert [f"#{bytes(colour).hex()}" for colour in read_palette(out)] == wanted
    assert data["unique"] == len(wanted)
    native = tmp_path / "native"
    assert call("images", "native", tmp_path / "set", native, "--palette", out)[0] == 0


def test_palette_never_overwrites_an_image_it_reads(tmp_path, call):
    make_set(tmp_path, 2)
    before = (tmp_path / "p0.png").read_bytes()
    assert call("images", "palette", tmp_path, "--out", tmp_path / "p0.png")[0] == 2
    assert (tmp_path / "p0.png").read_bytes() == before
