"""Forecast: epochs, rates, disk, time and cost, with the basis of every estimate."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.config.cards import match_name
from bespoke_gui.core.config.disk import disk_needed, trained_values
from bespoke_gui.core.config.estimate import estimate
from bespoke_gui.core.config.forecast import forecast, forecast_or_reason
from bespoke_gui.core.config.past_runs import past_speeds
from bespoke_gui.core.config.prices import price_of, sample_prices
from bespoke_gui.core.config.schedule import annealed_epochs, plan, uneven_words
from bespoke_gui.core.config.speeds import (
    Shape,
    Speed,
    read_table,
    shape_of,
    speed_table,
)
from bespoke_gui.core.errors import AppError
from tests.core.test_config_schedule import REFERENCE, rounded

TABLE = read_table("""
[start_up]
minutes = [3, 15]
[[speed]]
gpu = "Card X 80GB"
engine = "lora"
resolution = 512
batch = 4
rank = 32
precision = "bf16"
checkpointing = true
steps_per_s = 8.0
peak_vram_gb = 7.5
kind = "measured"
source = "one run"
date = 2026-11-26
[[speed]]
gpu = "Card Y"
engine = "kohya"
resolution = 512
batch = 1
rank = 16
precision = "fp16"
checkpointing = true
steps_per_s = 2.0
kind = "reported"
source = "a forum"
date = "2025"
[cards]
"Card X 80GB" = { tflops = 900, bandwidth = 3000, memory = 80, year = 2022 }
"Card Y" = { tflops = 100, bandwidth = 500, memory = 16, year = 2020 }
"Card Z" = { tflops = 300, bandwidth = 1500, memory = 24, year = 2022 }
""")
SHAPE = Shape(pixels=512 * 512, images=4, rank=32)
RUN = Speed("", SHAPE, 2.0, "past_run", "run r1", "2026-11-20", here=True)


def test_the_reference_run():
    found = forecast(REFERENCE, 203)
    marks = found.marks
    assert [mark.step for mark in marks] == [51 * n for n in range(1, 9)]
    assert rounded(m.learning_rate for m in marks) == [
        5.0e-5, 1.0e-4, 4.9e-5, 1.0e-4, 5.0e-5, 2.6e-9, 5.1e-5, 2.3e-8,
    ]  # fmt: skip
    assert [mark.epoch for mark in marks if mark.annealed] == [6, 8]
    assert (marks[6].checkpoint, marks[7].checkpoint) == ("x-000007.safetensors", "x.safetensors")
    assert "epochs 6, 8" in found.uneven
    assert "epoch 4 ends at 1.0e-04" in found.uneven
    json.dumps(found.as_dict(), allow_nan=False)


def test_epochs_without_a_checkpoint_have_a_mark_all_the_same():
    marks = forecast({**REFERENCE, "save_every_n_epochs": 4}, 203).marks
    assert [m.checkpoint for m in marks if m.checkpoint] == [
        "x-000004.safetensors", "x.safetensors",
    ]  # fmt: skip
    assert len(marks) == 8


def test_a_rate_that_cannot_be_told():
    found = forecast({**REFERENCE, "lr_scheduler": "piecewise_constant"}, 203)
    assert {mark.learning_rate for mark in found.marks} == {None}
    assert found.uneven == ""


@pytest.mark.parametrize(
    ("rates", "annealed"),
    [([1.0, 1.0], []), ([1.0, 0.5, 0.01], []), ([1, 0.04, 0.01], [2, 3]), ([1, 0.01, 1], [2]),
     ([0.01], []), ([], []), ([0.0, 0.0], [])],
)  # fmt: skip
def test_which_epochs_are_annealed(rates, annealed):
    assert annealed_epochs(rates) == annealed
    assert bool(uneven_words(rates)) == bool(annealed)


def test_no_forecast_has_a_reason():
    assert forecast_or_reason(REFERENCE, 203)[1] == ""
    found, why = forecast_or_reason({**REFERENCE, "train_batch_size": 0}, 203)
    assert found is None
    assert "train_batch_size" in why


# -- disk: facts section 3 counted 589,824 values a rank on the real architecture ------------------


@pytest.mark.parametrize(("rank", "megabytes"), [(4, 4.7), (16, 18.9), (32, 37.7), (64, 75.5)])
def test_checkpoints_are_as_large_as_real_ones(rank, megabytes):
    config = {"network_dim": rank, "save_precision": "fp16", "max_train_epochs": 1}
    disk = disk_needed(config, plan(config, 4))
    assert round(disk.each_checkpoint / 1e6, 1) == megabytes
    assert disk.states == 0


def test_parts_of_the_network():
    whole = trained_values({"network_dim": 1})
    unet = trained_values({"network_dim": 1, "network_train_unet_only": True})
    text = trained_values({"network_dim": 1, "network_train_text_encoder_only": True})
    assert (whole, unet + text) == (589_824, 589_824)
    conv = trained_values({"network_dim": 1, "network_args": ["conv_dim=2", "conv_alpha=1"]})
    assert conv == 589_824 + 2 * 1_216_704


@pytest.mark.parametrize(
    ("extra", "kept", "each"),
    [
        ({}, 8, 12),
        ({"optimizer_type": "AdamW8bit"}, 8, 6),
        ({"optimizer_type": "Adafactor"}, 8, 4),
        ({"save_last_n_epochs_state": 1}, 2, 12),
        ({"save_every_n_epochs": 4}, 2, 12),
        ({"save_state": False, "save_state_on_train_end": True}, 1, 12),
        ({"save_state": False}, 0, 12),
    ],
)
def test_states(extra, kept, each):
    config = {**REFERENCE, "network_dim": 32, "save_state": True, **extra}
    disk = disk_needed(config, plan(config, 203))
    assert disk.kept_states == kept
    assert disk.each_state == 32 * 589_824 * each
    assert disk.total == disk.checkpoints + disk.states


# -- time ------------------------------------------------------------------------------------------


def test_a_measured_card():
    found = estimate(408, SHAPE, gpu="card x", table=TABLE)
    assert found.kind == "measured"
    assert found.seconds == pytest.approx(51)
    assert found.low < found.seconds < found.high
    assert "measured on Card X 80GB: 8 steps/s" in found.basis
    assert "scaled" not in found.basis
    assert found.start_up == (180, 900)


def test_less_work_takes_less_time_but_not_in_proportion():
    half = estimate(100, replace(SHAPE, images=1), gpu="Card X", table=TABLE)
    full = estimate(100, SHAPE, gpu="Card X", table=TABLE)
    assert full.seconds / 4 < half.seconds < full.seconds
    assert "0.25 times the pixels a step" in half.basis
    assert half.high / half.low > full.high / full.low


def test_another_card_is_scaled_by_the_data_sheets_and_says_so():
    found = estimate(100, SHAPE, gpu="Card Z", table=TABLE)
    assert "scaled to Card Z by the makers' data sheets" in found.basis
    assert found.seconds == pytest.approx(100 / 8 * (3 * 2) ** 0.5)
    assert found.low < 100 / 8 * 2 < 100 / 8 * 3 < found.high


def test_figures_of_the_card_itself_count_before_better_ones_of_others():
    assert estimate(1, SHAPE, gpu="Card Y", table=TABLE).kind == "reported"


def test_runs_of_this_project_come_first():
    here = estimate(408, SHAPE, past=[RUN], table=TABLE)
    assert (here.kind, here.seconds, here.start_up) == ("past_run", 204, (0, 0))
    assert "a run of this project on this machine" in here.basis
    assert "run r1" in here.basis
    there = replace(RUN, gpu="Card X 80GB", here=False)
    assert estimate(1, SHAPE, gpu="Card X", past=[there], table=TABLE).kind == "past_run"
    assert estimate(1, SHAPE, past=[there], table=TABLE) is None


def test_the_run_most_like_it_is_taken():
    other = replace(RUN, shape=replace(SHAPE, pixels=256 * 256), steps_per_s=9.0, source="run r2")
    assert "run r2" in estimate(1, replace(SHAPE, pixels=256 * 256), past=[RUN, other]).basis
    newer = replace(RUN, date="2026-11-25", source="run r3")
    assert "run r3" in estimate(1, SHAPE, past=[RUN, newer]).basis


PLAIN = replace(SHAPE, checkpointing=False)
REPLAYED = Speed("Card X 80GB", PLAIN, 24.0, "measured", "recorded", engine="lora")
ONE_BY_ONE = Speed("Card X 80GB", PLAIN, 12.0, "measured", "one by one", engine="plain")


def test_each_engine_goes_by_figures_of_its_own_manner():
    table = replace(TABLE, speeds=[*TABLE.speeds, REPLAYED, ONE_BY_ONE])
    ours = estimate(120, PLAIN, gpu="Card X", table=table)
    theirs = estimate(120, PLAIN, gpu="Card X", engine="kohya", table=table)
    assert (ours.seconds, theirs.seconds) == (pytest.approx(5), pytest.approx(10))
    assert "sd-scripts itself was not measured" in theirs.basis
    alone = replace(TABLE, speeds=[REPLAYED])
    wide = estimate(120, PLAIN, gpu="Card X", engine="kohya", table=alone)
    assert "one kernel at a time instead" in wide.basis
    assert wide.high / wide.low > 3
    back = estimate(120, PLAIN, gpu="Card X", table=replace(TABLE, speeds=[ONE_BY_ONE]))
    assert "recorded steps instead" in back.basis


def test_a_slow_card_hides_the_launches_and_a_fast_one_waits_for_them():
    table = replace(TABLE, speeds=[REPLAYED, ONE_BY_ONE])
    slow = estimate(24, PLAIN, gpu="Card Y", engine="kohya", table=table)
    # 6 to 9 times as slow at computing: far over the 1/12 s that launching takes.
    assert slow.seconds == pytest.approx(54**0.5)
    assert "takes 0.083 s or more a step" in slow.basis
    fast = replace(table, cards={**TABLE.cards, "Card W": TABLE.cards["Card X 80GB"]})
    found = estimate(24, PLAIN, gpu="Card W", engine="kohya", table=fast)
    assert found.seconds == pytest.approx(2)
    assert estimate(24, PLAIN, gpu="Card W", table=fast).seconds == pytest.approx(1)


def test_checkpointing_by_what_was_measured():
    """With it steps are not recorded, so figures of one kernel at a time are compared."""
    near = replace(ONE_BY_ONE, shape=replace(PLAIN, images=1), steps_per_s=40.0)
    wanted = replace(SHAPE, images=1)
    both = replace(TABLE, speeds=[*TABLE.speeds, ONE_BY_ONE, near])
    found = estimate(100, wanted, gpu="Card X", table=both)
    assert "gradient checkpointing on instead (1.5 times as long with it)" in found.basis
    assert found.seconds == pytest.approx(100 / 40 * 12 / 8)
    unknown = estimate(100, wanted, gpu="Card X", table=replace(TABLE, speeds=[near]))
    assert unknown.seconds == pytest.approx(100 / 40 * 1.35)


def test_nothing_is_guessed():
    assert estimate(1, SHAPE, table=TABLE) is None
    assert estimate(1, SHAPE, gpu="Abacus", table=TABLE) is None
    assert estimate(1, replace(SHAPE, base="embedded"), gpu="Card X", table=TABLE) is None
    assert estimate(1, replace(SHAPE, base="embedded"), past=[RUN]) is None


@given(
    st.integers(64, 1024), st.integers(1, 64), st.booleans(), st.booleans(),
    st.sampled_from(["Card X", "Card Y", "Card Z"]),
)  # fmt: skip
def test_an_estimate_is_always_a_range_with_a_basis(edge, images, half, checkpointing, gpu):
    shape = Shape(edge * edge, images, 32, half, checkpointing=checkpointing)
    found = estimate(10, shape, gpu=gpu, table=TABLE)
    assert 0 < found.low < found.seconds < found.high < float("inf")
    assert found.basis
    low, likely, high = found.cost(2.0)
    assert 0 < low <= likely <= high


def test_shape_of_a_config():
    shape = shape_of({**REFERENCE, "resolution": "256,128", "gradient_accumulation_steps": 2})
    assert (shape.pixels, shape.images, shape.half) == (256 * 128, 8, False)
    assert shape_of({"pretrained_model_name_or_path": "embedded"}).base == "embedded"
    assert shape_of({"resolution": 5, "train_batch_size": "x"}).images == 1


# -- the tables that ship --------------------------------------------------------------------------


def test_the_shipped_table_is_sound():
    table = speed_table()
    for speed in table.speeds:
        assert speed.gpu in table.cards, f"no data sheet for {speed.gpu}"
        assert speed.source
        assert speed.date
    for name in table.cards:
        assert estimate(408, SHAPE, gpu=name).high < 24 * 3600


def test_a_broken_table_is_named():
    with pytest.raises(AppError, match="steps_per_s"):
        read_table('[start_up]\nminutes = [1, 2]\n[[speed]]\ngpu = "x"\nresolution = 1\nbatch = 1\n'
                   'rank = 1\nprecision = "no"\ncheckpointing = true\nsteps_per_s = 0\n'
                   'kind = "measured"\nsource = ""\ndate = ""\nengine = ""\n')  # fmt: skip


@pytest.mark.parametrize(
    ("written", "card"),
    [("H200", "NVIDIA H200"), ("a100 80GB pcie", "NVIDIA A100 80GB PCIe"),
     ("rtx 4090", "NVIDIA GeForce RTX 4090"), ("A100 80 GB PCIe", "NVIDIA A100 80GB PCIe"),
     ("NVIDIA L4", "NVIDIA L4"), ("4090 super", ""), ("", "")],
)  # fmt: skip
def test_names_of_cards_as_people_write_them(written, card):
    assert match_name(written, speed_table().cards) == card


def test_prices():
    given_price = price_of("whatever", 2.5)
    assert (given_price.usd_per_hour, given_price.sample) == (2.5, False)
    sample = price_of("A100")
    assert (sample.usd_per_hour, sample.sample) == (1.39, True)
    assert "not today's" in sample.basis
    assert price_of("Abacus") is None
    assert all("20" in price.basis for price in sample_prices().values())


# -- past runs -------------------------------------------------------------------------------------


def write_run(folder, outcome="finished", engine="lora", rate=8.0, step=20, device=""):
    folder.mkdir(parents=True)
    config = {"resolution": "256,256", "train_batch_size": 4, "network_dim": 8}
    spec = {"run": folder.name, "engine": engine, "base": "org/sd15", "config": config}
    (folder / "spec.json").write_text(json.dumps({**spec, "created": "2026-11-20T10:00:00"}))
    events = [
        {"event": "metric", "name": "device", "value": device},
        {"event": "progress", "step": step, "images_per_s": rate},
    ]
    lines = "".join(json.dumps(event) + "\n" for event in events)
    (folder / "events.jsonl").write_text(lines)
    (folder / "exit.json").write_text(json.dumps({"outcome": outcome}))
    (folder / "job.json").write_text(json.dumps({"backend": "local"}))


def test_finished_trainings_only(tmp_path):
    write_run(tmp_path / "good", device="Card X 80GB")
    write_run(tmp_path / "failed", outcome="failed")
    write_run(tmp_path / "stand_in", engine="fake")
    write_run(tmp_path / "short", step=3)
    write_run(tmp_path / "odd", rate=None)
    (speed,) = past_speeds(tmp_path)
    assert (speed.gpu, speed.here, speed.steps_per_s) == ("Card X 80GB", True, 2.0)
    assert speed.shape == Shape(256 * 256, 4, 8, half=False, checkpointing=False)
    assert "run good" in estimate(1, speed.shape, past=[speed]).basis
    assert past_speeds(tmp_path / "none") == []
