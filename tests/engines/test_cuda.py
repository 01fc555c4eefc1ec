"""The engines on a CUDA GPU; skipped where there is none."""

import pytest

from tests.engines.runs import events, finish, make_run

pytest.importorskip("torch")

import torch
from accelerate.state import AcceleratorState
from safetensors.torch import load_file

from bespoke_gui.core.lorafile import inspect
from bespoke_gui.core.runs import read_run
from bespoke_gui.core.runspec import load_spec
from tests.engines import tiny

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU here"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]


@pytest.fixture(autouse=True)
def fresh_accelerate():
    """A run has a process of its own; here many share one, and accelerate keeps its precision."""
    AcceleratorState._reset_state(reset_partial_state=True)


def train(folder, base, data, options=None, **changes):
    """Train on the GPU; returns the run folder, its outcome and its last fields."""
    run_dir = make_run(
        folder, "lora", base=str(base), data=[data], device="cuda", config=tiny.config(**changes),
        options=options or {},
    )  # fmt: skip
    return (run_dir, *finish(run_dir))


@pytest.mark.parametrize("precision", ["no", "fp16", "bf16"])
def test_every_precision_trains_to_a_complete_checkpoint(precision, tmp_path, tiny_base, tiny_data):
    run_dir, outcome, fields = train(
        tmp_path / precision, tiny_base, tiny_data, mixed_precision=precision, max_train_epochs=3
    )
    assert outcome == "finished", fields
    found = inspect(run_dir.outputs / "tiny.safetensors")
    assert len(found.modules) == 12 + 9 * 12 + 1 * 12 + 6 * 12
    losses = [event["loss"] for event in events(run_dir, "progress")]
    assert len(losses) == 9
    assert all(loss == loss and loss < 10 for loss in losses)
    assert all(torch.isfinite(t).all() for t in load_file(found.path).values())


@pytest.mark.parametrize("precision", ["no", "fp16", "bf16"])
def test_a_preview_in_every_precision(precision, tmp_path, tiny_base, tiny_data):
    run_dir = make_run(
        tmp_path / precision, "lora", base=str(tiny_base), data=[tiny_data], device="cuda",
        config=tiny.config(mixed_precision=precision),
    )  # fmt: skip
    run_dir.request("sample")
    outcome, fields = finish(run_dir)
    assert outcome == "finished", fields
    assert len(events(run_dir, "sample")) == 1


def test_gradient_checkpointing_trains_the_same(tmp_path, tiny_base, tiny_data):
    plain, _, _ = train(tmp_path / "plain", tiny_base, tiny_data)
    spared, outcome, fields = train(
        tmp_path / "spared", tiny_base, tiny_data, gradient_checkpointing=True
    )
    assert outcome == "finished", fields
    ours, theirs = ([e["loss"] for e in events(r, "progress")] for r in (plain, spared))
    assert ours == pytest.approx(theirs, rel=1e-2)


@pytest.mark.parametrize("changes", [
    {"mixed_precision": "bf16"}, {"mixed_precision": "fp16"}, {"text_encoder_lr": 0.0},
    {"clip_skip": 2, "max_token_length": 225},
])  # fmt: skip
def test_replayed_steps_train_as_plain_ones_do(changes, tmp_path, tiny_base, tiny_data):
    changes = {"max_train_epochs": 5, **changes}
    replayed, outcome, fields = train(tmp_path / "replayed", tiny_base, tiny_data, **changes)
    assert outcome == "finished", fields
    AcceleratorState._reset_state(reset_partial_state=True)
    plain, _, _ = train(
        tmp_path / "plain", tiny_base, tiny_data, options={"graphs": False}, **changes
    )
    said = [event["text"] for event in events(replayed, "log")]
    assert not [text for text in said if "one kernel at a time" in text]
    ours, theirs = ([e["loss"] for e in events(r, "progress")] for r in (replayed, plain))
    assert len(ours) == 15
    assert ours == pytest.approx(theirs, rel=0.02)


