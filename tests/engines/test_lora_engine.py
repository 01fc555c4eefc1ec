"""The lora engine: kohya files that load, change the output, and come out the same twice."""

import json
import os
import signal
import time

import pytest

from tests.engines.runs import events, finish, make_run, start_engine

pytest.importorskip("torch")

import toml
import torch
from accelerate.state import AcceleratorState
from diffusers import StableDiffusionPipeline
from safetensors import safe_open
from safetensors.torch import load_file

from bespoke_gui.core.held_out import held_out
from bespoke_gui.core.lorafile import file_hash, inspect, read_header
from bespoke_gui.core.runs import read_run, run_state
from bespoke_gui.core.runspec import DataFolder, load_spec
from bespoke_gui.engines.diffusion.apply import text_key, unet_key
from bespoke_gui.engines.lora.adapters import Adapters, halves
from bespoke_gui.engines.lora.optim import make_scheduler
from bespoke_gui.engines.lora.parts import Parts
from bespoke_gui.engines.lora.settings import settings_from
from tests.engines import tiny

pytestmark = [
    pytest.mark.engine,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]
ONE_THREAD = {"threads": 1}


def train(folder, base, data, **changes):
    """Train here; returns the run folder."""
    options = {**ONE_THREAD, **changes.pop("options", {})}
    run_dir = make_run(
        folder, "lora", base=str(base), data=[data], config=tiny.config(**changes), options=options
    )
    outcome, fields = finish(run_dir)
    assert outcome == "finished", fields
    return run_dir


def lora_weights(path):
    """Tensors of a checkpoint."""
    return load_file(path)


def test_files_and_events_are_as_the_trainer_names_them(tiny_run):
    info = read_run(tiny_run.folder)
    assert [item.path.name for item in info.checkpoints] == [
        "tiny-000001.safetensors", "tiny.safetensors",
    ]  # fmt: skip
    assert [item.epoch for item in info.checkpoints] == [1, 2]
    cuda = torch.cuda.is_available()
    assert info.device == (torch.cuda.get_device_name() if cuda else "cpu")
    assert all(item.sha256 == file_hash(item.path) for item in info.checkpoints)
    steps = events(tiny_run, "progress")
    assert [event["step"] for event in steps] == [1, 2, 3, 4, 5, 6]
    wanted = {"total", "epoch", "epochs", "loss", "lr", "images_per_s", "eta_s"}
    assert all(wanted <= set(event) for event in steps)
    assert events(tiny_run, "checkpoint")[-1]["final"] is True


def test_keys_are_exactly_the_modules_sd_scripts_would_train(tiny_run, tiny_base):
    pipe = StableDiffusionPipeline.from_pretrained(tiny_base)
    expected = {text_key(n) for n, _ in linears(pipe.text_encoder) if "embed" not in n}
    for outer, block in pipe.unet.named_modules():
        if type(block).__name__ == "Transformer2DModel":
            convs = [n for n, m in block.named_modules() if isinstance(m, torch.nn.Conv2d)]
            names = [n for n, _ in linears(block)] + convs
            expected |= {unet_key(f"{outer}.{name}") for name in names}
    info = inspect(tiny_run.outputs / "tiny.safetensors")
    assert set(info.modules) == expected
    assert (info.format, info.rank, info.alpha, info.dtype) == ("kohya", 4, 2.0, "F16")
    assert len(info.modules) == 12 + 9 * 12 + 1 * 12 + 6 * 12


def linears(model):
    """Named Linear layers of a model."""
    return [(n, m) for n, m in model.named_modules() if isinstance(m, torch.nn.Linear)]


@pytest.mark.punks
def test_names_shapes_and_metadata_are_those_of_a_real_sd_scripts_file(tiny_run, fixtures):
    real = read_header(fixtures / "sdscripts" / "run1" / "bespoke_tiny.safetensors")
    full = read_header(fixtures / "sdscripts" / "kohya_sd15_fullshape_rank1.safetensors")
    ours = read_header(tiny_run.outputs / "tiny.safetensors")
    assert set(ours.tensors) == set(real.tensors)
    assert {n: len(t.shape) for n, t in ours.tensors.items()} == {
        n: len(t.shape) for n, t in real.tensors.items()
    }
    assert set(ours.tensors) <= set(full.tensors)
    shared = set(real.metadata) & set(ours.metadata)
    assert len(shared) > 60
    assert {"ss_epoch", "ss_num_epochs", "ss_steps", "sshs_model_hash", "ss_tag_frequency",
            "ss_bucket_info", "modelspec.architecture", "modelspec.title"} <= shared  # fmt: skip


