"""Base models: told apart by headers, named in the settings, and no pickle is ever opened."""

import json
from pathlib import Path

import pytest

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.generation import chosen_protocol
from bespoke_gui.core.lorafile import file_hash, write_tensors
from bespoke_gui.core.models.facts import facts_about, hub_snapshot, is_hub_id
from bespoke_gui.core.models.store import (
    add_model,
    checked_hash,
    known_models,
    name_for,
    remove_model,
    resolve_base,
)
from bespoke_gui.core.run_request import sample_spec, train_spec

UNET = "model.diffusion_model.input_blocks.0.0.weight"
HUB = "stable-diffusion-v1-5/stable-diffusion-v1-5"


def single(path, *names, channels=4):
    """A file of weights with names of that kind; the numbers are of no interest."""
    tensors = {name: ("F16", (2,), bytes(4)) for name in names}
    tensors[UNET] = ("F16", (1, channels, 1, 1), bytes(2 * channels))
    write_tensors(path, tensors, {})
    return path


def folder(path, name="StableDiffusionPipeline", *, width=768, suffix=".safetensors"):
    """A base model in diffusers' layout."""
    path.mkdir(parents=True)
    (path / "model_index.json").write_text(json.dumps({"_class_name": name}))
    for part in ("unet", "vae", "text_encoder"):
        (path / part).mkdir()
        (path / part / "config.json").write_text(json.dumps({"cross_attention_dim": width}))
        if suffix == ".safetensors":
            write_tensors(path / part / f"model{suffix}", {"x": ("F16", (2,), bytes(4))}, {})
        else:
            (path / part / f"model{suffix}").write_bytes(b"\x80never opened")
    return path


@pytest.mark.parametrize(
    ("names", "kind", "usable"),
    [
        (["cond_stage_model.transformer.text_model.x"], "sd15", True),
        (["cond_stage_model.model.transformer.x"], "sd2", True),
        (["conditioner.embedders.0.x", "conditioner.embedders.1.x"], "sdxl", False),
        (["conditioner.embedders.0.x"], "sdxl_refiner", False),
        (["model.diffusion_model.joint_blocks.0.x"], "sd3", False),
        (["double_blocks.0.x"], "flux", False),
        ([], "unet", False),
        (["lora_unet_x.lora_down.weight"], "lora", False),
    ],
)
def test_the_kind_of_a_file_follows_from_its_names(tmp_path, names, kind, usable):
    facts = facts_about(str(single(tmp_path / "a.safetensors", *names)))
    assert (facts.kind, facts.layout, facts.usable) == (kind, "file", usable)
    assert facts.dtype == "F16"
    assert facts.size == (tmp_path / "a.safetensors").stat().st_size


def test_a_model_for_inpainting_is_said(tmp_path):
    path = single(tmp_path / "a.safetensors", "cond_stage_model.transformer.x", channels=9)
    facts = facts_about(str(path))
    assert facts.title == "Stable Diffusion 1.x for inpainting"
    assert not facts.usable


@pytest.mark.parametrize(
    ("name", "width", "kind"),
    [
        ("StableDiffusionPipeline", 768, "sd15"), ("StableDiffusionPipeline", 1024, "sd2"),
        ("StableDiffusionXLPipeline", 2048, "sdxl"), ("FluxPipeline", None, "flux"),
        ("SomethingElse", 768, "unknown"),
    ],
)  # fmt: skip
def test_the_kind_of_a_folder_follows_from_its_configs(tmp_path, name, width, kind):
    assert facts_about(str(folder(tmp_path / "m", name, width=width))).kind == kind


def test_pickles_are_refused_in_words_and_not_opened(tmp_path):
    (tmp_path / "a.ckpt").write_bytes(b"\x80")
    with pytest.raises(AppError, match="is a pickle, which can run any program"):
        add_model(str(tmp_path / "a.ckpt"))
    facts = facts_about(str(folder(tmp_path / "m", suffix=".bin")))
    assert [item.code for item in facts.problems] == ["no_weights"] * 3
    assert "pickles" in facts.problems[0].message
    with pytest.raises(AppError, match="only pickles"):
        add_model(str(tmp_path / "m"))
    assert known_models() == {}


@pytest.mark.parametrize("data", [b"", b"no model", b"PK\x03\x04" + bytes(40)])
def test_broken_files_are_one_line(tmp_path, data):
    (tmp_path / "a.safetensors").write_bytes(data)
    with pytest.raises(AppError) as caught:
        facts_about(str(tmp_path / "a.safetensors"))
    assert "\n" not in str(caught.value)


