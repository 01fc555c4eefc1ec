"""Export to ai-toolkit: one YAML file of steps instead of epochs, with flat image folders.

Names and meanings: ostris/ai-toolkit 27a03a91, toolkit/config_modules.py, toolkit/scheduler.py,
toolkit/dataloader_mixins.py:382 (captions).
"""

from __future__ import annotations

from typing import Any

from bespoke_gui.core.config.resolution import parse_resolution
from bespoke_gui.core.trainers.base import (
    EXPORTERS,
    Exported,
    Exporter,
    Source,
    network_arguments,
    optimizer_arguments,
)
from bespoke_gui.core.yaml_text import to_yaml

OPTIMIZERS = {
    "adamw": "adamw", "adamw8bit": "adamw8bit", "lion": "lion", "lion8bit": "lion8bit",
    "adafactor": "adafactor", "prodigy": "prodigy", "dadaptadam": "dadaptationadam",
    "dadaptlion": "dadaptationlion",
}  # fmt: skip
DTYPES = {"fp16": "fp16", "bf16": "bf16"}
SAVED = {"fp16": "float16", "bf16": "bf16"}
ARGUMENTS = {"weight_decay": "weight_decay", "eps": "eps", "betas": "betas", "d_coef": "d_coef"}
DEFAULT_STEPS = 1600


def export(source: Source) -> Exported:
    """Return the YAML file of a config."""
    name = source.text("output_name", "last")
    process = {
        "type": "sd_trainer",
        "training_folder": source.text("output_dir", "output"),
        "device": "cuda:0",
        **_seed(source),
        "network": _network(source),
        "save": _save(source),
        "datasets": _datasets(source),
        "train": _train(source),
        "model": _model(source),
    }
    document = {
        "job": "extension",
        "config": {"name": name, "process": [process]},
        "meta": {"name": "[name]", "version": "1.0"},
    }
    for key, why in NOT_THERE.items():
        source.leave(key, why)
    return source.finish(document, to_yaml(document))


def _seed(source: Source) -> dict[str, Any]:
    seed = source.take("seed")
    return {"training_seed": seed} if isinstance(seed, int) else {}


def _network(source: Source) -> dict[str, Any]:
    extra = network_arguments(source)
    data: dict[str, Any] = {
        "type": "lora",
        "linear": source.whole("network_dim", 4),
        "linear_alpha": source.number("network_alpha", 1.0),
    }
    if "conv_dim" in extra:
        data |= {"conv": int(extra["conv_dim"]), "conv_alpha": extra.get("conv_alpha", 1.0)}
    dropout = source.optional("network_dropout")
    if dropout:
        data["dropout"] = dropout
    return data


