"""Every rule of the config doctor: where it is known from, how it is broken, which code says so.

The places: "1.2" is a section of the facts about the trainer, "R6" section 6 of those about remote
machines, "issue" the list in issue 4, a line of sd-scripts where it was read there (48d368fa).
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bespoke_gui.core.config import rules
from bespoke_gui.core.config.cards import Card
from bespoke_gui.core.config.doctor import check_config
from bespoke_gui.core.config.train_data import as_packaged, read_train_data
from bespoke_gui.core.config.trainer_config import TrainingConfig
from tests.core._packages import CONFIG

SET = as_packaged("1_x", [f"{n}.png" for n in range(203)])
EIGHT = read_train_data("training_data", [f"1_x/{n}.png" for n in range(8)])
BUCKETS = {"enable_bucket": True, "min_bucket_reso": 64}
RUN = {
    "lr_scheduler": "cosine_with_restarts", "lr_scheduler_num_cycles": 3, "lr_warmup_steps": 100,
    "max_train_epochs": 8, "train_batch_size": 4,
}  # fmt: skip
OLD_CARD = Card("Tesla T4", 65, 300, 16, 2018)
LONG = {"a.png": "word " * 137}


@dataclass
class Row:
    """One rule, broken on purpose. `set`: edits of a faultless config, None takes a key out."""

    known: str
    code: str
    severity: str
    where: str
    set: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    says: str = ""
    text: str = ""


def row(known, code, severity, where, says="", text="", facts=None, **edits) -> Row:
    return Row(known, code, severity, where, edits, facts or {}, says, text)


E, W, I = "error", "warning", "info"  # noqa: E741
TABLE = [
    # names
    row("1.3", "unknown_key", W, "bucket_resolution", "resolution", bucket_resolution=512),
    row("issue", "unknown_key", W, "netwrok_dim", "did you mean network_dim?", netwrok_dim=8),
    row("1.3", "unknown_key", W, "batch_size", "did you mean train_batch_size?", batch_size=4),
    row("1.3", "unknown_key", W, "sdxl", "sdxl_train_network.py", sdxl=False),
    row("issue", "unknown_key", W, "cache_text_encoder_outputs", "sdxl_train_network.py",
        cache_text_encoder_outputs=True),
    row("issue", "unknown_key", W, "conv_dim", 'network_args = ["conv_dim=8"]', conv_dim=8),
    row("issue", "unknown_key", W, "num_repeats", "folder", num_repeats=10),
    row("1.2", "written_twice", I, "seed", "the last one counts: 7", text="\n[again]\nseed = 7\n"),
    row("1.1", "old_spelling", I, "caption_extention", caption_extention=".txt"),
    # kinds and choices: nothing is converted
    row("1.2", "wrong_type", E, "resolution", 'resolution = "128"', resolution=128),
    row("1.2", "wrong_type", E, "network_dim", "network_dim = 4", network_dim="4"),
    row("1.2", "wrong_type", E, "learning_rate", "1e-4", learning_rate="1e-4"),
    row("1.2", "wrong_type", E, "shuffle_caption", "= false", shuffle_caption="false"),
    row("1.3", "wrong_type", E, "sample_prompts", "a text", sample_prompts=[{"prompt": "x"}]),
    row("1.2", "wrong_type", W, "gradient_checkpointing", gradient_checkpointing=1),
    row("1.2", "bad_choice", E, "mixed_precision", "no, fp16, bf16", mixed_precision="fp8"),
    row("issue", "bad_choice", E, "lr_scheduler", "did you mean cosine?", lr_scheduler="cosinus"),
    row("util:4826", "bad_choice", E, "optimizer_type", "AdamW8bit", optimizer_type="AdamW8bits"),
    row("1.3", "bad_choice", W, "max_token_length", "take it out", max_token_length=75),
    row("3", "bad_choice", E, "network_module", "networks.lora", network_module="networks.lroa"),
    row("util:4859", "bad_argument", E, "optimizer_args", optimizer_args=["weight_decay"]),
    row("util:5291", "bad_argument", E, "lr_scheduler_args", lr_scheduler_args=["a=b=c"]),
    # numbers
    row("3", "out_of_range", E, "train_batch_size", train_batch_size=0),
    row("3", "out_of_range", E, "caption_dropout_rate", caption_dropout_rate=2.0),
    row("3", "out_of_range", E, "unet_lr", "0 or more", unet_lr=-1e-4),
    row("1.2", "share_above_one", E, "lr_warmup_steps", "lr_warmup_steps = 100",
        lr_warmup_steps=100.0),
    row("util:4990", "unlikely_rate", W, "learning_rate", "1.0", optimizer_type="Prodigy"),
    row("3", "unlikely_rate", W, "learning_rate", "too high", learning_rate=0.1),
    row("3", "untrained_part", I, "text_encoder_lr", text_encoder_lr=0),
    row("3", "conflict", E, "unet_lr", unet_lr=0, text_encoder_lr=0),
    # what must be there, and what is taken instead
    row("1.2", "missing_option", E, "network_module", network_module=None),
    row("util:1921", "missing_option", E, "resolution", resolution=None),
    row("0.1", "missing_option", E, "train_data_dir", train_data_dir=None),
    row("1.1", "missing_option", E, "output_dir", output_dir=None),
    row("1.1", "missing_option", E, "pretrained_model_name_or_path",
        pretrained_model_name_or_path=None),
    row("1.1", "default_taken", W, "max_train_epochs", "1600", max_train_epochs=None),
    row("1.1", "default_taken", W, "learning_rate", "2e-06", learning_rate=None),
    row("1.1", "default_taken", I, "network_dim", "rank 4", network_dim=None),
    row("1.1", "default_taken", W, "network_alpha", "1/8", network_alpha=None),
    row("1.1", "default_taken", I, "seed", seed=None),
    row("1.1", "default_taken", I, "mixed_precision", mixed_precision=None),
    row("2.2", "few_checkpoints", W, "save_every_n_epochs", save_every_n_epochs=None),
    row("1.1", "caption_extension", W, "caption_extension", ".caption", caption_extension=None),
    row("1.1", "caption_extension", E, "caption_extension", caption_extension=None,
        facts={"captions": {"a.png": "x"}}),
    row("1.4", "caption_extension", E, "caption_extension", "no dot", caption_extension="txt"),
    # conflicts
    row("1.2", "conflict", E, "lr_scheduler", "constant_with_warmup", lr_scheduler="constant"),
    row("1.2", "conflict", E, "lr_scheduler", "lr_warmup_steps = 0", lr_scheduler=None),
    row("util:5296", "conflict", E, "lr_warmup_steps", lr_scheduler_type="CosineAnnealingLR"),
    row("util:5370", "conflict", E, "lr_scheduler", lr_scheduler="cosine_with_min_lr"),
    row("util:5314", "conflict", E, "lr_scheduler", lr_scheduler="adafactor:1e-3"),
    row("util:5076", "conflict", E, "lr_warmup_steps", "= 0", optimizer_type="Adafactor"),
    row("util:4833", "conflict", E, "use_8bit_adam", use_8bit_adam=True, optimizer_type="AdamW"),
    row("network:815", "conflict", E, "full_fp16", full_fp16=True),
    row("network:831", "conflict", E, "fp8_base", fp8_base=True),
    row("3", "conflict", E, "color_aug", cache_latents=True, color_aug=True),
    row("3", "conflict", E, "random_crop", cache_latents=True, random_crop=True),
    row("util:4443", "conflict", E, "adaptive_noise_scale", adaptive_noise_scale=0.1),
    row("util:4446", "conflict", E, "scale_v_pred_loss_like_noise_pred",
        scale_v_pred_loss_like_noise_pred=True),
    row("util:4451", "conflict", E, "v_pred_like_loss", v_pred_like_loss=0.5,
        v_parameterization=True),
    row("util:4456", "conflict", W, "zero_terminal_snr", zero_terminal_snr=True),
    row("util:4421", "conflict", W, "clip_skip", v2=True, clip_skip=2),
    row("network:777", "conflict", E, "persistent_data_loader_workers",
        persistent_data_loader_workers=True, max_data_loader_n_workers=0),
    row("util:5451", "conflict", E, "log_with", log_with="tensorboard", logging_dir=None),
    row("3", "conflict", E, "network_train_unet_only", network_train_unet_only=True,
        network_train_text_encoder_only=True),
    row("network:567", "nothing_trained", E, "debug_dataset", debug_dataset=True),
    # values that are ignored
    row("1.3", "ignored_value", I, "max_bucket_reso", "bucket_no_upscale", **BUCKETS,
        bucket_no_upscale=True, max_bucket_reso=1024),
    row("1.3", "ignored_value", I, "bucket_reso_steps", "enable_bucket is off",
        bucket_reso_steps=8),
    row("1.3", "ignored_value", I, "prior_loss_weight", prior_loss_weight=1.0),
    row("3", "ignored_value", I, "keep_tokens", keep_tokens=1),
    row("3", "ignored_value", I, "max_train_steps", max_train_steps=100),
    row("4", "ignored_value", I, "sdpa", xformers=True),
    row("network:521", "ignored_value", W, "train_data_dir", dataset_config="d.toml"),
    row("util:5360", "ignored_value", I, "lr_scheduler_num_cycles", lr_scheduler_num_cycles=3),
    row("util:5367", "ignored_value", I, "lr_scheduler_power", lr_scheduler_power=2.0),
    row("3", "ignored_value", I, "multires_noise_discount", multires_noise_discount=0.3),
    row("3", "ignored_value", I, "unet_lr", unet_lr=1e-4, network_train_text_encoder_only=True),
    row("3", "ignored_value", I, "learning_rate", unet_lr=2e-4, text_encoder_lr=5e-5),
    row("2.2", "ignored_value", I, "save_last_n_epochs_state", save_last_n_epochs_state=1),
    row("util:6385", "ignored_value", I, "sample_every_n_epochs", sample_every_n_epochs=0),
    row("util:5241", "ignored_value", I, "lr_warmup_steps", optimizer_type="AdamWScheduleFree"),
    row("util:5066", "ignored_value", W, "lr_scheduler", optimizer_type="Adafactor"),
    # samples
    row("util:6395", "no_sample_prompts", E, "sample_every_n_epochs", sample_every_n_epochs=1),
    row("util:6395", "no_sample_prompts", E, "sample_at_first", "before the first step",
        sample_at_first=True),
    row("util:6410", "bad_sample_prompts", E, "sample_prompts", sample_prompts="my prompts",
        sample_every_n_epochs=1),
    row("util:6385", "ignored_value", I, "sample_prompts", sample_prompts="p.txt"),
    # where the trainer looks
    row("0.1 R6", "no_data", E, "train_data_dir", "lie directly in",
        facts={"data": read_train_data("training_data", ["a.png"])}),
    row("0.1 R6", "no_data", E, "train_data_dir", "no number in front",
        facts={"data": read_train_data("training_data", ["punk/a.png"])}),
    row("0.1", "images_left_out", W, "train_data_dir",
        facts={"data": read_train_data("training_data", ["1_x/a.png", "b.png"])}),
    row("0.1", "format_not_read", W, "", ".png",
        facts={"data": read_train_data("training_data", ["1_x/a.png", "1_x/b.gif"])}),
    row("R6", "path_will_not_exist", E, "train_data_dir", '"/workspace/pkg/training_data"',
        train_data_dir="/workspace/training_data",
        facts={"workspace": frozenset({"pkg", "pkg/training_data"}), "data": EIGHT}),
    row("R6", "local_path", W, "vae", "not on the rented one", vae="/home/me/vae.pt",
        train_data_dir="/workspace/d", facts={"workspace": frozenset({"d"})}),
    row("1.3", "empty_in_json", E, "in_json", "no metadata", in_json=""),
    row("1.3", "fine_tuning_mode", W, "in_json", in_json="meta.json"),
    row("1.3", "withdrawn_model", W, "pretrained_model_name_or_path", "stable-diffusion-v1-5/",
        pretrained_model_name_or_path="runwayml/stable-diffusion-v1-5"),
    row("design", "embedded_model", I, "pretrained_model_name_or_path",
        pretrained_model_name_or_path="embedded"),
    row("1.3", "other_family", E, "pretrained_model_name_or_path", "sdxl_train_network.py",
        pretrained_model_name_or_path="stabilityai/stable-diffusion-xl-base-1.0"),
    row("1.3", "other_family", W, "pretrained_model_name_or_path", "looks like SDXL",
        pretrained_model_name_or_path="/models/dreams_XL.safetensors"),
    row("3", "conflict", E, "v2", "v2 = true",
        pretrained_model_name_or_path="stabilityai/stable-diffusion-2-1"),
    # sizes
    row("1.4", "bad_resolution", E, "resolution", resolution="512x512"),
    row("1.4", "tiny_resolution", W, "resolution", "3x3 latent cells", resolution="24,24"),
    row("1.4", "odd_resolution", W, "resolution", "no multiple of 8", resolution="100,100"),
    row("1.4", "bucket_limits", E, "bucket_reso_steps", "divisible by 64", **BUCKETS,
        bucket_reso_steps=8),
    row("1.4", "bucket_limits", E, "min_bucket_reso", "= 64", enable_bucket=True),
    row("1.4", "bucket_limits", E, "max_bucket_reso", "= 256", **BUCKETS, resolution="256,256",
        max_bucket_reso=128),
    row("1.4", "image_too_small", E, "bucket_no_upscale", "ZeroDivisionError", **BUCKETS,
        bucket_no_upscale=True, facts={"sizes": {(24, 24): 8}}),
    row("1.4", "size_differs", E, "resolution", "cropping and bucketing",
        facts={"sizes": {(512, 512): 3}}),
    row("0.9", "resized_by_trainer", W, "resize_interpolation", "blurs pixel edges",
        cache_latents=True, facts={"sizes": {(512, 512): 3}}),
    row("0.9", "resized_by_trainer", I, "resize_interpolation", "older than 2025",
        cache_latents=True, resize_interpolation="nearest", facts={"sizes": {(512, 512): 3}}),
    row("3", "edges_cut_off", W, "resolution", **BUCKETS, bucket_no_upscale=True,
        resolution="512,512", facts={"sizes": {(100, 128): 1}}),
    # captions
    row("0.7", "captions_cut_off", W, "max_token_length", "max_token_length = 150",
        facts={"captions": LONG}),
    # the course
    row("0.6", "uneven_epochs", W, "lr_scheduler", "epochs 6, 8", **RUN, facts={"data": SET}),
    row("0.6", "uneven_epochs", I, "lr_scheduler", "epochs 7, 8", lr_scheduler="cosine",
        max_train_epochs=8, facts={"data": SET}),
    row("0.6", "long_warmup", W, "lr_warmup_steps", lr_warmup_steps=500, facts={"data": SET}),
    row("1.3", "two_noises", I, "noise_offset", noise_offset=0.05, multires_noise_iterations=6),
    # the machine, as a condition
    row("1.2", "needs_bitsandbytes", W, "optimizer_type", optimizer_type="AdamW8bit"),
    row("util:4885", "needs_lion_pytorch", W, "optimizer_type", optimizer_type="Lion"),
    row("util:5007", "needs_dadaptation", W, "optimizer_type", optimizer_type="DAdaptAdam"),
    row("util:5041", "needs_prodigyopt", W, "optimizer_type", optimizer_type="Prodigy"),
    row("util:5104", "needs_schedulefree", W, "optimizer_type", optimizer_type="AdamWScheduleFree"),
    row("3", "needs_lycoris", W, "network_module", network_module="lycoris.kohya"),
    row("util:5459", "needs_wandb", W, "log_with", log_with="wandb"),
    row("1.2", "needs_xformers", W, "xformers", xformers=True),
    row("issue", "slow_attention", I, "sdpa", sdpa=None),
    row("1.2", "needs_bf16", I, "mixed_precision", mixed_precision="bf16"),
    row("issue", "no_bf16", E, "mixed_precision", "Tesla T4", mixed_precision="bf16",
        facts={"card": OLD_CARD}),
    row("network:830", "needs_torch_2_1", I, "fp8_base", fp8_base=True, mixed_precision="fp16"),
    row("1.4", "cache_on_disk", I, "cache_latents_to_disk", ".npz", cache_latents_to_disk=True),
    # held out: train_util.py:140-178
    row("", "bad_share", E, "validation_split", "no share", validation_split=5),
    row("", "held_out_taught", W, "validation_split", "all the same", validation_split=0.05),
    row("", "few_held_out", I, "validation_split", "2 of 8", facts={"data": EIGHT},
        validation_split=0.25, validation_seed=42),
    row("3", "disk_for_states", I, "save_state", "1.8 GB", save_state=True, network_dim=32,
        max_train_epochs=8),
    row("R0", "secret_in_config", W, "huggingface_token", huggingface_token="hf_x"),
    row("2.2", "bad_output_name", E, "output_name", output_name="a/b"),
]  # fmt: skip


def broken(one: Row) -> TrainingConfig:
    config = TrainingConfig(CONFIG + one.text)
    for key, value in one.set.items():
        if value is None:
            config.unset(key)
        else:
            config.set(key, value)
    return config


@pytest.mark.parametrize("one", TABLE, ids=lambda one: f"{one.code}-{one.where or 'file'}")
def test_a_broken_rule_is_named(one):
    found = [
        problem
        for problem in check_config(broken(one), **one.facts)
        if (problem.code, problem.where) == (one.code, one.where)
    ]
    assert found, f"not found: {one}"
    assert {problem.severity for problem in found} == {one.severity}
    assert all(problem.hint for problem in found), "nothing is said about what to do"
    words = " ".join(f"{problem.message} {problem.hint}" for problem in found)
    assert one.says in words


def test_before_anything_is_broken_nothing_is_found():
    facts = {"data": EIGHT, "captions": {"a.png": "red hat"}, "sizes": {(64, 64): 8}}
    assert check_config(TrainingConfig(CONFIG), **facts) == []


@pytest.mark.parametrize(
    "name",
    ["/home/pony/sdxl/sd15.safetensors", "C:\\flux1\\v1-5.ckpt", "org/anylora", "me/xlight-sd15",
     "stable-diffusion-v1-5/stable-diffusion-v1-5", "models/deliberate_v2.safetensors"],
)  # fmt: skip
def test_names_that_say_nothing_about_another_family(name):
    config = broken(Row("", "", "", "", {"pretrained_model_name_or_path": name}))
    assert check_config(config) == []


def test_the_table_is_complete():
    """Every code that a rule can say stands in the table."""
    folder = Path(rules.__file__).parent
    source = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    said = set(re.findall(r'(?:finding|Problem)\(\s*"([a-z_0-9]+)"', source))
    packages = re.findall(r'^        "([a-z_]+)": name', source, re.M)
    said |= {f"needs_{package}" for package in packages}
    tested = {one.code for one in TABLE}
    # This one needs a measured card in the table of speeds: see test_memory_on_a_card.
    assert said - tested <= {"too_little_memory"}, said - tested
    assert len(said) > 40


def test_memory_on_a_card(monkeypatch):
    from bespoke_gui.core.config import speeds
    from tests.core.test_config_forecast import TABLE as SPEEDS

    monkeypatch.setattr(speeds, "speed_table", lambda: SPEEDS)
    edits = {"resolution": "512,512", "train_batch_size": 8, "network_dim": 32,
             "mixed_precision": "bf16", "gradient_checkpointing": True}  # fmt: skip
    config = broken(Row("issue", "", "", "", edits))
    small = Card("Small", 50, 300, 6, 2021)
    (problem,) = [p for p in check_config(config, card=small) if p.code == "too_little_memory"]
    assert "Small has 6 GB" in problem.message
    large = Card("Large", 50, 300, 24, 2021)
    assert "too_little_memory" not in {p.code for p in check_config(config, card=large)}
