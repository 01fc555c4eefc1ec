import json
import shutil

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import (
    EpochInfo,
    identical_epochs,
    import_gallery,
    open_gallery,
    record,
    target_name,
)
from bespoke_gui.core.gallery_names import Place, from_kohya, metadata, split_stem
from bespoke_gui.core.protocol import builtin_protocol, generation_id
from tests.core.gallery_kit import BLUE, GREEN, make_gallery, portrait, protocol, write_png


def test_a_recorded_gallery_opens_with_all_its_places(tmp_path):
    rates = {1: EpochInfo("a-000001.safetensors", "ab", 5e-5), 0: EpochInfo()}
    gallery = open_gallery(make_gallery(tmp_path / "g", run="run-1", epochs=(0, 1)))
    record(tmp_path / "g", protocol(), epochs=rates)
    gallery = open_gallery(tmp_path / "g")
    assert gallery.epochs == [0, 1]
    assert gallery.prompts == ["green_lad", "blue_lady"]
    assert gallery.seeds == [1, 2]
    assert len(gallery.cells) == 8
    assert gallery.learning_rate(1) == 5e-5
    assert gallery.learning_rate(0) is None
    assert gallery.info.run == "run-1"
    assert gallery.generation_id == generation_id(protocol())
    assert gallery.problems == []
    image = gallery.cells[(1, "green_lad", 2)]
    assert image.name == "epoch_01/green_lad_2.png"
    assert target_name(image) == image.name


def test_recording_again_keeps_epochs_of_the_same_protocol_only(tmp_path):
    record(tmp_path, protocol(), run="r", epochs={1: EpochInfo("one")})
    record(tmp_path, protocol(), epochs={2: EpochInfo("two")})
    info = json.loads((tmp_path / "gallery.json").read_text())
    assert [info["epochs"][n]["file"] for n in ("1", "2")] == ["one", "two"]
    assert info["run"] == "r"
    record(tmp_path, protocol(steps=5), epochs={3: EpochInfo("three")})
    assert list(json.loads((tmp_path / "gallery.json").read_text())["epochs"]) == ["3"]


def test_a_plain_folder_opens_as_unknown(tmp_path):
    for epoch in (1, 10):
        write_png(tmp_path / f"epoch_{epoch:02d}" / "quality_lad_1.png", portrait(seed=epoch))
    gallery = open_gallery(tmp_path)
    assert gallery.epochs == [1, 10]
    assert gallery.prompts == ["quality_lad_1"]
    assert gallery.seeds == [None]
    assert (gallery.protocol, gallery.generation_id) == (None, "")


def test_metadata_places_an_image_wherever_it_lies(tmp_path):
    data = {"epoch": 3, "prompt": "green_lad", "seed": 7, "text": "a lad"}
    write_png(tmp_path / "anything.png", portrait(), data)
    gallery = open_gallery(tmp_path)
    assert list(gallery.cells) == [(3, "green_lad", 7)]
    assert metadata(tmp_path / "anything.png") == data


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"epoch": "8"}'])
def test_foreign_or_broken_metadata_is_nothing(tmp_path, text):
    from PIL import Image, PngImagePlugin

    info = PngImagePlugin.PngInfo()
    info.add_text("bespoke", text)
    Image.fromarray(portrait()).save(tmp_path / "x.png", pnginfo=info)
    with pytest.raises(AppError, match="no image of an epoch"):
        open_gallery(tmp_path)


STEMS = {
    ("green_lad_42", (), ()): Place(0, "green_lad", 42),
    ("quality_lad_1", (), ()): Place(0, "quality_lad_1"),
    ("quality_lad_1", ("quality_lad_1",), ()): Place(0, "quality_lad_1"),
    ("quality_lad_1_7", ("quality_lad_1",), ()): Place(0, "quality_lad_1", 7),
    ("lad_3", ("lad",), (3,)): Place(0, "lad", 3),
    ("lad", ("lad",), ()): Place(0, "lad"),
}


@pytest.mark.parametrize("case", STEMS)
def test_file_names_are_split_into_prompt_and_seed(case):
    assert split_stem(*case) == STEMS[case]


def test_sample_names_of_sd_scripts():
    assert from_kohya("n_e000004_01_20251110120000_42", ("a", "b")) == Place(4, "b", 42)
    assert from_kohya("n_e000004_00_20251110120000") == Place(4, "prompt_01")
    assert from_kohya("n_000400_00_20251110120000_42") is None
    assert from_kohya("portrait") is None


@pytest.mark.punks
def test_real_samples_of_sd_scripts_open(fixtures):
    gallery = open_gallery(fixtures / "sdscripts" / "samples")
    assert set(gallery.cells) == {
        (0, "prompt_01", 42), (0, "prompt_02", None), (1, "prompt_01", 42), (1, "prompt_02", None),
    }  # fmt: skip


