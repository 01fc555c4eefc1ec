"""The sample engine: every epoch x prompt x seed, each image independent of all others."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from tests.engines.runs import events, finish, make_run

pytest.importorskip("torch")

import torch
from diffusers import StableDiffusionPipeline

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lorafile import file_hash, inspect
from bespoke_gui.core.protocol import protocol_from
from bespoke_gui.core.run_request import sample_spec
from bespoke_gui.engines.diffusion.apply import LoraSwitch, layers
from bespoke_gui.engines.diffusion.base_model import load_base
from bespoke_gui.engines.diffusion.generate import SCHEDULERS, use_scheduler
from bespoke_gui.engines.diffusion.prompts import PromptEncoder

pytestmark = [
    pytest.mark.engine,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]
CPU, FULL = torch.device("cpu"), torch.float32
LONG = "pixel art, " + "very long words about a lad, " * 10


def weights(pipe):
    """All weights a LoRA may change."""
    return [layer.weight for layer in layers(pipe).values()]


@pytest.fixture(scope="session")
def protocol():
    """Two prompts, one of them long, and two seeds."""
    return protocol_from({
        "negative": "blurry", "seeds": [1, 2], "width": 64, "height": 64, "steps": 3,
        "guidance": 3.0,
        "prompts": [{"name": "lad", "text": "a lad"}, {"name": "long", "text": LONG}],
    }).as_dict()  # fmt: skip


@pytest.fixture(scope="session")
def spec_fields(tiny_run, tiny_base, protocol, tmp_path_factory):
    """The fields of a spec that generates both epochs of the tiny run."""
    out = tmp_path_factory.mktemp("gallery") / "g"
    spec = sample_spec([tiny_run.folder], protocol, out, base=str(tiny_base))
    return {
        "base": spec.base, "protocol": spec.protocol, "output": spec.output,
        "loras": [vars(lora) for lora in spec.loras],
        "options": {"generation_id": "id", "threads": 1},
    }  # fmt: skip


@pytest.fixture(scope="session")
def gallery(spec_fields, tmp_path_factory):
    """A finished generation: its run folder and gallery folder."""
    from pathlib import Path

    run_dir = make_run(tmp_path_factory.mktemp("jobs") / "g", "sample", **spec_fields)
    outcome, fields = finish(run_dir)
    assert outcome == "finished", fields
    return run_dir, Path(spec_fields["output"])


def pixels(path):
    """An image as numbers."""
    with Image.open(path) as image:
        return np.asarray(image)


def test_every_epoch_prompt_and_seed_is_there_with_its_facts(gallery, tiny_run, tiny_base):
    run_dir, folder = gallery
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    assert names == [
        f"epoch_0{e}/{p}_{s}.png" for e in (0, 1, 2) for p in ("lad", "long") for s in (1, 2)
    ]
    with Image.open(folder / "epoch_02" / "lad_2.png") as image:
        facts = json.loads(image.info["bespoke"])
        assert (image.size, image.mode) == ((64, 64), "RGB")
    assert facts == {
        "epoch": 2, "prompt": "lad", "text": "a lad", "seed": 2, "generation_id": "id",
        "lora_sha256": file_hash(tiny_run.outputs / "tiny.safetensors"), "base": str(tiny_base),
    }  # fmt: skip
    assert events(run_dir, "progress")[-1]["step"] == 12
    assert len(events(run_dir, "sample")) == 12
    modules = len(inspect(tiny_run.outputs / "tiny.safetensors").modules)
    assert [e["value"] for e in events(run_dir, "metric")] == [modules, modules]


def test_epochs_seeds_and_prompts_all_change_the_image(gallery):
    _, folder = gallery
    shown = [pixels(folder / f"epoch_0{e}" / f"lad_{s}.png") for e in (0, 2) for s in (1, 2)]
    shown.append(pixels(folder / "epoch_00" / "long_1.png"))
    for index, one in enumerate(shown):
        assert all(not np.array_equal(one, other) for other in shown[index + 1 :])


def test_an_image_does_not_depend_on_its_batch_or_neighbours(
    gallery, spec_fields, tmp_path, protocol
):
    _, folder = gallery
    fields = {**spec_fields, "output": str(tmp_path / "alone")}
    fields["options"] = {**fields["options"], "batch": 1}
    fields["protocol"] = {**protocol, "seeds": [2], "prompts": protocol["prompts"][::-1]}
    assert finish(make_run(tmp_path / "r", "sample", **fields))[0] == "finished"
    for epoch in ("epoch_00", "epoch_02"):
        for prompt in ("lad", "long"):
            alone = pixels(tmp_path / "alone" / epoch / f"{prompt}.png").astype(int)
            among = pixels(folder / epoch / f"{prompt}_2.png").astype(int)
            assert abs(alone - among).max() <= 1


def test_what_is_there_is_skipped_and_what_differs_is_made_anew(gallery, spec_fields, tmp_path):
    _, folder = gallery
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "epoch_01" / "lad_1.png").unlink()
    (copy / "epoch_02" / "lad_1.png").write_bytes(b"cut off")
    (copy / "epoch_00" / "lad_1.png").write_bytes((copy / "epoch_00" / "lad_2.png").read_bytes())
    run_dir = make_run(tmp_path / "r", "sample", **{**spec_fields, "output": str(copy)})
    outcome, fields = finish(run_dir)
    assert (outcome, fields) == ("finished", {"images": 12, "generated": 3})
    for name in ("epoch_00/lad_1.png", "epoch_01/lad_1.png", "epoch_02/lad_1.png"):
        assert abs(pixels(copy / name).astype(int) - pixels(folder / name)).max() <= 1


def test_a_request_to_stop_ends_it_without_half_images(spec_fields, tmp_path):
    fields = {**spec_fields, "output": str(tmp_path / "out")}
    run_dir = make_run(tmp_path / "r", "sample", **fields)
    run_dir.request("stop")
    assert finish(run_dir)[0] == "cancelled"
    assert not list(tmp_path.rglob("*.png"))


def test_a_lora_is_put_on_as_diffusers_would_and_taken_off_to_the_bit(tiny_run, tiny_base):
    path = tiny_run.outputs / "tiny.safetensors"
    pipe = load_base(str(tiny_base), CPU, FULL)
    before = [weight.clone() for weight in weights(pipe)]
    switch = LoraSwitch(pipe)
    assert switch.put_on(path) == len(inspect(path).modules)
    ours = latents(pipe)
    switch.take_off()
    after = weights(pipe)
    assert all(torch.equal(one, two) for one, two in zip(before, after, strict=True))
    theirs_pipe = StableDiffusionPipeline.from_pretrained(tiny_base, safety_checker=None)
    theirs_pipe.set_progress_bar_config(disable=True)
    plain = latents(theirs_pipe)
    theirs_pipe.load_lora_weights(str(path.parent), weight_name=path.name)
    theirs = latents(theirs_pipe)
    assert (theirs - plain).abs().max() > 1e-3
    assert (ours - theirs).abs().max() < 1e-3


def latents(pipe):
    """Latents of one prompt."""
    return pipe(
        "a lad", num_inference_steps=2, guidance_scale=1.0, width=64, height=64,
        generator=torch.Generator().manual_seed(1), output_type="latent",
    ).images  # fmt: skip


def test_scale_counts_and_zero_changes_nothing(tiny_run, tiny_base):
    path = tiny_run.outputs / "tiny.safetensors"
    pipe = load_base(str(tiny_base), CPU, FULL)
    switch, before = LoraSwitch(pipe), latents(pipe)
    switch.put_on(path, scale=0.0)
    assert torch.equal(latents(pipe), before)
    switch.put_on(path, scale=2.0)
    assert (latents(pipe) - before).abs().max() > 1e-3


@pytest.mark.punks
@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("loras/LyCORIS_smart_falcon_4_lokr.safetensors", "lokr"),
        ("loras/cloneofsimo_analog_svd_rank4.safetensors", "cloneofsimo"),
        ("loras/catundchat_sd15_diffusers_pytorch_lora_weights.safetensors", "attn-processor"),
        ("loras/broken_2bytes.safetensors", "no readable"),
        ("sdscripts/kohya_sd15_fullshape_rank1.safetensors", "not in this base"),
        ("sdscripts/run1/bespoke_tiny.safetensors", "does not fit"),
    ],
)
def test_files_for_other_loaders_or_bases_are_refused(tiny_base, fixtures, name, word):
    pipe = load_base(str(tiny_base), CPU, FULL)
    before = [weight.clone() for weight in weights(pipe)]
    with pytest.raises(AppError, match=word):
        LoraSwitch(pipe).put_on(fixtures / name)
    after = weights(pipe)
    assert all(torch.equal(one, two) for one, two in zip(before, after, strict=True))


def test_every_scheduler_name_works_and_an_unknown_one_is_named(tiny_base):
    pipe = load_base(str(tiny_base), CPU, FULL)
    kept = pipe.scheduler
    for name in SCHEDULERS:
        pipe.scheduler = kept
        use_scheduler(pipe, name.upper())
        assert torch.isfinite(latents(pipe)).all()
    pipe.scheduler = kept
    use_scheduler(pipe, "default")
    assert pipe.scheduler is kept
    use_scheduler(pipe, "EulerDiscreteScheduler")
    assert type(pipe.scheduler).__name__ == "EulerDiscreteScheduler"
    with pytest.raises(AppError, match="sideways"):
        use_scheduler(pipe, "sideways")


def test_long_texts_are_read_in_pieces_as_sd_scripts_reads_them(tiny_base):
    pipe = load_base(str(tiny_base), CPU, FULL)
    encoder = PromptEncoder(pipe.tokenizer, pipe.text_encoder)
    assert (encoder.chunks_for("short"), encoder.chunks_for(LONG)) == (1, 3)
    ids = encoder.ids(["short", LONG], 3)
    start, end = pipe.tokenizer.bos_token_id, pipe.tokenizer.eos_token_id
    assert ids.shape == (2, 3, 77)
    assert set(ids[:, :, 0].flatten().tolist()) == {start}
    assert set(ids[:, :, -1].flatten().tolist()) == {end}
    whole = pipe.tokenizer(LONG, add_special_tokens=False, verbose=False).input_ids
    assert ids[1, :, 1:-1].flatten().tolist()[: len(whole)] == whole[:225]
    states = encoder.encode(["short", LONG], 3)
    assert states.shape == (2, 227, 32)
    alone = pipe.text_encoder(ids[1, 1][None]).last_hidden_state[0]
    assert torch.allclose(states[1, 76:151], alone[1:-1], atol=1e-5)
    plain = pipe.text_encoder(pipe.tokenizer("short", padding="max_length",
                                             return_tensors="pt").input_ids)  # fmt: skip
    assert torch.equal(encoder.encode(["short"], 1), plain.last_hidden_state)


def test_clip_skip_takes_an_earlier_layer(tiny_base):
    pipe = load_base(str(tiny_base), CPU, FULL)
    last = PromptEncoder(pipe.tokenizer, pipe.text_encoder).encode(["a lad"], 1)
    one = PromptEncoder(pipe.tokenizer, pipe.text_encoder, 1).encode(["a lad"], 1)
    two = PromptEncoder(pipe.tokenizer, pipe.text_encoder, 2).encode(["a lad"], 1)
    assert torch.equal(last, one)
    assert not torch.allclose(last, two)


@pytest.mark.parametrize(
    ("change", "word"),
    [({"width": 60}, "60x64"), ({"steps": 0}, "steps"), ({"prompts": []}, "nothing to generate"),
     ({"prompts": [{"name": "../x", "text": "t"}]}, "no file name")],
)  # fmt: skip
def test_a_protocol_that_cannot_work_is_one_line(spec_fields, tmp_path, change, word):
    fields = {**spec_fields, "output": str(tmp_path / "out")}
    fields["protocol"] = {**fields["protocol"], **change}
    outcome, exit_ = finish(make_run(tmp_path / "r", "sample", **fields))
    assert (outcome, exit_["kind"]) == ("failed", "bad_config")
    assert word in exit_["message"]


def test_strengths_of_one_file_go_to_folders_of_their_own(spec_fields, gallery, tmp_path):
    """Strength 1 gives the gallery's own images, 0.5 others, and nothing is made twice."""
    lora = spec_fields["loras"][1]
    loras = [
        {**lora, "strength": strength, "folder": f"strength_{strength:g}", "generation_id": "own"}
        for strength in (0.5, 1.0)
    ]
    fields = {**spec_fields, "loras": loras, "output": str(tmp_path / "try")}
    run_dir = make_run(tmp_path / "job", "sample", **fields)
    outcome, told = finish(run_dir)
    assert outcome == "finished", told
    half, full = (tmp_path / "try" / f"strength_{n}" / "epoch_01" for n in ("0.5", "1"))
    known = pixels(gallery[1] / "epoch_01" / "lad_1.png")
    assert np.array_equal(pixels(full / "lad_1.png"), known)
    assert not np.array_equal(pixels(half / "lad_1.png"), known)
    with Image.open(half / "lad_1.png") as image:
        assert json.loads(image.info["bespoke"])["generation_id"] == "own"
