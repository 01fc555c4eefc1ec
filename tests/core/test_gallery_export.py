"""Export: true cells, palettes held, whole upscales, one sheet, nothing written over."""

import json

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.__main__ import console
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import open_gallery
from bespoke_gui.core.gallery_export import (
    ExportWanted,
    chosen_images,
    export_images,
    export_name,
    preview_export,
    training_palette,
)
from bespoke_gui.core.look import Look, read_cells
from bespoke_gui.core.pixels.codes import pack
from tests.core.gallery_kit import make_gallery, portrait, write_png


@pytest.fixture
def gallery(tmp_path):
    return open_gallery(make_gallery(tmp_path / "g", epochs=(1, 2)))


def pixels(path):
    with Image.open(path) as image:
        return np.array(image)


def test_images_come_out_as_their_cells_and_whole_upscales(gallery, tmp_path):
    images = chosen_images(gallery, epochs=[2], prompts=["green_lad"])
    done = export_images(gallery, images, tmp_path / "o", ExportWanted((1, 8), sheet=3))
    assert set(done.files) == {
        "green_lad_1_epoch02.png", "green_lad_2_epoch02.png", "x8/green_lad_1_epoch02.png",
        "x8/green_lad_2_epoch02.png", "sheet.png",
    }  # fmt: skip
    cells = read_cells(images[0].path, Look()).cells
    small = pixels(tmp_path / "o" / "green_lad_1_epoch02.png")
    assert np.array_equal(small, cells)
    large = pixels(tmp_path / "o" / "x8" / "green_lad_1_epoch02.png")
    assert np.array_equal(large, cells.repeat(8, 0).repeat(8, 1))
    sheet = pixels(tmp_path / "o" / "sheet.png")
    assert sheet.shape == (24 * 3, (2 * 25 - 1) * 3, 3)
    assert np.array_equal(sheet[::3, : 24 * 3 : 3], cells)
    assert done.files["x8/green_lad_1_epoch02.png"]["scale"] == 8


def test_a_preview_tells_what_would_be_written_and_writes_nothing(gallery, tmp_path, capsys):
    write_png(tmp_path / "train" / "a.png", portrait((10, 200, 60)))
    wanted = ExportWanted((1, 4), training_palette(tmp_path / "train", Look()), sheet=2, columns=3)
    images = chosen_images(gallery)
    found, done = preview_export(gallery, images, wanted), tmp_path / "o"
    export_images(gallery, images, done, wanted)
    for one in found.images:
        assert np.array_equal(one.after, pixels(done / export_name(one.image)))
        assert np.array_equal(one.before, read_cells(one.image.path, Look()).cells)
        assert one.changed == (one.before != one.after).any(axis=-1).sum()
        assert one.colours_after == len(set(pack(one.after).ravel().tolist()))
        assert one.seen <= one.changed
    assert np.array_equal(found.sheet, pixels(done / "sheet.png")[::2, ::2])
    assert len(preview_export(gallery, images, wanted, most=2).images) == 2
    words = ["gallery", "export", str(gallery.folder), "--out", str(tmp_path / "dry"), "--dry-run",
             "--palette", "training", "--reference", str(tmp_path / "train"), "--json"]  # fmt: skip
    assert console(words) == 0
    told = json.loads(capsys.readouterr().out)["images"]
    assert not (tmp_path / "dry").exists()
    assert {name: one["changed"] for name, one in told.items()} == {
        one.image.name: one.changed for one in found.images
    }