def test_metadata_says_how_it_was_trained(tiny_run):
    found = read_header(tiny_run.outputs / "tiny-000001.safetensors").metadata
    assert (found["ss_epoch"], found["ss_num_epochs"], found["ss_steps"]) == ("1", "2", "3")
    assert (found["ss_network_dim"], found["ss_network_alpha"]) == ("4", "2.0")
    assert json.loads(found["ss_dataset_dirs"]) == {"1_lad": {"n_repeats": 1, "img_count": 6}}
    assert json.loads(found["ss_tag_frequency"])["1_lad"]["pixel art"] == 6
    assert found["sshs_legacy_hash"] == "e3b0c442"


def test_every_adapter_loads_changes_the_output_and_scale_0_gives_it_back(tiny_run, tiny_base):
    pipe = StableDiffusionPipeline.from_pretrained(tiny_base, safety_checker=None)
    pipe.set_progress_bar_config(disable=True)
    base = draw(pipe)
    path = tiny_run.outputs / "tiny.safetensors"
    pipe.load_lora_weights(str(path.parent), weight_name=path.name)
    counted = sum(
        hasattr(module, "lora_A")
        for model in (pipe.unet, pipe.text_encoder)
        for module in model.modules()
    )
    assert counted == len(inspect(path).modules)
    scales = {
        value
        for model in (pipe.unet, pipe.text_encoder)
        for module in model.modules()
        if hasattr(module, "lora_A")
        for value in module.scaling.values()
    }
    assert scales == {0.5}
    assert (draw(pipe) - base).abs().max() > 1e-4
    assert torch.equal(draw(pipe, cross_attention_kwargs={"scale": 0.0}), base)


def draw(pipe, **more):
    """Latents of one prompt."""
    generator = torch.Generator().manual_seed(3)
    return pipe(
        "pixel art, lad", num_inference_steps=3, guidance_scale=2.0, width=64, height=64,
        generator=generator, output_type="latent", **more,
    ).images  # fmt: skip


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(
    tmp_path, tiny_run, tiny_base, tiny_data
):
    again = train(tmp_path / "again", tiny_base, tiny_data)
    other = train(tmp_path / "other", tiny_base, tiny_data, seed=43)
    first = lora_weights(tiny_run.outputs / "tiny.safetensors")
    second = lora_weights(again.outputs / "tiny.safetensors")
    third = lora_weights(other.outputs / "tiny.safetensors")
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], third[name]) for name in first)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_killed_by_force_and_resumed_equals_an_uninterrupted_run(tmp_path, tiny_base, tiny_data):
    changes = {
        "shuffle_caption": True, "keep_tokens": 1, "caption_dropout_rate": 0.2, "noise_offset": 0.1,
        "multires_noise_iterations": 3, "network_dropout": 0.1, "max_train_epochs": 3,
        "lr_scheduler": "cosine", "lr_warmup_steps": 2, "cache_latents": False,
        "save_precision": "float",
    }  # fmt: skip
    whole = train(tmp_path / "whole", tiny_base, tiny_data, **changes)
    cut = make_run(
        tmp_path / "cut", "lora", base=str(tiny_base), data=[tiny_data],
        config=tiny.config(**changes), options={**ONE_THREAD, "state_every_s": 0},
    )  # fmt: skip
    process = start_engine(cut)
    kill_after_step(process, cut, 4)
    assert run_state_without_beat(cut) == "lost"
    resume(cut)
    outcome, fields = finish(cut)
    assert outcome == "finished", fields
    seen = [event["step"] for event in events(cut, "progress")]
    assert seen[-1] == 9
    assert seen.count(1) == 1, "it began anew instead of going on"
    expected = lora_weights(whole.outputs / "tiny.safetensors")
    found = lora_weights(cut.outputs / "tiny.safetensors")
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert len(list((cut.folder / "state").glob("step_*"))) == 2


