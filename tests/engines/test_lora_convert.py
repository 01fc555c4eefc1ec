"""Converted LoRA files do in diffusers and in peft what the kohya file does, weight by weight."""

import pytest
import torch
from peft import PeftModel

from bespoke_gui.core.lora_convert.convert import convert
from bespoke_gui.core.lorafile import file_hash
from bespoke_gui.engines.diffusion.apply import LoraSwitch, layers
from tests.engines import tiny


@pytest.fixture(scope="module")
def taught(tiny_run):
    """The last checkpoint of a real training, alpha 2 of rank 4."""
    return tiny_run.outputs / "tiny.safetensors"


@pytest.fixture(scope="module")
def changes(taught):
    """What the kohya file adds to every weight, put on by our own engine."""
    pipe = tiny.pipeline()
    before = weights(pipe)
    LoraSwitch(pipe).put_on(taught)
    return difference(before, weights(pipe))


def weights(pipe):
    return {name: layer.weight.detach().clone() for name, layer in layers(pipe).items()}


def difference(before, after):
    found = {name: after[name] - before[name] for name in before}
    return {name: value for name, value in found.items() if value.abs().max() > 0}


def assert_same(found, wanted):
    assert found.keys() == wanted.keys()
    for name, value in found.items():
        torch.testing.assert_close(value, wanted[name], rtol=1e-4, atol=1e-6)


def merged(pipe):
    pipe.fuse_lora()
    pipe.unload_lora_weights()
    return weights(pipe)


@pytest.mark.parametrize("target", ["diffusers", "kohya"])
def test_diffusers_loads_it_and_does_the_same(tmp_path, taught, changes, target):
    convert(taught, target, tmp_path / "new.safetensors")
    pipe = tiny.pipeline()
    before = weights(pipe)
    pipe.load_lora_weights(str(tmp_path), weight_name="new.safetensors")
    assert len(pipe.get_list_adapters()) == 2
    assert_same(difference(before, merged(pipe)), changes)


def test_peft_loads_a_folder_of_the_unet_and_does_the_same(tmp_path, taught, changes):
    convert(taught, "peft", tmp_path / "new")
    pipe = tiny.pipeline()
    before = weights(pipe)
    model = PeftModel.from_pretrained(pipe.unet, str(tmp_path / "new" / "unet"))
    pipe.unet = model.merge_and_unload()
    wanted = {name: value for name, value in changes.items() if name.startswith("lora_unet")}
    assert_same(difference(before, weights(pipe)), wanted)


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")
def test_peft_loads_a_folder_of_the_text_encoder_and_does_the_same(tmp_path, taught, changes):
    convert(taught, "peft", tmp_path / "new")
    pipe = tiny.pipeline()
    before = weights(pipe)
    model = PeftModel.from_pretrained(pipe.text_encoder, str(tmp_path / "new" / "text_encoder"))
    pipe.text_encoder = model.merge_and_unload()
    wanted = {name: value for name, value in changes.items() if name.startswith("lora_te")}
    assert wanted
    assert_same(difference(before, weights(pipe)), wanted)


def test_what_diffusers_itself_wrote_becomes_a_kohya_file(tmp_path, taught, changes):
    pipe = tiny.pipeline()
    pipe.load_lora_weights(str(taught.parent), weight_name=taught.name, adapter_name="default")
    from diffusers.utils import convert_state_dict_to_diffusers
    from peft import get_peft_model_state_dict

    told = {"r": 4, "lora_alpha": 2}
    type(pipe).save_lora_weights(
        tmp_path,
        convert_state_dict_to_diffusers(get_peft_model_state_dict(pipe.unet)),
        convert_state_dict_to_diffusers(get_peft_model_state_dict(pipe.text_encoder)),
        unet_lora_adapter_metadata=told, text_encoder_lora_adapter_metadata=told,
    )  # fmt: skip
    written = tmp_path / "pytorch_lora_weights.safetensors"
    convert(written, "kohya", tmp_path / "back.safetensors")
    fresh = tiny.pipeline()
    before = weights(fresh)
    LoraSwitch(fresh).put_on(tmp_path / "back.safetensors")
    assert_same(difference(before, weights(fresh)), changes)


def test_the_source_is_not_touched(tmp_path, taught):
    before = file_hash(taught)
    convert(taught, "diffusers", tmp_path / "new.safetensors")
    assert file_hash(taught) == before
