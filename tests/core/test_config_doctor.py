"""Config doctor: says in advance what the trainer was seen to do with each config."""

import json
import math
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.config.case import RULES
from bespoke_gui.core.config.compare import compare_configs
from bespoke_gui.core.config.dataset_config import check_dataset_config, is_dataset_config
from bespoke_gui.core.config.doctor import check_config
from bespoke_gui.core.config.forecast import forecast_or_reason
from bespoke_gui.core.config.options import option_table
from bespoke_gui.core.config.train_data import NO_DATA, as_packaged, read_train_data
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.dataset import scan
from tests.core._packages import CONFIG, write_pairs

GOOD = TrainingConfig(CONFIG)


def changed(**values) -> TrainingConfig:
    config = TrainingConfig(CONFIG)
    for key, value in values.items():
        if value is None:
            config.unset(key)
        else:
            config.set(key, value)
    return config


def found(config: TrainingConfig, severity: str = "error", **facts) -> dict[str, str]:
    """Return {option: code} of the findings of one severity."""
    problems = check_config(config, **facts)
    return {p.where: p.code for p in problems if p.severity == severity}


def texts(config: TrainingConfig, **facts) -> str:
    return "\n".join(f"{p.message} {p.hint}" for p in check_config(config, **facts))


def test_a_good_config_has_no_finding():
    data = read_train_data("training_data", [f"1_x/{n}.png" for n in range(8)])
    facts = {"data": data, "captions": {"a.png": "red hat"}, "sizes": {(64, 64): 2}}
    assert check_config(GOOD, **facts) == []


def test_errors_come_first():
    config = changed(no_such_option=1, network_dim="8", prior_loss_weight=1.0)
    severities = [p.severity for p in check_config(config)]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert set(severities) == {"error", "warning", "info"}


def test_unknown_names_and_the_nearest_real_one():
    assert found(changed(bucket_resolution=512), "warning") == {"bucket_resolution": "unknown_key"}
    assert "did you mean network_alpha?" in texts(changed(netwrok_alpha=1))
    assert "sdxl_train_network.py" in texts(changed(sdxl=False))


@pytest.mark.parametrize(
    ("key", "value", "repaired"),
    [
        ("resolution", 512, 'resolution = "512"'),
        ("resolution", [512, 512], 'resolution = "512,512"'),
        ("network_dim", "4", "network_dim = 4"),
        ("network_dim", 4.0, "network_dim as a whole number"),
        ("learning_rate", "1e-4", "learning_rate = 1e-4"),
        ("shuffle_caption", "false", "shuffle_caption = false"),
        ("shuffle_caption", 0, "shuffle_caption = false"),
        ("optimizer_args", "weight_decay=0.1", 'optimizer_args = ["weight_decay=0.1"]'),
        ("sample_prompts", [{"prompt": "x"}], "sample_prompts as a text"),
        ("network_module", True, "network_module"),
    ],
)
def test_wrong_kinds_stop_the_trainer(key, value, repaired):
    config = changed(**{key: value})
    assert found(config)[key] == "wrong_type"
    assert repaired in texts(config)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("min_snr_gamma", 5),
        ("lr_warmup_steps", 0.1),
        ("text_encoder_lr", 5e-5),
        ("text_encoder_lr", [5e-5, 1e-5]),
        ("network_args", ["conv_dim=4"]),
        ("optimizer_args", []),
    ],
)
def test_kinds_that_work(key, value):
    assert "wrong_type" not in found(changed(**{key: value})).values()


def test_true_for_1_is_only_worth_a_warning_outside_the_dataset():
    assert found(changed(gradient_checkpointing=1), "warning")["gradient_checkpointing"]
    assert found(changed(gradient_checkpointing=1)) == {}


@pytest.mark.parametrize(
    ("key", "value", "near"),
    [
        ("mixed_precision", "fp8", "fp16"),
        ("save_model_as", "foo", "one of ckpt"),
        ("resize_interpolation", "neares", "nearest"),
        ("max_token_length", 100, "one of 150"),
        ("lr_scheduler", "cosine_with_restart", "cosine_with_restarts"),
        ("lr_scheduler", "xyz", "one of adafactor"),
    ],
)
def test_values_that_are_not_offered(key, value, near):
    config = changed(**{key: value})
    assert found(config)[key] == "bad_choice"
    assert near in texts(config)


def test_75_tokens_is_not_offered_but_works():
    assert found(changed(max_token_length=75)) == {}
    assert found(changed(max_token_length=75), "warning") == {"max_token_length": "bad_choice"}