def kill_after_step(process, run_dir, step):
    """Kill -9 as soon as a step was announced."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, run_dir.log_path.read_text("utf-8")[-2000:]
        if run_dir.events_path.exists():
            seen = [e["step"] for e in events(run_dir, "progress")]
            if seen and seen[-1] >= step:
                break
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def run_state_without_beat(run_dir):
    """The state when the heartbeat is old."""
    os.utime(run_dir.heartbeat_path, (1, 1))
    return run_state(run_dir)


def resume(run_dir):
    """Ask the next start to go on."""
    spec = load_spec(run_dir.spec_path)
    spec.resume = True
    spec.save(run_dir.spec_path)


def test_stop_saves_and_resume_with_other_captions_is_refused(tmp_path, tiny_base):
    data = tiny.data_folder(tmp_path / "data")
    run_dir = make_run(tmp_path / "r", "lora", base=str(tiny_base), data=[data],
                       config=tiny.config(), options=ONE_THREAD)  # fmt: skip
    run_dir.request("save")
    run_dir.request("stop_after_epoch")
    outcome, fields = finish(run_dir)
    assert (outcome, fields["message"]) == ("cancelled", "stopped after epoch 1 of 2, as asked")
    names = sorted(path.name for path in run_dir.outputs.iterdir())
    assert names == ["tiny-000001.safetensors", "tiny-step00000000.safetensors"]
    next(data.glob("*.txt")).write_text("something else", encoding="utf-8")
    resume(run_dir)
    outcome, fields = finish(run_dir)
    assert (outcome, fields["kind"]) == ("failed", "bad_config")
    assert "changed" in fields["message"]


def test_a_preview_asked_for_during_training_does_not_change_it(
    tmp_path, tiny_run, tiny_base, tiny_data
):
    run_dir = make_run(tmp_path / "r", "lora", base=str(tiny_base), data=[tiny_data],
                       config=tiny.config(), options=ONE_THREAD)  # fmt: skip
    run_dir.request("sample")
    assert finish(run_dir)[0] == "finished"
    (sample,) = events(run_dir, "sample")
    assert (run_dir.folder / sample["path"]).is_file()
    name = "outputs/tiny.safetensors"
    first, second = lora_weights(tiny_run.folder / name), lora_weights(run_dir.folder / name)
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_preview_in_half_precision(tmp_path, tiny_base, tiny_data, monkeypatch):
    """As on a graphics card: the base in 16 bits, the LoRA in 32."""
    monkeypatch.setattr(Parts, "_precision", lambda _: "bf16")
    run_dir = make_run(tmp_path / "r", "lora", base=str(tiny_base), data=[tiny_data],
                       config=tiny.config(mixed_precision="bf16"), options=ONE_THREAD)  # fmt: skip
    run_dir.request("sample")
    AcceleratorState._reset_state(reset_partial_state=True)
    try:
        outcome, fields = finish(run_dir)
    finally:
        AcceleratorState._reset_state(reset_partial_state=True)
    assert outcome == "finished", fields
    (sample,) = events(run_dir, "sample")
    assert (run_dir.folder / sample["path"]).is_file()


def test_unet_only_trains_no_text_encoder_and_conv_dim_adds_convolutions(
    tmp_path, tiny_base, tiny_data
):
    run_dir = train(
        tmp_path / "r", tiny_base, tiny_data, network_train_unet_only=True, max_train_epochs=1,
        network_args=["conv_dim=2", "conv_alpha=1"], save_precision="bf16",
    )  # fmt: skip
    header = read_header(run_dir.outputs / "tiny.safetensors")
    names = {name.split(".")[0] for name in header.tensors}
    assert not [name for name in names if name.startswith("lora_te_")]
    conv = "lora_unet_down_blocks_0_resnets_0_conv1"
    assert header.tensors[f"{conv}.lora_down.weight"].shape == (2, 32, 3, 3)
    assert header.tensors[f"{conv}.lora_up.weight"].shape == (32, 2, 1, 1)
    assert {tensor.dtype for tensor in header.tensors.values()} == {"BF16"}
    assert header.metadata["ss_network_args"] == '{"conv_dim": "2", "conv_alpha": "1.0"}'


@pytest.mark.parametrize(
    ("changes", "kind", "word"),
    [
        ({"learning_rate": "1e-4"}, "bad_config", "learning_rate"),
        ({"network_dim": 0}, "bad_config", "network_dim"),
        ({"network_module": "lycoris.kohya"}, "bad_config", "network_module"),
        ({"shuffle_caption": "false"}, "bad_config", "shuffle_caption"),
        ({"resolution": "wide"}, "bad_config", "resolution"),
        ({"output_name": "../escape"}, "bad_config", "output_name"),
        ({"unet_lr": 0, "text_encoder_lr": 0}, "bad_config", "nothing would be trained"),
        ({"lr_scheduler": "constant", "lr_warmup_steps": 5}, "bad_config", "constant"),
        ({"lr_scheduler": "sideways"}, "bad_config", "sideways"),
        ({"unet_lr": 1e30, "max_grad_norm": 0}, "nan_loss", "no number"),
    ],
)
def test_a_config_that_cannot_work_fails_in_one_line(
    tmp_path, tiny_base, tiny_data, changes, kind, word
):
    run_dir = make_run(tmp_path / "r", "lora", base=str(tiny_base), data=[tiny_data],
                       config=tiny.config(**changes), options=ONE_THREAD)  # fmt: skip
    outcome, fields = finish(run_dir)
    assert (outcome, fields["kind"]) == ("failed", kind)
    assert word in fields["message"]


def test_no_images_is_no_data(tmp_path, tiny_base):
    (tmp_path / "empty").mkdir()
    run_dir = make_run(tmp_path / "r", "lora", base=str(tiny_base), data=[tmp_path / "empty"],
                       config=tiny.config())  # fmt: skip
    assert finish(run_dir)[1]["kind"] == "no_data"


def test_excluded_images_stay_out_and_regularisation_is_told_apart(tmp_path, tiny_base):
    data = tiny.data_folder(tmp_path / "data", count=3)
    apart = tiny.data_folder(tmp_path / "apart", count=1)
    folders = [
        DataFolder(str(data), 2, "", ["punk_1.png"]),
        DataFolder(str(apart), 1, "person", is_reg=True),
    ]
    weights = {}
    for prior in (1.0, 0.0):
        run_dir = make_run(
            tmp_path / f"r{prior}", "lora", base=str(tiny_base), data=folders,
            config=tiny.config(max_train_epochs=1, prior_loss_weight=prior), options=ONE_THREAD,
        )  # fmt: skip
        assert finish(run_dir)[0] == "finished"
        (path,) = (run_dir.folder / "outputs").glob("*.safetensors")
        weights[prior] = lora_weights(path)
        with safe_open(path, "pt") as file:
            told = file.metadata()
        assert (told["ss_num_train_images"], told["ss_num_reg_images"]) == ("4", "4")
        assert json.loads(told["ss_dataset_dirs"])[data.name]["img_count"] == 2
        assert json.loads(told["ss_reg_dataset_dirs"])[apart.name] == {
            "n_repeats": 4, "img_count": 1,
        }  # fmt: skip
    assert any(not torch.equal(weights[1.0][key], weights[0.0][key]) for key in weights[1.0])


def test_odd_options_images_and_captions_are_named_and_the_rest_goes_on(tmp_path, tiny_base):
    data = tiny.data_folder(tmp_path / "data", count=2)
    (data / "broken.png").write_bytes(b"no image")
    tiny.data_folder(tmp_path / "wide", count=1, size=96)
    (tmp_path / "wide" / "1_lad" / "punk_0.txt").write_bytes("caf\xe9".encode("cp1252"))
    for suffix in (".png", ".txt"):
        (tmp_path / "wide" / "1_lad" / f"punk_0{suffix}").rename(data / f"wide{suffix}")
    run_dir = train(tmp_path / "r", tiny_base, data, max_train_epochs=1, ip_noise_gamma=0.1,
                    mixed_precision="bf16", xformers=True, v2=False)  # fmt: skip
    texts = [event["text"] for event in events(run_dir, "log") if event["level"] == "warning"]
    assert [t for t in texts if "ip_noise_gamma" in t]
    assert [t for t in texts if "broken.png" in t]
    assert [t for t in texts if "wide.txt" in t or "wide.png" in t]
    assert [t for t in texts if "1 of 3 images are resized" in t]
    assert not [t for t in texts if "xformers" in t or "v2" in t]


def test_the_short_sum_of_a_layer_equals_that_of_peft():
    pipe = tiny.pipeline()
    adapters = Adapters(pipe, settings_from(tiny.config(network_alpha=3)))
    for layer in adapters.all.values():
        halves(layer)[1].weight.data.normal_(0, 0.3)
    ours, our_gradients = output_and_gradients(pipe.unet, adapters)
    shortened = [layer for layer in adapters.all.values() if "forward" in vars(layer)]
    assert len(shortened) > 100
    for layer in shortened:
        del layer.forward
    theirs, their_gradients = output_and_gradients(pipe.unet, adapters)
    assert torch.allclose(ours, theirs, atol=1e-5)
    for one, other in zip(our_gradients, their_gradients, strict=True):
        assert torch.allclose(one, other, atol=1e-4 * float(other.abs().max()) + 1e-6)


def output_and_gradients(unet, adapters):
    """The UNet's answer to fixed numbers and the gradients of its LoRA weights."""
    numbers = torch.Generator().manual_seed(1)
    noisy = torch.randn((2, 4, 8, 8), generator=numbers)
    states = torch.randn((2, 77, 32), generator=numbers)
    answer = unet(noisy, torch.tensor([3, 900]), states).sample
    answer.square().sum().backward()
    weights = adapters.parameters("unet")
    gradients = [weight.grad.clone() for weight in weights]
    for weight in weights:
        weight.grad = None
    return answer.detach(), gradients


