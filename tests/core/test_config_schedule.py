"""Schedule: steps, names and learning rates as the trainer will make them."""

import math

import pytest

from bespoke_gui.core.config.learning_rate import SCHEDULER_NAMES, SCHEDULERS, multiplier
from bespoke_gui.core.config.schedule import plan
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError

REFERENCE = {
    "max_train_epochs": 8, "train_batch_size": 4, "learning_rate": 1e-4, "unet_lr": 1e-4,
    "text_encoder_lr": 5e-5, "lr_scheduler": "cosine_with_restarts", "lr_warmup_steps": 100,
    "lr_scheduler_num_cycles": 3, "save_every_n_epochs": 1, "output_name": "x",
}  # fmt: skip
# mission/reference_run.md: computed there with the trainer's own function.
RATES_8 = [5.0e-5, 1.0e-4, 4.9e-5, 1.0e-4, 5.0e-5, 2.6e-9, 5.1e-5, 2.3e-8]
# facts/trainer.md section 0, the same with 10 epochs.
RATES_10 = [5.0e-5, 1.0e-4, 6.8e-5, 1.4e-5, 9.6e-5, 5.0e-5, 3.9e-6, 8.6e-5, 3.2e-5, 1.3e-8]


def rounded(rates):
    return [float(f"{rate:.1e}") for rate in rates]


def test_the_reference_run_has_51_steps_an_epoch_and_its_rates():
    course = plan(REFERENCE, 203)
    assert (course.steps_per_epoch, course.total_steps, course.epochs) == (51, 408, 8)
    assert rounded(course.lr_at_epoch) == RATES_8
    assert rounded(plan({**REFERENCE, "max_train_epochs": 10}, 203).lr_at_epoch) == RATES_10


@pytest.mark.punks
def test_the_reference_config_file(punks):
    config = TrainingConfig.load(punks / "configs" / "training_config_phase1b.toml")
    assert rounded(plan(config.values, 203).lr_at_epoch) == RATES_8


def test_the_last_epoch_has_no_number():
    names = [name for _, name in plan(REFERENCE, 203).checkpoints]
    assert names[0] == "x-000001.safetensors"
    assert names[-2:] == ["x-000007.safetensors", "x.safetensors"]
    assert len(names) == 8


@pytest.mark.parametrize(
    ("extra", "names"),
    [
        ({"save_every_n_epochs": 3}, ["x-000003", "x-000006", "x"]),
        ({"save_every_n_epochs": 2}, ["x-000002", "x-000004", "x-000006", "x"]),
        ({"save_every_n_epochs": None}, ["x"]),
        ({"save_n_epoch_ratio": 4}, ["x-000002", "x-000004", "x-000006", "x"]),
        ({"save_last_n_epochs": 2}, ["x-000006", "x-000007", "x"]),
        ({"output_name": None, "save_every_n_epochs": 7}, ["epoch-000007", "last"]),
    ],
)
def test_checkpoint_names(extra, names):
    values = {k: v for k, v in {**REFERENCE, **extra}.items() if v is not None}
    found = [name for _, name in plan(values, 203).checkpoints]
    assert found == [f"{name}.safetensors" for name in names]
    assert plan({**values, "save_model_as": "ckpt"}, 203).checkpoints[-1][1].endswith(".ckpt")


def test_step_checkpoints():
    course = plan({**REFERENCE, "save_every_n_steps": 200}, 203)
    assert course.step_checkpoints == [
        (200, "x-step00000200.safetensors"), (400, "x-step00000400.safetensors"),
    ]  # fmt: skip


def test_steps_when_no_number_of_epochs_is_set():
    course = plan({"max_train_steps": 100, "train_batch_size": 2}, 60)
    assert (course.steps_per_epoch, course.epochs, course.total_steps) == (30, 4, 100)
    assert len(course.lr_at_epoch) == 4
    assert plan({}, 10).total_steps == 1600


def test_accumulation_counts_a_part_at_the_end_of_an_epoch():
    values = {"max_train_epochs": 1, "train_batch_size": 1, "gradient_accumulation_steps": 4}
    assert plan(values, 203).steps_per_epoch == 51


def test_a_batch_holds_images_of_one_bucket():
    values = {
        "max_train_epochs": 1, "train_batch_size": 4, "resolution": "512,512",
        "enable_bucket": True, "bucket_no_upscale": True,
    }  # fmt: skip
    sizes = {(512, 512): 5, (512, 384): 5, (1024, 1024): 1}
    # 6 squares (one of them shrunk) and 5 wide ones: 2 batches each.
    assert plan(values, 11, sizes).steps_per_epoch == 4
    assert plan(values, 22, sizes).steps_per_epoch == 3 + 3
    assert plan({**values, "enable_bucket": False}, 11, sizes).steps_per_epoch == 3
    # Where repeats differ between folders, or a size fits no bucket, they count as one.
    assert plan(values, 23, sizes).steps_per_epoch == 6
    assert plan(values, 11, {(512, 512): 5, (4, 4): 6}).steps_per_epoch == 3


