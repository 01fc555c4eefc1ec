"""What a machine would miss for a run, one clear line each."""

from dataclasses import replace

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.machines import Machine
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.launch.remote.probe import (
    NEEDED,
    Gpu,
    Probe,
    Python,
    numbers,
    problems,
    read_probe,
    room_needed,
)

CARD = Gpu("NVIDIA A100-SXM4-80GB", 80.0, "550.54.15", (8, 0))
GOOD = Probe(
    "/w/bespoke", (CARD,), True, "12.4", 10**11, 10**12, 10**11, 16,
    (Python("/usr/bin/python3", (3, 11, 2), "2.8.0+cu128"),),
)  # fmt: skip
BOX = Machine("box", "h")
CONFIG = {"max_train_epochs": 8, "train_batch_size": 4, "network_dim": 32, "resolution": "512,512"}


def spec(**changes):
    changes.setdefault("config", CONFIG)
    return RunSpec("r", changes.pop("engine", "lora"), changes.pop("base", "some/base"), **changes)


def codes(probe, request=None, machine=BOX):
    return [(p.code, p.severity) for p in problems(probe, request or spec(), machine)]


def test_nothing_is_missing_on_a_good_machine():
    assert codes(GOOD) == []


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"gpus": (), "nvidia_smi": False}, "no_gpu", "there is no nvidia-smi"),
        ({"gpus": ()}, "no_gpu", "nvidia-smi shows no card"),
        ({"cuda": "11.4"}, "old_driver", "CUDA 11.4, torch needs 12.0"),
        ({"disk_free": 10**9}, "little_disk", "1.0 GB of disk are free"),
        ({"pythons": (Python("/p", (3, 11), venv=False),)}, "no_venv", "venv is missing"),
    ],
)
def test_what_stops_a_run(changes, code, words):
    found = problems(replace(GOOD, **changes), spec(), BOX)
    assert [(p.code, p.severity, p.file) for p in found] == [(code, "error", "box")]
    assert words in found[0].message
    assert found[0].hint


def test_the_embedded_base_trains_without_a_card():
    assert codes(replace(GOOD, gpus=()), spec(base="embedded")) == [("no_gpu", "warning")]
    assert codes(replace(GOOD, gpus=(), pythons=()), spec(engine="fake")) == []


def test_too_little_memory_of_the_card_is_measured_not_guessed():
    small = replace(GOOD, gpus=(replace(CARD, name="NVIDIA T400", memory_gb=2.0),))
    found = problems(small, spec(config={**CONFIG, "train_batch_size": 8}), BOX)
    assert [(p.code, p.severity) for p in found] == [("little_gpu_memory", "warning")]
    assert "where it was measured" in found[0].message


def test_bf16_on_a_card_that_cannot():
    old = replace(GOOD, gpus=(Gpu("Tesla T4", 15.0, "550", (7, 5)),))
    config = {**CONFIG, "mixed_precision": "bf16", "train_batch_size": 1}
    assert ("no_bf16", "error") in codes(old, spec(config=config))
    assert codes(GOOD, spec(config=config)) == []


def test_several_gpus():
    two = replace(BOX, gpus=2, sd_scripts="/s")
    assert codes(GOOD, spec(engine="kohya"), two) == [("few_gpus", "error")]
    both = replace(GOOD, gpus=(CARD, CARD))
    assert codes(both, spec(engine="kohya"), two) == []
    assert codes(both, spec(), two) == [("one_gpu_used", "warning")]


def test_a_named_python_must_have_what_the_engine_needs():
    named = replace(BOX, python="/p")
    assert codes(GOOD, None, named) == [("no_python", "error")]
    half = Python("/p", (3, 11), "2.8", NEEDED[:3], named=True)
    found = problems(replace(GOOD, pythons=(half,)), spec(), named)
    assert found[0].message == "/p lacks peft, accelerate, safetensors, PIL"
    assert codes(replace(GOOD, pythons=(replace(half, packages=NEEDED),)), None, named) == []


def test_room_grows_with_states_and_without_torch(tmp_path):
    config = {**CONFIG, "save_every_n_epochs": 1}
    plain = room_needed(spec(engine="kohya", config=config), GOOD, BOX)
    states = room_needed(spec(engine="kohya", config={**config, "save_state": True}), GOOD, BOX)
    assert states - plain > 8 * 32 * 500_000 * 8
    assert room_needed(spec(), replace(GOOD, pythons=()), BOX) > room_needed(spec(), GOOD, BOX)
    weights = tmp_path / "base.safetensors"
    weights.write_bytes(bytes(1000))
    assert room_needed(spec(base=str(weights)), GOOD, BOX) < room_needed(spec(), GOOD, BOX)


@pytest.mark.parametrize(
    ("text", "known"), [("2.8.0+cu128", (2, 8, 0)), ("12.4", (12, 4)), ("", ()), ("2.6a1", (2,))]
)
def test_numbers(text, known):
    assert numbers(text) == known


SAID = {
    "root": "/r", "gpus": [], "nvidia_smi": False, "cuda": "", "disk_free": 1, "disk_total": 2,
    "memory": 3, "cpus": 4, "pythons": [], "now": 105.0,
}  # fmt: skip


def test_what_a_machine_says_is_read_and_its_clock_compared():
    found = read_probe(SAID, 100.0)
    assert (found.root, found.clock) == ("/r", 5.0)


@pytest.mark.parametrize(
    "wrong", [{"gpus": 3}, {"pythons": [{}]}, {"cpus": "many"}, {"now": None}, {"gpus": [{}]}]
)
def test_nonsense_is_one_line(wrong):
    with pytest.raises(AppError, match="nothing sensible"):
        read_probe({**SAID, **wrong}, 0.0)


def test_no_control_characters_of_a_machine_reach_the_screen():
    card = {"name": "\x1b[31mA" + "x" * 500, "memory_mb": 1024, "driver": "1", "capability": ""}
    found = read_probe({**SAID, "gpus": [card]}, 0.0).gpus[0]
    assert found.name.startswith("[31mAxx")
    assert len(found.name) < 210
