"""Images of other programs: A1111 and ComfyUI metadata, and folders by a pattern."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import import_gallery, open_gallery
from bespoke_gui.core.gallery_foreign import LAST, from_a1111, from_comfyui, name_pattern
from bespoke_gui.core.protocol import builtin_protocol
from bespoke_gui.core.provenance import provenance
from tests.core.gallery_kit import portrait, write_png

GREEN = builtin_protocol().prompt("green_bg_lad").text
A1111 = (
    "{text} <lora:{lora}:0.8>\nNegative prompt: blurry,\nsmooth\nSteps: 30, Sampler: DPM++ 2M, "
    "Schedule type: Karras, CFG scale: 7.5, Seed: {seed}, Size: 512x512, Model hash: 6ce0161689, "
    'Model: v1-5-pruned, Lora hashes: "{lora}: e3b0c4, other: 1", Version: v1.10.1'
)


def graph(lora="punk-000004.safetensors", seed=7, text="a lad", steps=30):
    return {
        "3": {"class_type": "KSampler", "inputs": {
            "seed": seed, "steps": steps, "cfg": 7.5, "sampler_name": "euler",
            "scheduler": "normal", "positive": ["6", 0], "negative": ["7", 0],
            "latent_image": ["5", 0], "model": ["10", 0]}},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd15.safetensors"}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["11", 0], "clip": ["10", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry"}},
        "10": {"class_type": "LoraLoader", "inputs": {
            "lora_name": lora, "strength_model": 0.8, "model": ["4", 0]}},
        "11": {"class_type": "PrimitiveString", "inputs": {"value": text}},
    }  # fmt: skip


def save(path, seed=0, **texts):
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key, text if isinstance(text, str) else json.dumps(text))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(portrait(seed=seed, scale=8)).save(path, pnginfo=info)


def test_the_text_of_a1111_is_read():
    found = from_a1111(A1111.format(text="a lad, blue hat,", lora="punk-000004", seed=7))
    assert (found.text, found.negative) == ("a lad, blue hat", "blurry, smooth")
    assert (found.seed, found.steps, found.guidance) == (7, 30, 7.5)
    assert (found.sampler, found.width, found.height) == ("dpm++ 2m karras", 512, 512)
    assert (found.base, found.lora, found.strength) == ("v1-5-pruned", "punk-000004", 0.8)
    assert found.epoch == 4
    assert from_a1111("a cat").__class__ is type(None)


def test_the_graph_of_comfyui_is_read():
    found = from_comfyui(json.dumps(graph()))
    assert (found.text, found.negative, found.seed) == ("a lad", "blurry", 7)
    assert (found.sampler, found.base, found.strength) == ("euler normal", "sd15.safetensors", 0.8)
    assert (found.epoch, from_comfyui(json.dumps(graph("x/punk.safetensors"))).epoch) == (4, LAST)
    assert from_comfyui(json.dumps(graph(""))).epoch == 0


def test_a_graph_that_leads_in_a_circle_ends():
    data = graph()
    data["6"]["inputs"]["text"] = ["6", 0]
    assert from_comfyui(json.dumps(data)).text == ""


@given(st.text() | st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["3", "class_type", "inputs", "seed", "positive"]), inner, max_size=4),
).map(json.dumps))  # fmt: skip
def test_any_text_gives_an_answer(text):
    from_a1111(text)
    from_comfyui(text)


def test_a_folder_of_a1111_becomes_a_gallery_that_says_how_it_was_made(tmp_path):
    for number, lora in enumerate(("punk-000001", "punk-000002", "punk")):
        for seed in (7, 8):
            text = A1111.format(text=GREEN, lora=lora, seed=seed)
            save(tmp_path / "a" / f"{number}-{seed}.png", number * 9 + seed, parameters=text)
    save(tmp_path / "a" / "cat.png", parameters="no settings at all")
    found = open_gallery(tmp_path / "a")
    assert (found.epochs, found.prompts, found.seeds) == ([1, 2, 3], ["green_bg_lad"], [7, 8])
    assert [p.file for p in found.problems] == ["cat.png"]
    copied = import_gallery(tmp_path / "a", tmp_path / "g")
    assert sorted(image.name for image in copied.images())[-1] == "epoch_03/green_bg_lad_8.png"
    assert copied.protocol.base == "v1-5-pruned"
    assert (copied.protocol.lora_scale, copied.protocol.seeds) == (0.8, (7, 8))
    assert copied.protocol.prompts[0].background == "bright green"
    assert provenance(copied).kind == "declared", "another program's word is no proof"


def test_images_that_differ_in_their_settings_stay_unknown(tmp_path):
    save(tmp_path / "a" / "1.png", 1, prompt=graph(steps=30))
    save(tmp_path / "a" / "2.png", 2, prompt=graph("punk-000005.safetensors", steps=20))
    copied = import_gallery(tmp_path / "a", tmp_path / "g")
    assert copied.epochs == [4, 5]
    assert provenance(copied).kind == "unknown"


def test_a_pattern_reads_names_as_they_are(tmp_path):
    for epoch in (3, 12):
        for seed in (1, 22):
            write_png(tmp_path / "a" / f"run_{epoch}" / f"A lad_{seed}-x.png", portrait(seed=epoch))
    write_png(tmp_path / "a" / "other.png", portrait())
    found = open_gallery(tmp_path / "a", pattern="run_{epoch}/{prompt}_{seed}*.png")
    assert (found.epochs, found.prompts, found.seeds) == ([3, 12], ["a_lad"], [1, 22])
    assert [problem.file for problem in found.problems] == ["other.png"]
    copied = import_gallery(
        tmp_path / "a", tmp_path / "g", pattern="run_{epoch}/{prompt}_{seed}*.png"
    )
    assert (tmp_path / "g" / "epoch_12" / "a_lad_22.png").is_file()
    assert len(copied.cells) == 4


@pytest.mark.parametrize(
    "text", ["", "{prompt}.png", "{epoch}/{x}", "{epoch}{epoch}{prompt}", "{epoch}"]
)
def test_a_pattern_without_its_parts_is_refused(text):
    with pytest.raises(AppError) as caught:
        name_pattern(text)
    assert caught.value.kind == "usage"


def test_the_command_imports_and_shows(tmp_path, capsys):
    from bespoke_gui.__main__ import console

    save(tmp_path / "a" / "1.png", 1, prompt=graph())
    words = ["gallery", "import", str(tmp_path / "a"), str(tmp_path / "g"), "--json"]
    assert console(words) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["epochs"], data["basis"], data["images"]) == ([4], "declared", 1)
    assert console(["gallery", "show", str(tmp_path / "g")]) == 0
    assert "how they were made is declared" in capsys.readouterr().out
    assert console(words) == 1, "the folder is not empty now"