def test_what_fits_nothing_is_named_and_the_rest_goes_on(tmp_path):
    make_gallery(tmp_path, epochs=(1,))
    write_png(tmp_path / "stray.png", portrait())
    write_png(tmp_path / "Epoch 1" / "green_lad_1.png", portrait())
    gallery = open_gallery(tmp_path)
    assert len(gallery.cells) == 4
    assert {problem.code for problem in gallery.problems} == {"no_epoch", "same_place"}


def test_a_loose_folder_takes_images_without_an_epoch(tmp_path):
    write_png(tmp_path / "a.png", portrait())
    gallery = open_gallery(tmp_path, loose=True)
    assert gallery.epochs == []
    assert [image.name for image in gallery.images()] == ["a.png"]


def test_a_missing_image_is_said(tmp_path):
    make_gallery(tmp_path, epochs=(1, 2))
    for seed in (1, 2):
        (tmp_path / "epoch_02" / f"blue_lady_{seed}.png").unlink()
    problems = open_gallery(tmp_path).problems
    assert [problem.code for problem in problems] == ["missing_images"]
    assert "epoch 2 blue_lady" in problems[0].message


def test_epochs_with_the_same_pixels_are_noted_though_metadata_differ(tmp_path):
    for epoch, colour in ((0, GREEN), (1, GREEN), (2, BLUE)):
        data = {"epoch": epoch, "prompt": "lad", "seed": 1}
        write_png(tmp_path / f"epoch_{epoch:02d}" / "lad_11.png", portrait(colour), data)
    gallery = open_gallery(tmp_path)
    assert identical_epochs(gallery) == [(0, 1)]
    assert "LoRA off and epoch 1 hold the same images" in gallery.problems[0].message


def test_one_different_image_makes_epochs_different(tmp_path):
    for epoch in (1, 2):
        write_png(tmp_path / f"epoch_{epoch:02d}" / "a.png", portrait(seed=0))
        write_png(tmp_path / f"epoch_{epoch:02d}" / "b.png", portrait(seed=epoch))
    assert identical_epochs(open_gallery(tmp_path)) == []


def test_an_import_copies_and_changes_nothing(tmp_path):
    source = tmp_path / "source"
    write_png(source / "epoch_04" / "lad.png", portrait())
    before = (source / "epoch_04" / "lad.png").read_bytes()
    gallery = import_gallery(source, tmp_path / "dest")
    assert (source / "epoch_04" / "lad.png").read_bytes() == before
    assert gallery.cells[(4, "lad", None)].path.read_bytes() == before
    assert not gallery.info.generation_id
    with pytest.raises(AppError, match="not empty"):
        import_gallery(source, tmp_path / "dest")


def test_an_import_under_a_declared_protocol_says_so(tmp_path):
    write_png(tmp_path / "s" / "epoch_04" / "green_lad.png", portrait())
    gallery = import_gallery(tmp_path / "s", tmp_path / "d", protocol(seeds=(42,)))
    assert gallery.info.declared
    assert list(gallery.cells) == [(4, "green_lad", 42)]


def test_an_import_of_a_recorded_gallery_keeps_its_record(tmp_path):
    make_gallery(tmp_path / "s", epochs=(1,))
    gallery = import_gallery(tmp_path / "s", tmp_path / "d")
    assert gallery.generation_id == generation_id(protocol())
    assert not gallery.info.declared


@pytest.mark.parametrize("content", ["{", "[]", '{"epochs": {"x": {}}}', '{"epochs": {"1": 3}}'])
def test_a_broken_record_gives_one_line(tmp_path, content):
    make_gallery(tmp_path, epochs=(1,))
    (tmp_path / "gallery.json").write_text(content)
    with pytest.raises(AppError, match=r"gallery\.json"):
        open_gallery(tmp_path)


def test_no_folder_and_an_empty_folder_are_said(tmp_path):
    with pytest.raises(AppError, match="is no folder"):
        open_gallery(tmp_path / "none")
    with pytest.raises(AppError, match="no image of an epoch"):
        open_gallery(tmp_path)


@pytest.mark.punks
def test_the_epoch_grid_of_the_reference_run_opens(punks, tmp_path):
    gallery = open_gallery(punks / "epoch_grid_24px")
    assert gallery.epochs == list(range(1, 11))
    assert gallery.prompts == [prompt.name for prompt in builtin_protocol().prompts]
    assert len(gallery.cells) == 70
    assert gallery.problems == []
    shutil.copytree(punks / "epoch_grid_24px" / "epoch_03", tmp_path / "epoch_03")
    shutil.copytree(punks / "epoch_grid_24px" / "epoch_03", tmp_path / "epoch_04")
    assert identical_epochs(open_gallery(tmp_path)) == [(3, 4)]