def test_what_is_not_there_is_one_line(tmp_path):
    for base in ("nothing", str(tmp_path / "no" / "such"), str(tmp_path / "a.ckpt")):
        with pytest.raises(AppError):
            facts_about(base)


def test_a_name_stands_for_a_place_everywhere(tmp_path):
    path = single(tmp_path / "punk base.safetensors", "cond_stage_model.transformer.x")
    assert add_model(str(path))[0] == "punk base"
    assert add_model(str(path), "sd")[0] == "sd"
    assert known_models() == {"punk base": str(path), "sd": str(path)}
    assert resolve_base("sd") == str(path)
    assert name_for(str(path)) == "punk base"
    assert [resolve_base(text) for text in ("embedded", HUB, "")] == ["embedded", HUB, ""]
    config = TrainingConfig('pretrained_model_name_or_path = "sd"')
    assert train_spec(config, []).base == str(path)
    assert train_spec(TrainingConfig(""), [], base="sd").base == str(path)
    assert sample_spec([], {"base": "sd"}, tmp_path / "g").base == str(path)
    assert chosen_protocol(None, "sd").base == str(path)
    assert remove_model("sd") == str(path)
    assert resolve_base("sd") == "sd"
    assert path.exists()


def test_a_name_is_not_given_twice_and_not_to_the_embedded_one(tmp_path):
    one = single(tmp_path / "a.safetensors", "cond_stage_model.transformer.x")
    two = single(tmp_path / "b.safetensors", "cond_stage_model.transformer.x")
    add_model(str(one), "sd")
    with pytest.raises(AppError, match="stands for") as caught:
        add_model(str(two), "sd")
    assert caught.value.kind == "conflict"
    for name in ("embedded", "a/b", "../x", " "):
        with pytest.raises(AppError, match="is no name"):
            add_model(str(two), name)
    with pytest.raises(AppError, match="known: sd"):
        remove_model("nobody")
    assert known_models() == {"sd": str(one)}


def test_a_relative_path_is_kept_whole(tmp_path, monkeypatch):
    single(tmp_path / "a.safetensors", "cond_stage_model.transformer.x")
    monkeypatch.chdir(tmp_path)
    add_model("a.safetensors")
    assert Path(known_models()["a"]).is_absolute()


def test_a_hub_id_is_found_in_the_hubs_own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert facts_about(HUB).layout == "hub"
    kept = tmp_path / f"models--{HUB.replace('/', '--')}"
    folder(kept / "snapshots" / "abc")
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("abc")
    assert hub_snapshot(HUB) == kept / "snapshots" / "abc"
    assert (facts_about(HUB).kind, facts_about(HUB).layout) == ("sd15", "folder")
    add_model(HUB, "sd")
    assert known_models() == {"sd": HUB}


@pytest.mark.parametrize(
    ("text", "hub"),
    [
        (HUB, True), ("a/b/c", False), ("./a/b", False), ("/a/b", False), ("~/b", False),
        ("a", False),
        ("a/b.safetensors", False), ("a/b.ckpt", False), ("a\\b/c", False),
    ],
)  # fmt: skip
def test_a_hub_id_is_told_from_a_path(text, hub):
    assert is_hub_id(text) == hub


def test_the_hash_of_a_file_is_its_sha_256_and_remembered_while_nothing_changes(tmp_path):
    path = single(tmp_path / "a.safetensors", "cond_stage_model.transformer.x")
    add_model(str(path))
    told = []
    facts = facts_about(str(path))
    assert checked_hash(facts, lambda *args: told.append(args)) == file_hash(path)
    assert told[-1][:2] == (facts.size, facts.size)
    told.clear()
    assert checked_hash(facts, lambda *args: told.append(args)) == file_hash(path)
    assert told == []
    single(path, "cond_stage_model.transformer.other_name")
    assert checked_hash(facts_about(str(path))) == file_hash(path)


def test_the_hash_of_a_folder_changes_with_any_part(tmp_path):
    path = folder(tmp_path / "m")
    before = checked_hash(facts_about(str(path)))
    write_tensors(path / "vae" / "model.safetensors", {"x": ("F16", (2,), b"1234")}, {})
    assert checked_hash(facts_about(str(path))) != before


def test_the_embedded_base_is_one(root):
    facts = facts_about("embedded")
    assert (facts.kind, facts.usable) == ("embedded", True)
    assert len(facts.files) == 3


@pytest.mark.parametrize("text", ["", "[]", '{"models": 1}', '{"models": {"a": 1, "b": {}}}'])
def test_an_odd_file_names_no_models(own_settings, text):
    (own_settings / "models.json").write_text(text)
    assert known_models() == {}
    assert resolve_base("a") == "a"