@pytest.mark.parametrize(
    "key",
    ["pretrained_model_name_or_path", "network_module", "output_dir", "train_data_dir"],
)
def test_what_must_be_there(key):
    assert found(changed(**{key: None})) == {key: "missing_option"}
    assert found(changed(**{key: ""})) == {key: "missing_option"}


def test_resolution_must_be_there_and_readable():
    assert found(changed(resolution=None)) == {"resolution": "missing_option"}
    assert found(changed(resolution="512x512")) == {"resolution": "bad_resolution"}
    assert found(changed(resolution="512")) == {}


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"lr_scheduler": "constant"}, "lr_scheduler"),
        ({"lr_scheduler": None}, "lr_scheduler"),
        ({"lr_scheduler": "cosine_with_min_lr"}, "lr_scheduler"),
        ({"lr_scheduler": "adafactor:1e-3"}, "lr_scheduler"),
        ({"full_fp16": True}, "full_fp16"),
        ({"fp8_base": True}, "fp8_base"),
        ({"cache_latents": True, "color_aug": True}, "color_aug"),
        ({"cache_latents": True, "random_crop": True}, "random_crop"),
        ({"adaptive_noise_scale": 0.1}, "adaptive_noise_scale"),
        (
            {"network_train_unet_only": True, "network_train_text_encoder_only": True},
            "network_train_unet_only",
        ),
    ],
)
def test_conflicts_stop_the_trainer(values, where):
    assert found(changed(**values)) == {where: "conflict"}


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"xformers": True}, "sdpa"),
        ({"prior_loss_weight": 1.0}, "prior_loss_weight"),
        ({"keep_tokens": 1}, "keep_tokens"),
        ({"max_train_steps": 5}, "max_train_steps"),
        ({"min_bucket_reso": 64}, "min_bucket_reso"),
        ({"sample_prompts": "p.txt"}, "sample_prompts"),
    ],
)
def test_values_that_have_no_effect_are_named(values, where):
    assert found(changed(**values), "info")[where] == "ignored_value"


def test_bucket_limits():
    buckets = {"enable_bucket": True}
    assert found(changed(**buckets)) == {"min_bucket_reso": "bucket_limits"}
    assert found(changed(**buckets, min_bucket_reso=64)) == {}
    assert found(changed(**buckets, min_bucket_reso=64, bucket_reso_steps=8)) == {
        "bucket_reso_steps": "bucket_limits"
    }
    large = changed(**buckets, resolution="256,256", max_bucket_reso=128)
    assert found(large) == {"max_bucket_reso": "bucket_limits"}
    assert found(changed(bucket_reso_steps=8)) == {}


def test_images_of_another_size():
    plain = changed()
    assert found(plain, sizes={(512, 512): 3}) == {"resolution": "size_differs"}
    cached = changed(cache_latents=True)
    assert found(cached, "warning", sizes={(512, 512): 3}) == {
        "resize_interpolation": "resized_by_trainer"
    }
    nearest = changed(cache_latents=True, resize_interpolation="nearest")
    assert found(nearest, "warning", sizes={(512, 512): 3}) == {}
    assert found(cached, "warning", sizes={(64, 64): 3}) == {}


def test_images_are_judged_by_the_bucket_that_each_falls_into():
    buckets = {"enable_bucket": True, "min_bucket_reso": 256, "resolution": "512,512"}
    config = changed(**buckets)
    # Sizes that are buckets of 512x512 stay as they are; others are resized, and said where to.
    assert found(config, "warning", sizes={(512, 512): 3, (448, 576): 2, (576, 448): 1}) == {}
    assert "are resized to 576x448 while training" in texts(config, sizes={(500, 400): 2})
    assert "are resized to their bucket" in texts(config, sizes={(500, 400): 2, (400, 500): 1})
    shrink = changed(**buckets, bucket_no_upscale=True)
    assert found(shrink, "warning", sizes={(384, 384): 3, (512, 256): 1}) == {}
    assert "resized to 512x512" in texts(shrink, sizes={(1024, 1024): 1})


def test_images_too_small_for_buckets_without_upscaling():
    values = {"enable_bucket": True, "min_bucket_reso": 64, "bucket_no_upscale": True}
    assert found(changed(**values), sizes={(24, 24): 8}) == {"bucket_no_upscale": "image_too_small"}
    cut = changed(**values, resolution="512,512")
    assert found(cut, "warning", sizes={(100, 128): 1})["resolution"] == "edges_cut_off"
    shrunk = found(changed(**values), "warning", sizes={(256, 256): 1})
    assert shrunk["resize_interpolation"] == "resized_by_trainer"