def test_the_held_out_loss_is_that_of_plain_steps_and_of_the_cpu(tmp_path, tiny_base, tiny_data):
    """Measured between replays, which go on as if nothing had been."""
    changes = {"max_train_epochs": 5, "validation_split": 0.3, "validation_seed": 3}
    runs = []
    for name, options in (("replayed", {}), ("plain", {"graphs": False})):
        AcceleratorState._reset_state(reset_partial_state=True)
        run_dir, outcome, fields = train(
            tmp_path / name, tiny_base, tiny_data, options=options, **changes
        )
        assert outcome == "finished", fields
        runs.append(read_run(run_dir.folder).held_out_losses)
    assert list(runs[0]) == [0, 1, 2, 3, 4, 5]
    assert list(runs[0].values()) == pytest.approx(list(runs[1].values()), rel=0.02)
    on_cpu = make_run(
        tmp_path / "cpu", "lora", base=str(tiny_base), data=[tiny_data], device="cpu",
        config=tiny.config(**changes), options={"threads": 1},
    )  # fmt: skip
    AcceleratorState._reset_state(reset_partial_state=True)
    finish(on_cpu)
    losses = read_run(on_cpu.folder).held_out_losses
    assert losses[0] == pytest.approx(runs[0][0], rel=2e-3)


def test_the_first_losses_are_those_of_the_cpu(tmp_path, tiny_base, tiny_data):
    """Noise, steps and captions are drawn on the CPU: a GPU sees the same training."""
    on_gpu, _, _ = train(tmp_path / "gpu", tiny_base, tiny_data, mixed_precision="no")
    on_cpu = make_run(
        tmp_path / "cpu", "lora", base=str(tiny_base), data=[tiny_data], device="cpu",
        config=tiny.config(mixed_precision="no"), options={"threads": 1},
    )  # fmt: skip
    AcceleratorState._reset_state(reset_partial_state=True)
    finish(on_cpu)
    gpu, cpu = ([e["loss"] for e in events(r, "progress")] for r in (on_gpu, on_cpu))
    assert gpu[:3] == pytest.approx(cpu[:3], rel=2e-3)


def test_a_stopped_run_goes_on_where_it_was(tmp_path, tiny_base, tiny_data):
    whole, _, _ = train(tmp_path / "whole", tiny_base, tiny_data, mixed_precision="bf16")
    run_dir = make_run(
        tmp_path / "cut", "lora", base=str(tiny_base), data=[tiny_data], device="cuda",
        config=tiny.config(mixed_precision="bf16"),
    )  # fmt: skip
    run_dir.request("stop_after_epoch")
    AcceleratorState._reset_state(reset_partial_state=True)
    assert finish(run_dir)[0] == "cancelled"
    spec = load_spec(run_dir.spec_path)
    spec.resume = True
    spec.save(run_dir.spec_path)
    outcome, fields = finish(run_dir)
    assert outcome == "finished", fields
    ours, theirs = ({e["step"]: e["loss"] for e in events(r, "progress")} for r in (whole, run_dir))
    assert ours == pytest.approx(theirs, rel=1e-2)


def test_generation_on_the_gpu_and_lora_off_is_the_base(tmp_path, tiny_base, tiny_data):
    from bespoke_gui.core.protocol import builtin_protocol

    run_dir, _, _ = train(tmp_path / "run", tiny_base, tiny_data)
    protocol = {
        **builtin_protocol().as_dict(), "width": 64, "height": 64, "steps": 3, "seeds": [1, 2],
    }  # fmt: skip
    loras = [{"epoch": 0}, {"epoch": 2, "path": str(run_dir.outputs / "tiny.safetensors")}]
    job = make_run(
        tmp_path / "sample", "sample", base=str(tiny_base), protocol=protocol, loras=loras,
        output=str(tmp_path / "out"), device="cuda",
    )  # fmt: skip
    outcome, fields = finish(job)
    assert outcome == "finished", fields
    assert len(events(job, "sample")) == 2 * 2 * len(protocol["prompts"])
