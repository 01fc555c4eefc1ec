"""LoRA files change their format and nothing else: what a file does to a model stays the same."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lora_convert import record
from bespoke_gui.core.lora_convert.convert import PEFT_CONFIG, PEFT_FILE, convert, read_layers
from bespoke_gui.core.lora_convert.formats import LORA_FORMATS
from bespoke_gui.core.lora_convert.layers import Layer
from bespoke_gui.core.lora_convert.names import from_kohya, kohya_name
from bespoke_gui.core.lora_convert.numbers import Half, decode, encode
from bespoke_gui.core.lorafile import inspect, read_header, write_tensors

UNET = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q"
CONV = "lora_unet_down_blocks_0_resnets_0_conv1"
TEXT = "lora_te_text_model_encoder_layers_0_mlp_fc1"
RNG = np.random.default_rng(5)


def half(*shape, dtype="F16", size=1e-3):
    return encode(RNG.normal(0, size, shape), dtype)


def write(path, tensors, metadata=None):
    found = {name: (x.dtype, x.shape, x.raw) for name, x in tensors.items()}
    write_tensors(path, found, metadata or {})
    return path


def kohya(path, *, rank=4, alpha: float | None = 2.0, dtype="F16", size=1e-3):
    """A file with a linear layer, a convolution and a layer of the text encoder."""
    tensors = {}
    for name, kernel in ((UNET, ()), (CONV, (3, 3)), (TEXT, ())):
        tensors[f"{name}.lora_down.weight"] = half(rank, 12, *kernel, dtype=dtype, size=size)
        ones = tuple(1 for _ in kernel)
        tensors[f"{name}.lora_up.weight"] = half(16, rank, *ones, dtype=dtype, size=size)
        if alpha is not None:
            tensors[f"{name}.alpha"] = encode(np.asarray(alpha), dtype)
    return write(path, tensors, {"ss_epoch": "3", "ss_tag_frequency": '{"a": 1}'})


def tensors_of(path):
    header, raw = read_header(path), path.read_bytes()
    return {
        name: (t.dtype, t.shape, raw[header.data_start + t.start : header.data_start + t.end])
        for name, t in header.tensors.items()
    }


def deltas(path):
    """What a file adds to each weight, as sd-scripts calculates it."""
    found = {}
    for layer in read_layers(path)[1]:
        up, down = decode(layer.up), decode(layer.down)
        product = up.reshape(up.shape[0], -1) @ down.reshape(down.shape[0], -1)
        found[layer.name] = product * layer.factor
    return found


def close(found, wanted):
    """Equal but for what single precision rounds."""
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-6 * float(np.abs(wanted).max()))


def there_and_back(tmp_path, source, middle):
    between = tmp_path / ("between" if middle == "peft folder" else "between.safetensors")
    done = convert(source, middle.split()[0], between)
    back = tmp_path / "back.safetensors"
    convert(between, "kohya", back)
    return done, between, back


@pytest.mark.parametrize("middle", ["diffusers", "peft", "peft folder"])
@pytest.mark.parametrize(
    ("rank", "alpha", "dtype", "size"),
    [
        (4, 2.0, "F16", 1e-3), (4, 4.0, "BF16", 1e-3), (3, 1.0, "F16", 1e-3),
        (32, 1.0, "F16", 1e-6), (6, 7.5, "BF16", 1e-3), (4, 2.0, "F32", 1e-3),
        (4, 64.0, "F16", 5000.0),
    ],
)  # fmt: skip
def test_there_and_back_is_the_same_to_the_bit(tmp_path, middle, rank, alpha, dtype, size):
    source = kohya(tmp_path / "a.safetensors", rank=rank, alpha=alpha, dtype=dtype, size=size)
    _, between, back = there_and_back(tmp_path, source, middle)
    assert tensors_of(back) == tensors_of(source)
    assert read_header(back).metadata == read_header(source).metadata
    wanted = deltas(source)
    for name, delta in deltas(between).items():
        np.testing.assert_array_equal(delta, wanted[name])


@pytest.mark.parametrize("target", ["diffusers", "peft"])
def test_without_our_record_the_weights_alone_say_the_same(tmp_path, target):
    """Another program knows nothing of our metadata: alpha is the rank for it."""
    source = kohya(tmp_path / "a.safetensors", rank=3, alpha=1.0)
    convert(source, target, tmp_path / "b.safetensors")
    bare = write(
        tmp_path / "c.safetensors",
        {name: Half(*entry) for name, entry in tensors_of(tmp_path / "b.safetensors").items()},
    )
    wanted = deltas(source)
    for name, delta in deltas(bare).items():
        close(delta, wanted[name])


def test_half_precision_stays_where_it_has_room_and_becomes_float_where_not(tmp_path):
    roomy = kohya(tmp_path / "a.safetensors", rank=4, alpha=2.0, size=1.0, dtype="BF16")
    small = kohya(tmp_path / "b.safetensors", rank=32, alpha=1.0, size=1e-6)
    convert(roomy, "diffusers", tmp_path / "c.safetensors")
    convert(small, "diffusers", tmp_path / "d.safetensors")
    assert inspect(tmp_path / "c.safetensors").dtype == "BF16"
    assert inspect(tmp_path / "d.safetensors").dtype == "F32"


def test_a_file_without_alpha_has_its_rank_as_alpha(tmp_path):
    source = kohya(tmp_path / "a.safetensors", alpha=None)
    done = convert(source, "diffusers", tmp_path / "b.safetensors")
    assert (done.exact, done.note) == (True, "")
    assert tensors_of(source).items() >= {
        (name, value) for name, value in tensors_of(source).items() if "alpha" not in name
    }
    assert {layer.alpha for layer in read_layers(tmp_path / "b.safetensors")[1]} == {4.0}


def test_a_folder_of_peft_has_one_adapter_a_model_and_its_alpha(tmp_path):
    source = kohya(tmp_path / "a.safetensors", rank=4, alpha=2.0)
    done = convert(source, "peft", tmp_path / "out")
    names = sorted(str(path.relative_to(tmp_path / "out")) for path in done.files)
    assert names == [f"text_encoder/{PEFT_FILE}", f"unet/{PEFT_FILE}"]
    config = json.loads((tmp_path / "out" / "unet" / PEFT_CONFIG).read_text())
    assert (config["r"], config["lora_alpha"]) == (4, 2)
    assert "mid_block.attentions.0.transformer_blocks.0.attn1.to_q" in config["target_modules"]
    assert done.exact


def test_alphas_and_ranks_may_differ_by_layer(tmp_path):
    tensors = {}
    for name, rank, alpha in ((UNET, 4, 2.0), (TEXT, 8, 3.0)):
        tensors[f"{name}.lora_down.weight"] = half(rank, 12)
        tensors[f"{name}.lora_up.weight"] = half(16, rank)
        tensors[f"{name}.alpha"] = encode(np.asarray(alpha), "F16")
    source = write(tmp_path / "a.safetensors", tensors)
    for middle in ("diffusers", "peft folder"):
        _, _, back = there_and_back(tmp_path, source, middle)
        assert tensors_of(back) == tensors_of(source)
        back.unlink()
    assert convert(source, "peft", tmp_path / "p").ranks == [4, 8]


@given(
    up=st.lists(st.integers(0, 65535), min_size=6, max_size=6),
    alpha=st.sampled_from([0.5, 1.0, 2.0, 3.0, 4.0, 16.0, 100.0]),
    dtype=st.sampled_from(["F16", "BF16"]),
)
def test_no_bit_of_any_weight_is_lost_in_folding(up, alpha, dtype):
    raw = struct.pack("<6H", *up)
    finite = np.isfinite(decode(Half(dtype, (2, 3), raw))).all()
    layer = Layer("unet", "conv_in", Half(dtype, (3, 2), raw), Half(dtype, (2, 3), raw), alpha)
    if not finite:
        return
    told = json.loads(record.told([layer], "kohya", []))
    assert record.unfolded(record.folded([layer]), told) == [layer]


def test_a_record_that_no_longer_fits_changes_nothing(tmp_path):
    """Another program scaled the weights, and kept our metadata."""
    source = kohya(tmp_path / "a.safetensors", rank=3, alpha=1.0)
    convert(source, "diffusers", tmp_path / "b.safetensors")
    metadata = read_header(tmp_path / "b.safetensors").metadata
    changed = {
        name: encode(decode(Half(*entry)) * 1.2345678, "F32")
        for name, entry in tensors_of(tmp_path / "b.safetensors").items()
    }
    write(tmp_path / "c.safetensors", changed, metadata)
    wanted = deltas(tmp_path / "b.safetensors")
    for name, delta in deltas(tmp_path / "c.safetensors").items():
        close(delta, wanted[name] * 1.2345678**2)


def test_alpha_of_newer_diffusers_and_of_rslora(tmp_path):
    tensors = {"unet.conv_in.lora_A.weight": half(4, 8), "unet.conv_in.lora_B.weight": half(8, 4)}
    config = {"unet.lora_alpha": 8, "unet.alpha_pattern": {"conv_in": 2}, "unet.use_rslora": True}
    path = write(tmp_path / "a.safetensors", tensors, {"lora_adapter_metadata": json.dumps(config)})
    _, layers, metadata = read_layers(path)
    assert [layer.alpha for layer in layers] == [4.0]
    assert metadata == {}


def test_peft_files_of_transformers_4_are_read(tmp_path):
    name = "base_model.model.text_model.encoder.layers.0.mlp.fc1"
    tensors = {f"{name}.lora_A.weight": half(4, 8), f"{name}.lora_B.weight": half(8, 4)}
    path = write(tmp_path / PEFT_FILE, tensors)
    told = {"r": 4, "lora_alpha": 8, "alpha_pattern": {"text_model.encoder.layers.0.mlp.fc1": 2}}
    (tmp_path / PEFT_CONFIG).write_text(json.dumps(told))
    (layer,) = read_layers(path)[1]
    assert layer.name == "text_encoder.text_model.encoder.layers.0.mlp.fc1"
    assert layer.alpha == 2


@pytest.mark.parametrize("name", ["lora_linear_layer.{}.weight", "lora.{}.weight"])
def test_older_names_of_diffusers_are_read(tmp_path, name):
    module = "text_encoder.text_model.encoder.layers.0.self_attn.q_proj."
    tensors = {module + name.format(x): half(4, 4) for x in ("down", "up")}
    done = convert(write(tmp_path / "a.safetensors", tensors), "kohya", tmp_path / "b.safetensors")
    assert (done.source_format, done.exact) == ("diffusers", True)
    names = read_header(tmp_path / "b.safetensors").tensors
    assert "lora_te_text_model_encoder_layers_0_self_attn_q_proj.alpha" in names


def random(*shape):
    return half(*shape, dtype="F32", size=1.0)


def test_lokr_is_the_same_matrix(tmp_path):
    """Both halves factorised, one full, and a convolution with a Tucker core."""
    tensors = {
        f"{UNET}.lokr_w1_a": random(4, 1), f"{UNET}.lokr_w1_b": random(1, 6),
        f"{UNET}.lokr_w2_a": random(8, 2), f"{UNET}.lokr_w2_b": random(2, 6),
        f"{TEXT}.lokr_w1": random(4, 2), f"{TEXT}.lokr_w2_a": random(8, 2),
        f"{TEXT}.lokr_w2_b": random(2, 10), f"{TEXT}.alpha": random(),
        f"{CONV}.lokr_w1": random(2, 2), f"{CONV}.lokr_t2": random(2, 2, 3, 3),
        f"{CONV}.lokr_w2_a": random(2, 8), f"{CONV}.lokr_w2_b": random(2, 5),
    }  # fmt: skip
    done = convert(write(tmp_path / "a.safetensors", tensors), "kohya", tmp_path / "b.safetensors")
    assert (done.source_format, done.ranks, done.exact) == ("lokr", [2, 4], False)
    found = deltas(tmp_path / "b.safetensors")
    get = {name: decode(value) for name, value in tensors.items()}
    linear = np.kron(
        get[f"{UNET}.lokr_w1_a"] @ get[f"{UNET}.lokr_w1_b"],
        get[f"{UNET}.lokr_w2_a"] @ get[f"{UNET}.lokr_w2_b"],
    )
    mixed = np.kron(get[f"{TEXT}.lokr_w1"], get[f"{TEXT}.lokr_w2_a"] @ get[f"{TEXT}.lokr_w2_b"])
    kernel = np.einsum(
        "ijkl,ip,jr->prkl", *(get[f"{CONV}.lokr_{x}"] for x in ("t2", "w2_a", "w2_b"))
    )
    whole = np.kron(get[f"{CONV}.lokr_w1"], kernel.reshape(8, -1))
    names = [from_kohya(name) for name in (UNET, TEXT, CONV)]
    wanted = (linear, mixed * get[f"{TEXT}.alpha"] / 2, whole)
    for place, delta in zip(names, wanted, strict=True):
        assert place is not None
        close(found[".".join(place)], delta)
    assert read_header(tmp_path / "b.safetensors").tensors[f"{CONV}.lora_down.weight"].shape == (
        4, 10, 3, 3,
    )  # fmt: skip


def test_loha_is_the_same_matrix(tmp_path):
    names = ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")
    tensors = {f"{UNET}.{n}": random(*((9, 2) if n[-1] == "a" else (2, 11))) for n in names}
    tensors[f"{UNET}.alpha"] = encode(np.asarray(1.0), "F32")
    done = convert(write(tmp_path / "a.safetensors", tensors), "kohya", tmp_path / "b.safetensors")
    assert (done.source_format, done.ranks) == ("loha", [4])
    a, b, c, d = (decode(tensors[f"{UNET}.{name}"]) for name in names)
    (found,) = deltas(tmp_path / "b.safetensors").values()
    close(found, (a @ b) * (c @ d) / 2)


def test_a_locon_with_a_middle_is_the_same_convolution(tmp_path):
    down, middle, up = random(3, 5, 1, 1), random(3, 3, 3, 3), random(7, 3, 1, 1)
    tensors = {
        f"{CONV}.lora_down.weight": down, f"{CONV}.lora_mid.weight": middle,
        f"{CONV}.lora_up.weight": up, f"{CONV}.alpha": encode(np.asarray(1.0), "F32"),
    }  # fmt: skip
    done = convert(write(tmp_path / "a.safetensors", tensors), "kohya", tmp_path / "b.safetensors")
    assert (done.exact, done.ranks) == (False, [3])
    assert "lora_mid" not in str(list(tensors_of(tmp_path / "b.safetensors")))
    (found,) = deltas(tmp_path / "b.safetensors").values()
    wanted = np.einsum(
        "oi,ijkl,jn->onkl", decode(up)[:, :, 0, 0], decode(middle), decode(down)[:, :, 0, 0]
    )
    close(found, wanted.reshape(7, -1) / 3)


def test_products_of_full_rank_are_refused(tmp_path):
    tensors = {f"{UNET}.lokr_w1": random(2, 2), f"{UNET}.lokr_w2": random(4, 4)}
    path = write(tmp_path / "a.safetensors", tensors)
    with pytest.raises(AppError, match="full rank"):
        convert(path, "kohya", tmp_path / "b.safetensors")
    assert not (tmp_path / "b.safetensors").exists()


@pytest.mark.parametrize(
    ("names", "word"),
    [
        (["unet:0:down", "unet:0:up"], "numbers its layers"),
        (["model.diffusion_model.out.0.weight"], "no LoRA that Bespoke knows"),
        ([f"{UNET}.lora_down.weight"], "lacks one half"),
        ([f"{UNET}.lora_down.weight", f"{UNET}.dora_scale"], "DoRA"),
        ([f"{UNET}.lora_down.weight", f"{UNET}.diff"], "no plain LoRA"),
        (["lora_unet_input_blocks_4_1_proj_in.lora_down.weight",
          "lora_unet_input_blocks_4_1_proj_in.lora_up.weight"], "another kind of network"),
        (["unet.x.lora_A.weight", "unet.x.lora_magnitude_vector"], "DoRA"),
        (["base_model.model.layers.0.q.lora_A.weight", "base_model.model.layers.0.q.lora_B.weight"],
         "another kind of network"),
        ([f"{UNET}.lora_down.weight", f"{UNET}.lora_up.weight", f"{UNET}.alpha.x"], "plain LoRA"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("target", ["kohya", "diffusers", "peft"])
def test_what_no_lora_can_say_is_refused_in_one_line(tmp_path, names, word, target):
    path = write(tmp_path / "a.safetensors", {name: half(4, 4) for name in names})
    with pytest.raises(AppError, match=word) as caught:
        convert(path, target, tmp_path / "b")
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert [item.name for item in tmp_path.iterdir()] == ["a.safetensors"]


SDXL = "unet.mid_block.attentions.0.transformer_blocks."


@pytest.mark.parametrize(
    ("module", "width"),
    [
        (f"{SDXL}0.attn2.to_k", 2048), (f"{SDXL}1.attn1.to_q", 8),
        ("text_encoder_2.text_model.encoder.layers.0.mlp.fc1", 8),
    ],
)  # fmt: skip
def test_sdxl_is_refused_also_where_its_names_would_do(tmp_path, module, width):
    tensors = {
        f"{name}.lora_{side}.weight": half(*shape)
        for name in ("unet.conv_in", module)
        for side, shape in (("A", (4, width)), ("B", (8, 4)))
    }
    path = write(tmp_path / "a.safetensors", tensors)
    with pytest.raises(AppError, match="made for SDXL"):
        convert(path, "kohya", tmp_path / "b.safetensors")


def test_a_peft_file_without_its_settings_is_refused_and_patterns_are_not_run(tmp_path):
    source = kohya(tmp_path / "a.safetensors")
    convert(source, "peft", tmp_path / "p")
    config = tmp_path / "p" / "unet" / PEFT_CONFIG
    told = json.loads(config.read_text())
    config.write_text(json.dumps({**told, "alpha_pattern": {"(a+)+$": 1}}))
    with pytest.raises(AppError, match="pattern instead of a name"):
        read_layers(tmp_path / "p")
    config.unlink()
    with pytest.raises(AppError, match="has no adapter_config"):
        read_layers(tmp_path / "p")


def test_nothing_is_written_over(tmp_path):
    source = kohya(tmp_path / "a.safetensors")
    before = source.read_bytes()
    with pytest.raises(AppError, match="is there already"):
        convert(source, "kohya", source)
    assert source.read_bytes() == before


def test_every_format_has_a_title_and_three_are_written():
    assert {name for name in LORA_FORMATS if LORA_FORMATS[name].write} == {
        "kohya", "diffusers", "peft",
    }  # fmt: skip
    assert all(LORA_FORMATS[name].title for name in LORA_FORMATS)


@pytest.mark.punks
@pytest.mark.parametrize("middle", ["diffusers", "peft", "peft folder"])
@pytest.mark.parametrize(
    "name", ["kohya_sd15_fullshape_rank1", "run1/bespoke_tiny", "state_000002/model"]
)
def test_real_files_of_sd_scripts_come_back_to_the_bit(tmp_path, fixtures, name, middle):
    source = fixtures / "sdscripts" / f"{name}.safetensors"
    done, _, back = there_and_back(tmp_path, source, middle)
    assert done.modules == len(inspect(source).modules)
    assert tensors_of(back) == tensors_of(source)
    assert read_header(back).metadata == read_header(source).metadata


@pytest.mark.punks
def test_every_name_of_the_real_network_has_its_dots(fixtures):
    names = inspect(fixtures / "sdscripts" / "kohya_sd15_fullshape_rank1.safetensors").modules
    for name in names:
        place = from_kohya(name)
        assert place is not None
        assert kohya_name(*place) == name


@pytest.mark.punks
def test_real_lycoris_and_attention_processor_files(tmp_path, fixtures):
    lokr = convert(
        fixtures / "loras" / "LyCORIS_smart_falcon_4_lokr.safetensors", "kohya", tmp_path / "a"
    )
    assert (lokr.modules, lokr.ranks) == (350, [16])
    shapes = read_header(tmp_path / "a").tensors
    assert shapes["lora_unet_down_blocks_0_resnets_0_conv1.lora_down.weight"].shape == (
        16, 320, 3, 3,
    )  # fmt: skip
    assert shapes["lora_unet_mid_block_attentions_0_proj_in.lora_down.weight"].shape == (
        16, 1280, 1, 1,
    )  # fmt: skip
    name = "catundchat_sd15_diffusers_pytorch_lora_weights.safetensors"
    old = convert(fixtures / "loras" / name, "kohya", tmp_path / "b")
    assert (old.modules, old.ranks, old.exact) == (128, [4], True)
    known = inspect(fixtures / "sdscripts" / "kohya_sd15_fullshape_rank1.safetensors").modules
    assert set(inspect(tmp_path / "b").modules) <= set(known)