def test_default_caption_extension_is_not_txt():
    config = changed(caption_extension=None)
    assert found(config, "warning") == {"caption_extension": "caption_extension"}
    assert found(config, captions={"a.png": "x"}) == {"caption_extension": "caption_extension"}
    assert found(changed(caption_extension="txt")) == {"caption_extension": "caption_extension"}


def test_captions_longer_than_the_encoder_reads():
    captions = {"a.png": "word " * 100, "b.png": "word"}
    problem = next(p for p in check_config(GOOD, captions=captions) if p.code == "captions_cut_off")
    assert "1 of 2 captions have more than 75 tokens (100 at most)" in problem.message
    assert problem.hint == "set max_token_length = 150"
    assert found(changed(max_token_length=150), "warning", captions=captions) == {}


def test_prefix_and_suffix_count_and_later_lines_do_not():
    captions = {"a.png": "word " * 70 + "\n" + "word " * 70}
    assert "tokens" not in texts(GOOD, captions=captions)
    longer = changed(caption_prefix="my own prefix of", caption_suffix="six words")
    assert "(77 at most)" in texts(longer, captions=captions)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (["a.png"], "lie directly in"),
        (["portraits/a.png"], "no number in front"),
        ([], "holds no images"),
        (["0_x/a.png"], "no number in front"),
    ],
)
def test_data_the_trainer_does_not_find(files, why):
    data = read_train_data("training_data", files)
    assert found(GOOD, data=data)["train_data_dir"] == "no_data"
    assert NO_DATA in texts(GOOD, data=data)
    assert why in texts(GOOD, data=data)


def test_train_data_dir_that_is_the_numbered_folder_itself(tmp_path):
    folder = write_pairs(tmp_path / "1_punk")
    assert "name the folder that holds 1_punk" in texts(GOOD, dataset_dir=folder)
    assert found(GOOD, dataset_dir=tmp_path) == {}


def test_images_beside_the_numbered_folders_are_named():
    files = ["1_x/a.png", "b.png", "old/c.png", "1_x/deep/d.png", "1_x/e.gif", "1_x/f.Png"]
    problems = check_config(GOOD, data=read_train_data("training_data", files))
    left = [p.message for p in problems if p.code == "images_left_out"]
    assert len(left) == 3
    assert {p.file for p in problems if p.code == "format_not_read"} == {"1_x/e.gif", "1_x/f.Png"}


def test_a_path_that_will_not_exist_after_extraction(tmp_path):
    (tmp_path / "pkg" / "training_data" / "1_x").mkdir(parents=True)
    right = changed(train_data_dir="/workspace/pkg/training_data")
    assert found(right, package_root=tmp_path) == {}
    wrong = changed(train_data_dir="/workspace/training_data")
    data = read_train_data("training_data", ["1_x/a.png"])
    assert found(wrong, package_root=tmp_path) == {"train_data_dir": "path_will_not_exist"}
    assert "/workspace/pkg/training_data" in texts(wrong, package_root=tmp_path, data=data)
    assert found(GOOD, package_root=tmp_path) == {"train_data_dir": "path_will_not_exist"}


def test_paths_of_this_machine_in_a_package(tmp_path):
    config = changed(
        pretrained_model_name_or_path="/models/sd15.safetensors",
        vae="C:\\models\\vae.pt",
        train_data_dir="/workspace/d",
    )
    (tmp_path / "d").mkdir()
    assert found(config, "warning", package_root=tmp_path) == {
        "pretrained_model_name_or_path": "local_path",
        "vae": "local_path",
    }
    assert "local_path" not in found(config, "warning").values()


def test_what_the_machine_must_have_is_said_as_a_condition():
    assert found(changed(optimizer_type="AdamW8bit"), "warning") == {
        "optimizer_type": "needs_bitsandbytes"
    }
    assert found(changed(xformers=True), "warning") == {"xformers": "needs_xformers"}
    assert found(changed(mixed_precision="bf16"), "info") == {"mixed_precision": "needs_bf16"}
    assert found(changed(optimizer_type="Prodigy"), "warning")["optimizer_type"]


def test_withdrawn_and_own_base_models():
    config = changed(pretrained_model_name_or_path="runwayml/stable-diffusion-v1-5")
    assert found(config, "warning") == {"pretrained_model_name_or_path": "withdrawn_model"}
    assert "stable-diffusion-v1-5/stable-diffusion-v1-5" in texts(config)
    embedded = changed(pretrained_model_name_or_path="embedded")
    assert found(embedded, "info") == {"pretrained_model_name_or_path": "embedded_model"}


