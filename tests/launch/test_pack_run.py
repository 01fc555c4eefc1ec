"""A run packed for another machine: what travels, what stays, and that it is the same each time."""

import json
import zipfile

import pytest
from PIL import Image

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.runspec import DataFolder, load_spec
from bespoke_gui.launch.remote.pack_run import model_of, pack_run, remote_spec
from tests.engines.runs import make_run


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "my set" / "3_bespoke baby"
    folder.mkdir(parents=True)
    for name in ("a", "b", "c"):
        Image.new("RGB", (4, 4)).save(folder / f"{name}.png")
        (folder / f"{name}.txt").write_text(f"caption {name}\r\n", encoding="utf-8", newline="")
    (folder / "a.caption").write_text("other")
    (folder / "notes.txt").write_text("of no image")
    (folder / "b.npz").write_bytes(b"latents")
    return folder


def names(packed):
    with zipfile.ZipFile(packed.zip_path) as archive:
        assert archive.testzip() is None
        return sorted(archive.namelist())


def test_images_and_their_captions_in_one_zip(tmp_path, images):
    data = DataFolder(str(images), 3, "lad", excluded=["b.png"])
    run_dir = make_run(tmp_path / "r", "lora", data=[data, DataFolder(str(images), is_reg=True)])
    before = run_dir.spec_path.read_bytes()
    packed = pack_run(run_dir, tmp_path / "scratch")
    place, reg = "data/0/3_bespoke baby", "data/1/3_bespoke baby"
    taken = ["a.caption", "a.png", "a.txt", "c.png", "c.txt"]
    expected = [f"{place}/{n}" for n in taken]
    expected += [f"{reg}/{n}" for n in (*taken[:3], "b.png", "b.txt", *taken[3:])]
    assert names(packed) == sorted(expected)
    assert packed.spec.data[0] == DataFolder(place, 3, "lad")
    assert packed.spec.data[1].is_reg
    assert run_dir.spec_path.read_bytes() == before
    with zipfile.ZipFile(packed.zip_path) as archive:
        assert archive.read(f"{place}/a.txt") == b"caption a\r\n"


def test_the_same_run_gives_the_same_bytes(tmp_path, images):
    run_dir = make_run(tmp_path / "r", "lora", data=[images])
    first, again = pack_run(run_dir, tmp_path / "a"), pack_run(run_dir, tmp_path / "b")
    assert first.zip_path.read_bytes() == again.zip_path.read_bytes()
    assert first.sha256 == again.sha256


def test_a_caption_extension_of_their_own(tmp_path, images):
    (images / "c.tags").write_text("x")
    config = {"caption_extension": ".tags"}
    packed = pack_run(make_run(tmp_path / "r", "lora", data=[images], config=config), tmp_path)
    assert "data/0/3_bespoke baby/c.tags" in names(packed)


def test_secrets_and_folders_of_this_computer_stay_here(tmp_path, images):
    config = {
        "huggingface_token": "hf_canaryCANARYcanary1", "wandb_api_key": "k", "output_name": "x",
        "train_data_dir": "/home/me/secret project", "logging_dir": "C:\\logs",
        "max_token_length": 225,
    }  # fmt: skip
    options = {"sd_scripts": "/home/me/sd-scripts", "python": "/home/me/venv/bin/python",
               "note": "Bearer abcdefghijklmnopqrst", "launcher": "python"}  # fmt: skip
    run_dir = make_run(tmp_path / "r", "kohya", data=[images], config=config, options=options)
    packed = pack_run(run_dir, tmp_path)
    assert packed.spec.config == {"output_name": "x", "max_token_length": 225}
    assert packed.spec.options == {"launcher": "python"}
    assert sorted(note.split()[0] for note in packed.notes) == [
        "huggingface_token", "note", "wandb_api_key",
    ]  # fmt: skip
    spec = json.dumps(remote_spec(packed, "/w", {}).__dict__, default=vars)
    assert "canary" not in spec
    assert "/home/me" not in spec


def test_sample_prompts_travel(tmp_path, images):
    (tmp_path / "p.txt").write_text("a lad --d 1")
    config = {"sample_prompts": str(tmp_path / "p.txt")}
    packed = pack_run(make_run(tmp_path / "r", "kohya", data=[images], config=config), tmp_path)
    assert packed.spec.config["sample_prompts"] in names(packed)


