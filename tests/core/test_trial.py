"""Trials: a grid of epochs and strengths, LoRA off once, each strength a gallery of its own."""

import json

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import open_gallery
from bespoke_gui.core.gallery_names import prompt_name
from bespoke_gui.core.protocol import generation_id, load_protocol
from bespoke_gui.core.runspec import load_spec
from bespoke_gui.core.trial import keep_prompt, new_trial
from tests.core.gallery_kit import portrait, protocol, write_png


@pytest.fixture
def loras(tmp_path):
    from bespoke_gui.core.lorafile import write_tensors

    folder = tmp_path / "loras"
    folder.mkdir()
    for epoch in (1, 2, 3):
        tensors = {"lora_unet_a.lora_down.weight": ("F32", (1, 2), bytes(8))}
        path = folder / f"x-{epoch:06d}.safetensors"
        write_tensors(path, tensors, {"ss_epoch": str(epoch)})
    return [folder]


def test_several_strengths_are_folders_of_their_own_and_the_base_comes_once(loras, tmp_path):
    trial = new_trial(
        loras, ["A lad, blue hat!", "a lady"], protocol(), tmp_path / "t", epochs=[1, 3],
        strengths=[0.5, 1, 0, 0.5], seeds=[7],
    )  # fmt: skip
    spec = load_spec(trial.run_dir.spec_path)
    made = [(lora.folder, lora.epoch, lora.strength) for lora in spec.loras]
    assert made == [
        ("strength_0", 0, 0.0), ("strength_0.5", 1, 0.5), ("strength_0.5", 3, 0.5),
        ("strength_1", 1, 1), ("strength_1", 3, 1),
    ]  # fmt: skip
    assert trial.wanted[0].path == "strength_0/epoch_00/a_lad_blue_hat.png"
    assert (trial.wanted[2].strength, trial.wanted[2].epoch, len(trial.wanted)) == (0.5, 1, 10)
    assert trial.images() == []
    for image in trial.wanted:
        write_png(trial.out / image.path, portrait(scale=8))
    assert trial.images() == trial.wanted
    half = open_gallery(trial.out / "strength_0.5")
    assert half.protocol.lora_scale == 0.5
    assert half.info.generation_id == spec.loras[1].generation_id == generation_id(half.protocol)
    assert half.epochs == [1, 3]
    kept = json.loads((trial.out / "try.json").read_text())
    assert (kept["strengths"], kept["seeds"], kept["epochs"]) == ([0.5, 1], [7], [1, 3])


def test_one_strength_is_a_plain_gallery_with_the_base_beside(loras, tmp_path):
    trial = new_trial(loras, ["a lad"], protocol(), tmp_path / "t", strengths=[0.8])
    assert {image.epoch for image in trial.wanted} == {0, 1, 2, 3}
    assert trial.wanted[0].path == "epoch_00/a_lad_1.png"
    assert {image.strength for image in trial.wanted} == {0.0, 0.8}
    again = new_trial(loras, ["a lad"], protocol(), tmp_path / "t", strengths=[0.8])
    assert again.wanted == trial.wanted


def test_what_is_there_is_never_mixed_with_something_else(loras, tmp_path):
    new_trial(loras, ["a lad"], protocol(), tmp_path / "t")
    for more in ({"strengths": [0.3]}, {"strengths": [0.3, 0.6]}, {"seeds": [9]}):
        with pytest.raises(AppError) as caught:
            new_trial(loras, ["a lad"], protocol(), tmp_path / "t", **more)
        assert caught.value.kind == "conflict"
    write_png(tmp_path / "mine" / "a.png", portrait())
    with pytest.raises(AppError, match="holds other files"):
        new_trial(loras, ["a lad"], protocol(), tmp_path / "mine")


@pytest.mark.parametrize(
    ("texts", "more", "words"),
    [([], {}, "no prompt"), ([" "], {}, "no prompt"), (["a"], {"epochs": [9]}, "no epoch 9"),
     (["a"], {"strengths": [0]}, "no strength")],
)  # fmt: skip
def test_wrong_wishes_are_said_before_anything_is_written(loras, tmp_path, texts, more, words):
    with pytest.raises(AppError, match=words) as caught:
        new_trial(loras, texts, protocol(), tmp_path / "t", **more)
    assert caught.value.kind == "usage"
    assert not (tmp_path / "t").exists()


def test_names_are_short_and_different(loras, tmp_path):
    assert prompt_name("A lad, blue HAT!") == "a_lad_blue_hat"
    assert prompt_name("日本") == "prompt"
    assert prompt_name("portrait of bespoke punk lad, red hair, bright") == (
        "portrait_of_bespoke_punk_lad_red_hair"
    )
    assert prompt_name("x" * 90) == "x" * 40
    trial = new_trial(loras, ["a lad", "A lad!", "a, lad"], protocol(), tmp_path / "t")
    names = [prompt.name for prompt in trial.protocol.prompts]
    assert names == ["a_lad", "a_lad-2", "a_lad-3"]


def test_a_tried_prompt_can_be_kept_in_the_protocol(tmp_path):
    path = tmp_path / "protocol.toml"
    protocol().save(path)
    added = keep_prompt(path, "a lass, bright green background")
    assert (added.name, added.background) == ("a_lass_bright_green_background", "bright green")
    again = keep_prompt(path, "a lass, bright green background ")
    other = keep_prompt(path, "A lass! Bright green background", "green_lad")
    assert (again, other.name) == (added, "green_lad-2")
    kept = load_protocol(path)
    assert [p.name for p in kept.prompts] == ["green_lad", "blue_lady", added.name, "green_lad-2"]
    assert kept.seeds == protocol().seeds