def test_in_json_and_dataset_config():
    assert found(changed(in_json="")) == {"in_json": "empty_in_json"}
    assert found(changed(in_json="meta.json"), "warning")["in_json"] == "fine_tuning_mode"
    config = changed(dataset_config="d.toml", train_data_dir=None, resolution=None)
    assert found(config) == {}
    both = found(changed(dataset_config="d.toml"), "warning")
    assert both == {"train_data_dir": "ignored_value"}


def test_noise_states_and_uneven_epochs_are_notes():
    notes = found(changed(noise_offset=0.05, multires_noise_iterations=6, save_state=True), "info")
    assert notes["noise_offset"] == "two_noises"
    assert notes["save_state"] == "disk_for_states"
    data = as_packaged("set", [f"{n}.png" for n in range(203)])
    uneven = changed(
        lr_scheduler="cosine_with_restarts", lr_scheduler_num_cycles=3, lr_warmup_steps=100,
        max_train_epochs=8, train_batch_size=4,
    )  # fmt: skip
    assert "epochs 6, 8" in texts(uneven, data=data)
    assert found(changed(lr_warmup_steps=500), "warning", data=data)["lr_warmup_steps"]


def test_numbers_that_cannot_be():
    for key, value in {"train_batch_size": 0, "caption_dropout_rate": 2.0}.items():
        assert found(changed(**{key: value})) == {key: "out_of_range"}
    assert found(changed(learning_rate=math.nan)) == {"learning_rate": "out_of_range"}
    nothing = changed(max_train_epochs=None, max_train_steps=0)
    assert found(nothing) == {"max_train_steps": "out_of_range"}


def test_written_twice():
    config = TrainingConfig(CONFIG + "\n[again]\nseed = 7\n")
    assert found(config, "info") == {"seed": "written_twice"}
    assert "the last one counts: 7" in texts(config)


ANY_VALUE = st.one_of(
    st.integers(), st.floats(), st.booleans(), st.text(st.characters(codec="ascii"), max_size=5),
    st.lists(st.integers(), max_size=2), st.just(10**300), st.just(math.inf), st.just(-1),
    st.dates(),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(sorted(option_table().options)), ANY_VALUE, max_size=6))
def test_no_value_of_any_option_breaks_the_doctor(values):
    class Config(TrainingConfig):
        """A config with exactly these values, however odd."""

        @property
        def values(self):
            return {**super().values, **odd}

    odd = values
    data = read_train_data("d", ["1_x/a.png"])
    facts = {"data": data, "captions": {"a": "x y"}, "sizes": {(24, 24): 1, (512, 512): 1}}
    for problem in check_config(Config(CONFIG), **facts, workspace=frozenset({"d"})):
        assert problem.severity in ("error", "warning", "info")
        assert problem.message


def test_every_rule_is_found():
    assert len(RULES) >= 25


# Cases of fixtures/sdscripts: 19 configs that were run with the trainer.
COMMAND_LINE_ONLY = "I_unknown_cli"  # failed through its command line; its TOML trains
TINY_VAE_ONLY = "H2_reso8_nobucket"  # failed through the stand-in model only
NO_BITSANDBYTES = "K_adamw8bit"  # failed since a package was not installed there
ON_24_PX = ("B_", "C_", "D_", "F2_")


def case_facts(name: str) -> dict:
    """The data folder of a case, as fixtures/README.md describes it."""
    side = 24 if name.startswith(ON_24_PX) else 128
    images = [f"{number}.png" for number in range(8)]
    flat = name.startswith("A_")
    files = images if flat else [f"1_bespoke_baby/{image}" for image in images]
    data = read_train_data("1_bespoke_baby" if flat else "data", files)
    captions = dict.fromkeys(images, "pixel art, 24x24, portrait of bespoke punk lad")
    return {"data": data, "sizes": {(side, side): 8}, "captions": captions}


@pytest.mark.punks
def test_every_case_is_judged_as_the_trainer_judged_it(fixtures):
    cases = fixtures / "sdscripts" / "cases"
    results = json.loads((cases / "case_results.json").read_text("utf-8"))
    assert len(results) == 19
    for name, result in results.items():
        errors = found(TrainingConfig.load(cases / f"{name}.toml"), **case_facts(name))
        trained = bool(result["out"])
        if name == NO_BITSANDBYTES:
            conditions = found(TrainingConfig.load(cases / f"{name}.toml"), "warning")
            assert conditions["optimizer_type"] == "needs_bitsandbytes"
        elif name not in (COMMAND_LINE_ONLY, TINY_VAE_ONLY):
            assert bool(errors) != trained, f"{name}: {errors}"