def test_images_are_chosen_freely_by_name(gallery, tmp_path, capsys):
    wanted = ["epoch_02/green_lad_2.png", "epoch_01/green_lad_1.png"]
    found = [image.name for image in chosen_images(gallery, names=wanted)]
    assert sorted(found) == sorted(wanted)
    with pytest.raises(AppError, match="there is no image epoch_09"):
        chosen_images(gallery, names=[*wanted, "epoch_09/hat.png"])
    words = ["gallery", "export", str(gallery.folder), "--out", str(tmp_path / "o")]
    assert console([*words, "--image", *wanted, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["files"]) == 2


def test_a_locked_palette_holds_for_every_cell(gallery, tmp_path):
    write_png(tmp_path / "train" / "a.png", portrait((10, 200, 60)))
    palette = training_palette(tmp_path / "train", Look())
    wanted = ExportWanted(palette=palette, sheet=1)
    done = export_images(gallery, chosen_images(gallery), tmp_path / "o", wanted)
    known = set(pack(palette).tolist())
    for name in done.files:
        if name != "sheet.png":
            assert set(pack(pixels(tmp_path / "o" / name)).ravel().tolist()) <= known


def test_jitter_is_taken_away_as_the_gallery_is_looked_at_or_kept(tmp_path):
    rng = np.random.default_rng(0)
    for number in range(3):
        noisy = portrait(seed=number).astype(int) + rng.integers(-3, 4, (24, 24, 3))
        write_png(
            tmp_path / "g" / "epoch_01" / f"p{number}.png", noisy.clip(0, 255).astype("uint8")
        )
    gallery = open_gallery(tmp_path / "g")
    done = export_images(gallery, gallery.images(), tmp_path / "a", ExportWanted())
    kept = export_images(gallery, gallery.images(), tmp_path / "b", ExportWanted(merge=False))
    assert all(entry["unique_colours"] < 12 for entry in done.files.values())
    assert all(entry["unique_colours"] > 60 for entry in kept.files.values())


def test_nothing_is_written_over_and_nothing_half_done(gallery, tmp_path):
    write_png(tmp_path / "o" / "x2" / "green_lad_2_epoch02.png", portrait())
    images = chosen_images(gallery, [2], ["green_lad"])
    with pytest.raises(AppError) as caught:
        export_images(gallery, images, tmp_path / "o", ExportWanted((1, 2)))
    assert caught.value.kind == "conflict"
    assert len(list((tmp_path / "o").rglob("*.png"))) == 1
    with pytest.raises(AppError, match="scale"):
        export_images(gallery, images, tmp_path / "p", ExportWanted((0,)))
    with pytest.raises(AppError, match="no such image"):
        chosen_images(gallery, epochs=[9])


def test_a_bad_image_is_named_and_the_rest_goes_on(gallery, tmp_path):
    gallery.images()[0].path.write_bytes(b"x")
    again = open_gallery(gallery.folder)
    done = export_images(again, again.images(), tmp_path / "o", ExportWanted())
    assert [problem.file for problem in done.problems] == ["epoch_01/green_lad_1.png"]
    assert len(done.files) == 7


def test_the_command_exports_with_the_training_palette(gallery, tmp_path, capsys):
    write_png(tmp_path / "train" / "a.png", portrait())
    words = ["gallery", "export", str(gallery.folder), "--out", str(tmp_path / "o"), "--epoch", "1",
             "--palette", "training"]  # fmt: skip
    assert console(words) == 2
    assert "which training images" in capsys.readouterr().err
    assert console([*words, "--reference", str(tmp_path / "train"), "--sheet", "4", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert len(data["files"]) == 5
    assert data["files"]["green_lad_1_epoch01.png"]["unique_colours"] <= 4


def test_a_baseline_lora_is_made_again_under_the_same_protocol(tmp_path, capsys):
    """The honest way: the old LoRA asked the same prompts, then compared like for like."""
    from bespoke_gui.core.lorafile import write_tensors

    for name in ("new", "old"):
        tensors = {"lora_unet_a.lora_down.weight": ("F16", (1, 4), (name * 4)[:8].encode())}
        write_tensors(tmp_path / f"{name}-000001.safetensors", tensors, {"ss_epoch": "1"})
    made = tmp_path / "g"
    words = ["generate", str(tmp_path / "new-000001.safetensors"), "--out", str(made)]
    assert console([*words, "--engine", "fake"]) == 0
    capsys.readouterr()
    code = console(["compare", str(made), str(tmp_path / "old-000001.safetensors"), "--regenerate",
                    str(tmp_path / "old"), "--engine", "fake", "--json"])  # fmt: skip
    data = json.loads(capsys.readouterr().out)
    assert (code, data["comparable"], data["basis"]) == (0, True, "recorded")