def _save(source: Source) -> dict[str, Any]:
    every, course = source.take("save_every_n_epochs"), source.plan
    data: dict[str, Any] = {"dtype": SAVED.get(source.text("save_precision"), "float32")}
    if isinstance(every, int) and every > 0:
        if course is None:
            source.leave("save_every_n_epochs", "it counts steps; how many images is not known")
        else:
            kept = -(-course.epochs // every)
            data |= {"save_every": every * course.steps_per_epoch, "max_step_saves_to_keep": kept}
    return data


def _datasets(source: Source) -> list[dict[str, Any]]:
    size = parse_resolution(source.take("resolution")) or (512, 512)
    if size[0] != size[1]:
        source.leave("resolution", "sizes are square there; the longer side is written")
    shuffled = source.take("shuffle_caption") is True
    kept = int(source.number("keep_tokens", 0))
    if shuffled and kept:
        source.leave("keep_tokens", "shuffling moves the first phrases too there")
    common = {
        "caption_ext": source.text("caption_extension", ".caption").lstrip("."),
        "caption_dropout_rate": source.number("caption_dropout_rate", 0.0),
        "shuffle_tokens": shuffled,
        "token_dropout_rate": source.number("caption_tag_dropout_rate", 0.0),
        "keep_tokens": kept,
        "resolution": [max(size)],
        "buckets": source.take("enable_bucket") is True,
        "flip_x": source.take("flip_aug") is True,
        "cache_latents": source.take("cache_latents") is True,
        "cache_latents_to_disk": source.take("cache_latents_to_disk") is True,
    }
    return [
        {"folder_path": path, "num_repeats": repeats, **common}
        for path, repeats, _ in source.folders
    ]


def _train(source: Source) -> dict[str, Any]:
    course = source.plan
    steps = source.whole("max_train_steps", DEFAULT_STEPS)
    if source.values.get("max_train_epochs") is not None:
        source.take("max_train_epochs")
        if course is None:
            why = (
                f"it counts steps: {DEFAULT_STEPS} are written, since how many images is not known"
            )
            source.leave("max_train_epochs", why)
    text = source.take("network_train_unet_only") is not True
    data: dict[str, Any] = {
        "batch_size": source.whole("train_batch_size"),
        "steps": course.total_steps if course else steps,
        "gradient_accumulation": source.whole("gradient_accumulation_steps"),
        "train_unet": source.take("network_train_text_encoder_only") is not True,
        "train_text_encoder": text,
        "gradient_checkpointing": source.take("gradient_checkpointing") is True,
        "noise_scheduler": "ddpm",
        "dtype": DTYPES.get(source.text("mixed_precision"), "fp32"),
        "noise_offset": source.number("noise_offset", 0.0),
        "max_grad_norm": source.number("max_grad_norm", 1.0),
        **_rates(source),
        **_optimizer(source),
        **_schedule(source),
    }
    gamma = source.optional("min_snr_gamma")
    if gamma:
        data["min_snr_gamma"] = gamma
    return data


def _rates(source: Source) -> dict[str, float]:
    rates = {"lr": source.number("learning_rate", 2e-6)}
    for key in ("unet_lr", "text_encoder_lr"):
        rate = source.optional(key)
        if rate is not None:
            rates[key] = rate
    return rates


def _optimizer(source: Source) -> dict[str, Any]:
    name = source.text("optimizer_type", "AdamW")
    chosen = OPTIMIZERS.get(name.lower())
    if chosen is None:
        source.leave("optimizer_type", f"{name} is not there; adamw is written")
    arguments = optimizer_arguments(source, ARGUMENTS)
    arguments = {k: list(v) if isinstance(v, tuple) else v for k, v in arguments.items()}
    return {
        "optimizer": chosen or "adamw",
        **({"optimizer_params": arguments} if arguments else {}),
    }


def _schedule(source: Source) -> dict[str, Any]:
    """Return the schedule: constant, with a warm-up or without, and cosine mean the same there."""
    name = source.text("lr_scheduler", "constant")
    cycles = source.take("lr_scheduler_num_cycles")
    warmup = source.number("lr_warmup_steps", 0)
    if name == "cosine_with_restarts" and cycles in (None, 1):
        name = "cosine"
    if name == "constant_with_warmup":
        return {"lr_scheduler": name, "lr_scheduler_params": {"num_warmup_steps": _steps(source)}}
    if warmup:
        source.leave("lr_warmup_steps", "only constant_with_warmup has a warm-up there")
    if name not in ("constant", "cosine"):
        source.leave("lr_scheduler", f"{name} means something else there; constant is written")
        source.leave("lr_scheduler_num_cycles", "restarts are not there")
        name = "constant"
    return {"lr_scheduler": name}


def _steps(source: Source) -> int:
    warmup, course = source.number("lr_warmup_steps", 0), source.plan
    if course is not None:
        return course.warmup_steps
    if isinstance(source.values.get("lr_warmup_steps"), float):
        source.leave("lr_warmup_steps", "it counts steps; how many images is not known")
        return 0
    return int(warmup)


def _model(source: Source) -> dict[str, Any]:
    name = source.text("pretrained_model_name_or_path")
    v2 = source.take("v2") is True
    data: dict[str, Any] = {"name_or_path": name, "arch": "sd2" if v2 else "sd1"}
    if source.take("v_parameterization") is True:
        data["is_v_pred"] = True
    if source.text("vae"):
        data["vae_path"] = source.text("vae")
    return data


NOT_THERE = {
    "max_token_length": "captions are cut off after 75 tokens there",
    "multires_noise_iterations": "there is no multires noise",
    "multires_noise_discount": "there is no multires noise",
    "save_state": "the optimiser is kept with every save there",
    "clip_skip": "there is no clip skip for training",
    "resize_interpolation": "images are resized its own way: prepare them at the training size",
    "prior_loss_weight": "it is reg_weight there, for folders marked as regularisation",
    "reg_data_dir": "name it there as a dataset with is_reg",
}

EXPORTERS.add("aitoolkit", Exporter("aitoolkit", "ai-toolkit", ".yaml", export))