def test_hub_id_and_embedded_base_need_no_upload(tmp_path, images):
    for number, base in enumerate(("embedded", "someone/sd-1.5")):
        packed = pack_run(
            make_run(tmp_path / f"{number}", "lora", data=[images], base=base), tmp_path
        )
        assert packed.models == {}
        assert remote_spec(packed, "/w/bespoke", {}).base == base


def test_local_weights_are_named_by_their_hash(tmp_path, images):
    base, vae = tmp_path / "my base.safetensors", tmp_path / "vae.safetensors"
    base.write_bytes(b"weights")
    vae.write_bytes(b"more")
    config = {"vae": str(vae), "pretrained_model_name_or_path": str(base)}
    run_dir = make_run(tmp_path / "r", "lora", data=[images], base=str(base), config=config)
    packed = pack_run(run_dir, tmp_path)
    assert packed.size == packed.zip_path.stat().st_size + 11
    spec = remote_spec(packed, "/w/bespoke", {"gpus": 2})
    assert spec.base == f"/w/bespoke/models/{packed.models[''].sha256[:16]}/my base.safetensors"
    assert spec.config["pretrained_model_name_or_path"] == spec.base
    assert spec.config["vae"].endswith("/vae.safetensors")
    assert spec.options["gpus"] == 2


def diffusers_folder(folder):
    for name in ("model_index.json", "unet/config.json", "tokenizer/vocab.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    for name in ("model.safetensors", "model.fp16.safetensors", "model.bin"):
        (folder / "unet" / name).write_bytes(b"w")
    (folder / "v1-5-pruned.safetensors").write_bytes(b"the same once more")
    return folder


def test_a_diffusers_folder_without_pickles_and_doubles(tmp_path):
    model = model_of(diffusers_folder(tmp_path / "base"))
    assert sorted(model.files) == [
        "model_index.json", "tokenizer/vocab.json", "unet/config.json", "unet/model.safetensors",
    ]  # fmt: skip
    assert model.place == f"models/{model.sha256[:16]}"


def test_small_configs_beside_a_single_file_travel_too(tmp_path):
    diffusers_folder(tmp_path / "base")
    (tmp_path / "base.safetensors").write_bytes(b"weights")
    model = model_of(tmp_path / "base.safetensors")
    assert sorted(model.files) == [
        "base.safetensors", "base/model_index.json", "base/tokenizer/vocab.json",
        "base/unet/config.json",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["base.ckpt", "base.pt", "base.bin"])
def test_pickles_are_never_sent(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(AppError, match="others are never sent"):
        model_of(tmp_path / name)


def test_the_newest_state_goes_with_a_resumed_run(tmp_path, images):
    run_dir = make_run(tmp_path / "r", "lora", data=[images], resume=True)
    kept = "outputs/x-000001-state"
    files = ["optimizer.bin", "train_state.json"]
    for name in ("state/step_00000002/w", "state/step_00000010/w", *(f"{kept}/{n}" for n in files)):
        (run_dir.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (run_dir.folder / name).write_text("x")
    found = [name for name in names(pack_run(run_dir, tmp_path)) if not name.startswith("data/")]
    assert found == [*(f"{kept}/{n}" for n in files), "state/step_00000010/w"]
    spec = load_spec(run_dir.spec_path)
    spec.resume = False
    spec.save(run_dir.spec_path)
    assert [n for n in names(pack_run(run_dir, tmp_path)) if not n.startswith("data/")] == []


def test_a_gallery_and_missing_images_are_refused(tmp_path, images):
    from bespoke_gui.core.runspec import LoraFile

    with pytest.raises(AppError, match="only trainings"):
        pack_run(make_run(tmp_path / "g", "sample", loras=[LoraFile(0)]), tmp_path)
    with pytest.raises(AppError, match="cannot be read"):
        pack_run(make_run(tmp_path / "m", "lora", data=[tmp_path / "nowhere"]), tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(AppError, match="holds no images"):
        pack_run(make_run(tmp_path / "e", "lora", data=[tmp_path / "empty"]), tmp_path)
