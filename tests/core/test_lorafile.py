"""LoRA files are classified by their keys; broken ones and pickles are refused in one line."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lorafile import (
    classify,
    complete,
    encode_tensors,
    file_hash,
    inspect,
    kohya_hashes,
    read_header,
    write_tensors,
)

MODULE = "lora_unet_mid_block_attentions_0_proj_in"


def kohya(alpha=2.0, modules=(MODULE,)):
    """Tensors of a small kohya file."""
    found = {}
    for module in modules:
        found[f"{module}.lora_down.weight"] = ("F16", (4, 8), bytes(64))
        found[f"{module}.lora_up.weight"] = ("F16", (8, 4), bytes(64))
        found[f"{module}.alpha"] = ("F16", (), struct.pack("<e", alpha))
    return found


@pytest.mark.punks
@pytest.mark.parametrize(
    ("name", "format_", "modules", "rank", "alpha"),
    [
        ("loras/LyCORIS_smart_falcon_4_lokr.safetensors", "lokr", 350, 4, 4.0),
        ("loras/cloneofsimo_analog_svd_rank4.safetensors", "cloneofsimo", 192, 4, None),
        ("loras/catundchat_sd15_diffusers_pytorch_lora_weights.safetensors",
         "attn-processor", 128, 4, None),
        ("sdscripts/kohya_sd15_fullshape_rank1.safetensors", "kohya", 264, 1, 1.0),
        ("sdscripts/run1/bespoke_tiny.safetensors", "kohya", 204, 4, 2.0),
        ("sdscripts/logs/bespoke_resumed-000003.safetensors", "kohya", 204, 4, 2.0),
    ],
)  # fmt: skip
def test_real_files(fixtures, name, format_, modules, rank, alpha):
    info = inspect(fixtures / name)
    assert (info.format, len(info.modules)) == (format_, modules)
    assert (info.rank, info.alpha) == (rank, alpha)


@pytest.mark.punks
def test_epochs_and_hashes_of_real_sd_scripts_files(fixtures):
    folder = fixtures / "sdscripts" / "run1"
    epochs = {path.name: inspect(path).epoch for path in folder.glob("*.safetensors")}
    assert epochs == {
        "bespoke_tiny-000001.safetensors": 1, "bespoke_tiny-000002.safetensors": 2,
        "bespoke_tiny-step00000004.safetensors": 1, "bespoke_tiny.safetensors": 3,
    }  # fmt: skip
    path = folder / "bespoke_tiny.safetensors"
    header, raw = read_header(path), path.read_bytes()
    tensors = {
        name: (t.dtype, t.shape, raw[header.data_start + t.start : header.data_start + t.end])
        for name, t in header.tensors.items()
    }
    assert kohya_hashes(tensors).items() <= header.metadata.items()


@pytest.mark.punks
def test_the_broken_file_found_in_the_wild(fixtures):
    with pytest.raises(AppError, match="2 bytes") as caught:
        inspect(fixtures / "loras" / "broken_2bytes.safetensors")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "format_"),
    [
        ("lora_te_text_model_encoder_layers_0_mlp_fc1.lora_down.weight", "kohya"),
        ("unet.mid_block.attentions.0.proj_in.lora_A.weight", "diffusers"),
        ("unet.mid_block.attentions.0.proj_in.lora.down.weight", "diffusers"),
        ("base_model.model.mid_block.proj_in.lora_A.weight", "peft"),
        ("lora_unet_x.hada_w1_a", "loha"),
        ("lora_unet_x.lokr_w1", "lokr"),
        ("unet:0:down", "cloneofsimo"),
        ("mid_block.attn1.processor.to_q_lora.down.weight", "attn-processor"),
        ("model.diffusion_model.out.0.weight", "unknown"),
    ],
)
def test_the_format_follows_from_the_keys(key, format_):
    assert classify({key: None}) == format_


def test_write_and_read_back(tmp_path):
    path = tmp_path / "a.safetensors"
    write_tensors(path, kohya(), {"ss_epoch": "3", "ss_num_epochs": "8"})
    info = complete(path)
    assert (info.format, info.rank, info.alpha, info.dtype) == ("kohya", 4, 2.0, "F16")
    assert (info.epoch, info.epochs, info.modules) == (3, 8, [MODULE])
    assert len(file_hash(path)) == 64


def test_a_missing_half_is_noticed(tmp_path):
    tensors = kohya()
    del tensors[f"{MODULE}.lora_up.weight"]
    write_tensors(tmp_path / "a.safetensors", tensors, {})
    with pytest.raises(AppError, match="second half of 1"):
        complete(tmp_path / "a.safetensors")


def test_differing_alphas_have_no_single_value(tmp_path):
    tensors = {**kohya(2.0), **kohya(4.0, ("lora_unet_other",))}
    write_tensors(tmp_path / "a.safetensors", tensors, {"ss_network_alpha": "2.0"})
    assert inspect(tmp_path / "a.safetensors").alpha is None


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("a.safetensors", b"", "0 bytes"),
        ("a.safetensors", b"ab", "2 bytes"),
        ("a.safetensors", b"\x80\x04\x95" + bytes(40), "pickle"),
        ("a.safetensors", b"PK\x03\x04" + bytes(40), "pickle"),
        ("a.safetensors", struct.pack("<Q", 1 << 60) + b"{}", "cut off"),
        ("a.safetensors", struct.pack("<Q", 2) + b"{]", "header"),
        ("a.safetensors", struct.pack("<Q", 8) + b'{"a":1} ', "header"),
        ("a.ckpt", b"anything", "pickle"),
        ("a.pt", b"anything", "pickle"),
        ("a.bin", b"anything", "pickle"),
    ],
)
def test_what_is_no_safetensors_file_is_one_line(tmp_path, name, data, word):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(AppError, match=word) as caught:
        inspect(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == data


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(AppError, match="cannot be read"):
        inspect(tmp_path / "nothing.safetensors")


@given(cut=st.integers(min_value=0))
def test_every_truncation_is_noticed(tmp_path_factory, cut):
    whole = encode_tensors(kohya(), {"a": "b"})
    path = tmp_path_factory.mktemp("cut") / "a.safetensors"
    path.write_bytes(whole[: cut % len(whole)])
    with pytest.raises(AppError):
        inspect(path)


@given(extra=st.integers(min_value=0, max_value=600))
def test_no_header_length_is_taken_for_a_pickle(tmp_path_factory, extra):
    path = tmp_path_factory.mktemp("long") / "a.safetensors"
    write_tensors(path, kohya(), {"pad": "x" * extra})
    assert inspect(path).format == "kohya"