def test_the_held_out_loss_changes_nothing_and_is_the_same_twice(tmp_path, tiny_base, tiny_data):
    """Measured before the training and after each epoch, on images that are not taught."""
    asked = {"validation_split": 0.3, "validation_seed": 3, "network_dropout": 0.1}
    runs = [train(tmp_path / name, tiny_base, tiny_data, **asked) for name in ("a", "b")]
    infos = [read_run(run_dir.folder) for run_dir in runs]
    losses = infos[0].held_out_losses
    assert sorted(losses) == [0, 1, 2]
    assert len(set(losses.values())) == 3
    assert infos[1].held_out_losses == losses
    assert [one.held_out_loss for one in infos[0].checkpoints] == [losses[1], losses[2]]
    weights = [lora_weights(run_dir.outputs / "tiny.safetensors") for run_dir in runs]
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])
    record = json.loads((runs[0].outputs / "held_out.json").read_text("utf-8"))
    names = {f"punk_{place}.png" for place in held_out(6, 0.3, 3)}
    assert {image["name"] for image in record["images"]} == names
    metadata = read_header(runs[0].outputs / "tiny.safetensors").metadata
    assert metadata["ss_num_train_images"] == "5"
    assert metadata["ss_num_validation_images"] == "1"
    assert events(runs[0], "progress")[-1]["total"] == 6