def test_warmup_as_a_share():
    assert plan({**REFERENCE, "lr_warmup_steps": 0.1}, 203).warmup_steps == 40
    assert plan({**REFERENCE, "lr_warmup_steps": 1}, 203).warmup_steps == 1


def test_the_text_encoder_rate_counts_when_it_is_trained_alone():
    assert plan({**REFERENCE, "network_train_text_encoder_only": True}, 203).rate == 5e-5
    assert plan({**REFERENCE, "unet_lr": 3e-4}, 203).rate == 3e-4
    assert plan({"max_train_epochs": 1}, 4).rate == 2e-6


def test_curve_begins_and_ends_with_the_training():
    course = plan(REFERENCE, 203)
    curve = course.lr_curve(50)
    assert len(curve) == 50
    assert (curve[0][0], curve[-1][0]) == (1, 408)
    assert len(course.lr_curve(5000)) == 408
    assert course.lr_curve(5000)[50] == (51, course.lr_at_epoch[0])


@pytest.mark.parametrize(
    "extra",
    [
        {"lr_scheduler": "piecewise_constant"},
        {"lr_scheduler": "adafactor:0.001"},
        {"lr_scheduler_type": "CosineAnnealingLR"},
        {"lr_scheduler_args": ["lr_end=1e-8"]},
    ],
)
def test_what_cannot_be_predicted_is_said(extra):
    course = plan({**REFERENCE, **extra}, 203)
    assert not course.predicted
    assert course.lr_at_epoch == []
    assert course.lr_curve() == []
    assert course.total_steps == 408


@pytest.mark.parametrize(
    ("values", "images"),
    [
        (REFERENCE, 0),
        ({**REFERENCE, "train_batch_size": 0}, 1),
        ({**REFERENCE, "train_batch_size": "4"}, 1),
        ({**REFERENCE, "max_train_epochs": 10**9}, 1),
        ({**REFERENCE, "unet_lr": "1e-4"}, 1),
        ({**REFERENCE, "unet_lr": math.nan}, 1),
        ({"max_train_steps": 10**400}, 1),
    ],
)
def test_values_that_cannot_be_planned_with(values, images):
    with pytest.raises(AppError):
        plan(values, images)


OPTIONS = {
    "lr_scheduler_num_cycles": 3, "lr_scheduler_power": 2.0, "lr_warmup_steps": 20,
    "lr_scheduler_min_lr_ratio": 0.1, "lr_decay_steps": 30, "lr_scheduler_timescale": 50,
}  # fmt: skip


@pytest.mark.engine
@pytest.mark.parametrize("name", sorted(SCHEDULERS))
def test_every_scheduler_equals_the_library_the_trainer_calls(name):
    torch = pytest.importorskip("torch")
    optimization = pytest.importorskip("transformers.optimization")
    total, rate = 200, 1e-3
    warmup = 0 if name == "constant" else OPTIONS["lr_warmup_steps"]
    values = {**OPTIONS, "lr_scheduler": name, "lr_warmup_steps": warmup}
    cycles, ratio = OPTIONS["lr_scheduler_num_cycles"], OPTIONS["lr_scheduler_min_lr_ratio"]
    extra = {
        "constant": {},
        "constant_with_warmup": {"num_warmup_steps": warmup},
        "inverse_sqrt": {"num_warmup_steps": warmup, "timescale": 50},
        "cosine_with_restarts": {"num_cycles": cycles},
        "polynomial": {"power": 2.0},
        "cosine_with_min_lr": {"num_cycles": cycles / 2, "min_lr_rate": ratio},
        "warmup_stable_decay": {
            "num_warmup_steps": warmup, "num_stable_steps": total - warmup - 30,
            "num_decay_steps": 30, "num_cycles": cycles / 2, "min_lr_ratio": ratio,
        },
    }.get(name, {})  # fmt: skip
    if name in ("linear", "cosine", "cosine_with_restarts", "polynomial", "cosine_with_min_lr"):
        extra = {"num_warmup_steps": warmup, "num_training_steps": total, **extra}
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    function = optimization.TYPE_TO_SCHEDULER_FUNCTION[optimization.SchedulerType(name)]
    scheduler = function(optimizer, **extra)
    factor = multiplier(name, values, total, rate)
    assert factor is not None
    for step in range(total):
        assert rate * factor(step) == pytest.approx(scheduler.get_last_lr()[0], rel=1e-9, abs=1e-15)
        optimizer.step()
        scheduler.step()


def test_every_name_of_the_trainer_is_known():
    known = {
        "constant", "constant_with_warmup", "linear", "cosine", "cosine_with_restarts",
        "polynomial", "cosine_with_min_lr", "inverse_sqrt", "warmup_stable_decay",
        "piecewise_constant", "adafactor",
    }  # fmt: skip
    assert known == SCHEDULER_NAMES