@pytest.mark.punks
@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("A_flat_train_data_dir", "train_data_dir"),
        ("B_user_sd15_24_asis", "in_json"),
        ("C_user_sd15_24_no_in_json", "sample_prompts"),
        ("E_bucket_steps8", "bucket_reso_steps"),
        ("G2_reso256_max_bucket_less", "max_bucket_reso"),
        ("M_resolution_int", "resolution"),
        ("N_dim_string", "network_dim"),
        ("O_bad_choice", "mixed_precision"),
        ("P_flag_string", "shuffle_caption"),
    ],
)
def test_the_error_names_what_stopped_the_trainer(fixtures, name, where):
    config = TrainingConfig.load(fixtures / "sdscripts" / "cases" / f"{name}.toml")
    assert where in found(config, **case_facts(name))


@pytest.mark.punks
def test_the_dataset_config_that_trained(fixtures):
    cases = fixtures / "sdscripts" / "cases"
    config = TrainingConfig.load(cases / "DS_ok.dataset.toml")
    assert is_dataset_config(config)
    assert check_dataset_config(config) == []


@pytest.mark.punks
@pytest.mark.parametrize("name", ["256px", "512px", "keep_tokens_3", "phase1b"])
def test_the_users_real_configs(punks, name):
    path = punks / "configs" / f"training_config_{name}.toml"
    size = 256 if name == "256px" else 512
    images = [item.name for item in scan(punks / "train_512px").items]
    captions = {
        image: (punks / "captions_after" / Path(image).with_suffix(".txt")).read_text("utf-8")
        for image in images
    }
    facts = {
        "data": as_packaged("1_bespoke_baby", images),
        "sizes": {(size, size): 203},
        "captions": captions,
    }
    config = TrainingConfig.load(path)
    assert found(config, **facts) == {}
    warnings = found(config, "warning", **facts)
    assert warnings["bucket_resolution"] == "unknown_key"
    assert warnings["pretrained_model_name_or_path"] == "withdrawn_model"
    notes = found(config, "info", **facts)
    assert notes["max_bucket_reso"] == "ignored_value"
    assert notes["noise_offset"] == "two_noises"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[general]\nbucket_resolution = 1\n[[datasets]]\n", "bucket_resolution"),
        ("[[datasets]]\nresolution = '512,512'\n", "resolution"),
        ("[[datasets]]\nenable_bucket = 'true'\n", "enable_bucket"),
        ("datasets = 3\n", "datasets"),
        ("[[datasets]]\n[[datasets.subsets]]\nnum_repeats = 1\n", "datasets.subsets.image_dir"),
        ("other = 1\n[[datasets]]\n", "other"),
    ],
)
def test_dataset_configs_that_stop_the_trainer(text, where):
    config = TrainingConfig(text)
    problems = check_dataset_config(config) if is_dataset_config(config) else check_config(config)
    assert where in {p.where for p in problems}


def test_dataset_config_sizes_may_be_numbers_or_pairs():
    text = '[[datasets]]\nresolution = {}\n[[datasets.subsets]]\nimage_dir = "x"\n'
    for size in ("512", "[512, 384]"):
        assert check_dataset_config(TrainingConfig(text.format(size))) == []


@given(st.dictionaries(st.sampled_from(["general", "datasets", "x"]), st.none() | st.integers()))
def test_absurd_dataset_configs(data):
    text = tomlkit.dumps({k: v for k, v in data.items() if v is not None})
    assert isinstance(check_dataset_config(TrainingConfig(text)), list)


@given(
    st.dictionaries(st.sampled_from(sorted(option_table().options)), ANY_VALUE, max_size=6),
    st.integers(-1, 10**6),
)
def test_no_value_breaks_the_forecast_or_the_comparison(values, images):
    class Config(TrainingConfig):
        """A config with exactly these values, however odd."""

        @property
        def values(self):
            return values

    forecast, why = forecast_or_reason(values, images, gpu="A100", usd_per_hour=1.0)
    assert (forecast is None) == bool(why)
    if forecast:
        json.dumps(forecast.as_dict(), default=str)
        assert len(forecast.marks) == forecast.plan.epochs
    diff = compare_configs(GOOD, Config(""))
    assert {change.key for change in diff.changes} <= set(GOOD.values) | set(values)
    assert diff.words