def test_images_held_out_are_not_taught(tmp_path, tiny_base, tiny_data):
    """Training without them at all gives the same LoRA, whatever is measured meanwhile."""
    held = held_out(6, 0.3, 3)
    measured = train(tmp_path / "a", tiny_base, tiny_data, validation_split=0.3, validation_seed=3)
    data = DataFolder(str(tiny_data), excluded=[f"punk_{place}.png" for place in held])
    plain = train(tmp_path / "b", tiny_base, data)
    one, other = (lora_weights(run.outputs / "tiny.safetensors") for run in (measured, plain))
    assert all(torch.equal(one[key], other[key]) for key in one)
    assert read_run(plain.folder).held_out_losses == {}
    assert not (plain.outputs / "held_out.json").exists()


def test_every_second_epoch_and_so_many_batches(tmp_path, tiny_base, tiny_data):
    asked = {"validation_split": 0.5, "max_train_epochs": 3, "validate_every_n_epochs": 2}
    whole = train(tmp_path / "a", tiny_base, tiny_data, **asked)
    assert sorted(read_run(whole.folder).held_out_losses) == [0, 2, 3]
    part = train(tmp_path / "b", tiny_base, tiny_data, max_validation_steps=1, **asked)
    losses = [read_run(run_dir.folder).held_out_losses for run_dir in (whole, part)]
    assert losses[0][0] != losses[1][0]


def test_too_few_images_to_hold_one_out_and_none_left_to_teach(tmp_path, tiny_base, tiny_data):
    run_dir = train(tmp_path / "a", tiny_base, tiny_data, validation_split=0.05)
    texts = [event["text"] for event in events(run_dir, "log") if event["level"] == "warning"]
    assert any("holds none out" in text for text in texts)
    config = tiny.config(validation_split=1.0)
    every = make_run(tmp_path / "b", "lora", base=str(tiny_base), data=[tiny_data], config=config)
    outcome, fields = finish(every)
    assert (outcome, fields["kind"]) == ("failed", "no_data")
    assert "6 are held out" in fields["message"]


@pytest.mark.punks
def test_learning_rates_are_those_of_the_reference_run(punks):
    text = (punks / "configs" / "training_config_phase1b.toml").read_text("utf-8")
    values = {k: v for part in toml.loads(text).values() for k, v in part.items()}
    settings = settings_from(values)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=settings.unet_lr)
    schedule = make_scheduler(optimizer, settings, 408, 100)
    rates = []
    for _ in range(408):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    at_ends = [rates[51 * epoch - 1] for epoch in range(1, 9)]
    expected = [5.0e-5, 1.0e-4, 4.9e-5, 1.0e-4, 5.0e-5, 2.6e-9, 5.1e-5, 2.3e-8]
    assert at_ends == pytest.approx(expected, rel=0.02)
