"""Export to OneTrainer: one JSON file, laid over its defaults (config version 11).

Names and meanings: Nerogar/OneTrainer 23df3832, modules/util/config/TrainConfig.py and
ConceptConfig.py, modules/util/create.py:1111 (schedules).
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
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

VERSION = 11
OPTIMIZERS = {
    "adamw": "ADAMW", "adamw8bit": "ADAMW_8BIT", "lion": "LION", "lion8bit": "LION_8BIT",
    "adafactor": "ADAFACTOR", "prodigy": "PRODIGY", "dadaptadam": "DADAPT_ADAM",
    "dadaptlion": "DADAPT_LION", "dadaptsgd": "DADAPT_SGD", "dadaptadagrad": "DADAPT_ADA_GRAD",
    "adamwschedulefree": "SCHEDULE_FREE_ADAMW", "sgdschedulefree": "SCHEDULE_FREE_SGD",
}  # fmt: skip
# The other trainer's "cosine with restarts" is a soft wave; sd-scripts' one restarts at once.
SCHEDULERS = {
    "constant": "CONSTANT", "constant_with_warmup": "CONSTANT", "linear": "LINEAR",
    "cosine": "COSINE", "cosine_with_restarts": "COSINE_WITH_HARD_RESTARTS",
}  # fmt: skip
DTYPES = {"fp16": "FLOAT_16", "bf16": "BFLOAT_16"}
FULL = "FLOAT_32"
ARGUMENTS = {
    "weight_decay": "weight_decay", "eps": "eps", "beta1": "beta1", "beta2": "beta2",
    "d_coef": "d_coef", "relative_step": "relative_step", "scale_parameter": "scale_parameter",
    "warmup_init": "warmup_init",
}  # fmt: skip


def export(source: Source) -> Exported:
    """Return the JSON file of a config."""
    document: dict[str, Any] = {
        "__version": VERSION,
        "training_method": "LORA",
        "model_type": "STABLE_DIFFUSION_20" if source.take("v2") else "STABLE_DIFFUSION_15",
        "base_model_name": source.text("pretrained_model_name_or_path"),
        **_output(source),
        **_length(source),
        **_network(source),
        **_parts(source),
        **_schedule(source),
        **_noise(source),
        "concepts": _concepts(source),
    }
    for key, why in NOT_THERE.items():
        source.leave(key, why)
    return source.finish(document, json.dumps(document, indent=4, ensure_ascii=False) + "\n")


def _output(source: Source) -> dict[str, Any]:
    folder, name = source.text("output_dir", "."), source.text("output_name", "last")
    data = {
        "workspace_dir": str(PurePosixPath(folder) / "onetrainer"),
        "cache_dir": str(PurePosixPath(folder) / "onetrainer_cache"),
        "output_model_destination": str(PurePosixPath(folder) / f"{name}.safetensors"),
        "output_model_format": "KOHYA_LORA",
        "output_dtype": DTYPES.get(source.text("save_precision"), FULL),
        "save_filename_prefix": f"{name}-",
    }
    every = source.take("save_every_n_epochs")
    if isinstance(every, int) and every > 0:
        data |= {"save_every": every, "save_every_unit": "EPOCH"}
    if source.text("save_model_as", "safetensors") != "safetensors":
        source.leave("save_model_as", "LoRA files are safetensors there")
    return data


def _length(source: Source) -> dict[str, Any]:
    size = parse_resolution(source.take("resolution")) or (512, 512)
    square = size[0] == size[1]
    data = {
        "resolution": str(size[0]) if square else f"{size[0]}x{size[1]}",
        "batch_size": source.whole("train_batch_size"),
        "gradient_accumulation_steps": source.whole("gradient_accumulation_steps"),
        "aspect_ratio_bucketing": source.take("enable_bucket") is True,
        "latent_caching": source.take("cache_latents") is True,
        "clip_grad_norm": source.number("max_grad_norm", 1.0),
    }
    if source.values.get("max_train_epochs") is not None:
        data["epochs"] = source.whole("max_train_epochs")
    elif source.plan:
        source.take("max_train_steps")
        data["epochs"] = source.plan.epochs
    else:
        source.leave("max_train_steps", "it counts epochs; how many images there are is not known")
    return data


def _network(source: Source) -> dict[str, Any]:
    extra = network_arguments(source)
    rank, alpha = source.whole("network_dim", 4), source.number("network_alpha", 1.0)
    if "conv_dim" in extra:
        source.leave("network_args", f"convolutions get rank {rank} too: one rank for all there")
    # The attention blocks alone, as sd-scripts; with convolutions every layer.
    layers = {"layer_filter_preset": "full"} if extra else {
        "layer_filter": "attentions", "layer_filter_preset": "attn-mlp",
    }  # fmt: skip
    return {"lora_rank": rank, "lora_alpha": alpha, "peft_type": "LORA", **layers}


def _parts(source: Source) -> dict[str, Any]:
    dtype = DTYPES.get(source.text("mixed_precision"), FULL)
    rate = source.number("learning_rate", 2e-6)
    common = {
        "weight_dtype": dtype,
        "gradient_checkpointing": source.take("gradient_checkpointing") is True,
        # Its own default ends the text encoder's training after 30 epochs.
        "stop_training_after": None,
        "stop_training_after_unit": "NEVER",
    }
    text_only = source.take("network_train_text_encoder_only") is True
    unet_only = source.take("network_train_unet_only") is True
    skip = int(source.number("clip_skip", 1))
    return {
        "train_dtype": dtype,
        "learning_rate": rate,
        "unet": {**common, "train": not text_only, "learning_rate": source.optional("unet_lr")},
        "text_encoder": {
            **common,
            "train": not unet_only,
            "learning_rate": source.optional("text_encoder_lr"),
        },
        "text_encoder_layer_skip": max(0, skip - 1),
        "vae": {"weight_dtype": FULL, "model_name": source.text("vae")},
        "attention_mechanism": "SDP",
    }


def _schedule(source: Source) -> dict[str, Any]:
    name = source.text("lr_scheduler", "constant")
    kind = SCHEDULERS.get(name)
    if kind is None:
        source.leave("lr_scheduler", f"{name} is not there; a constant rate is written")
    data = {
        "learning_rate_scheduler": kind or "CONSTANT",
        "learning_rate_warmup_steps": _warmup(source),
    }
    if name == "cosine_with_restarts":
        data["learning_rate_cycles"] = source.number("lr_scheduler_num_cycles", 1.0)
    optimizer = source.text("optimizer_type", "AdamW")
    chosen = OPTIMIZERS.get(optimizer.lower())
    if chosen is None:
        source.leave("optimizer_type", f"{optimizer} is not there; AdamW is written")
    arguments = optimizer_arguments(source, ARGUMENTS)
    return {**data, "optimizer": {"optimizer": chosen or "ADAMW", **arguments}}


def _warmup(source: Source) -> float:
    """Return the warm-up: above 1 they are steps before accumulation, up to 1 a share of all."""
    value = source.number("lr_warmup_steps", 0)
    if value <= 0:
        return 0.0
    if isinstance(source.values["lr_warmup_steps"], float):
        return min(value, 1.0)
    steps = value * source.whole("gradient_accumulation_steps")
    if steps <= 1:
        source.leave("lr_warmup_steps", "1 means the whole training there; no warm-up is written")
        return 0.0
    return steps


def _noise(source: Source) -> dict[str, Any]:
    data: dict[str, Any] = {"offset_noise_weight": source.number("noise_offset", 0.0)}
    gamma = source.optional("min_snr_gamma")
    if gamma:
        data |= {"loss_weight_fn": "MIN_SNR_GAMMA", "loss_weight_strength": gamma}
    if source.take("v_parameterization") is True:
        data["force_v_prediction"] = True
    if source.take("zero_terminal_snr") is True:
        data["rescale_noise_scheduler_to_zero_terminal_snr"] = True
    return data


def _concepts(source: Source) -> list[dict[str, Any]]:
    extension = source.text("caption_extension", ".caption")
    if extension != ".txt":
        source.leave("caption_extension", "captions are read from .txt there")
    text = {
        "prompt_source": "sample",
        "enable_tag_shuffling": source.take("shuffle_caption") is True,
        "tag_delimiter": source.text("caption_separator", ","),
        "keep_tags_count": int(source.number("keep_tokens", 0)),
    }
    image = {
        "enable_crop_jitter": False,
        "enable_random_flip": source.take("flip_aug") is True,
    }
    seed = source.take("seed")
    return [
        {
            "name": word or PurePosixPath(path).name, "path": path, "enabled": True,
            "include_subdirectories": not (source.data and source.data.folders),
            "balancing": float(repeats), "balancing_strategy": "REPEATS",
            **({"seed": seed} if isinstance(seed, int) else {}), "text": text, "image": image,
        }
        for path, repeats, word in source.folders
    ]  # fmt: skip


NOT_THERE = {
    "max_token_length": "captions are cut off after 75 tokens there",
    "multires_noise_iterations": "there is no multires noise",
    "multires_noise_discount": "there is no multires noise",
    "caption_dropout_rate": "leaving captions out means something else there",
    "save_state": "backups are made by time there",
    "resize_interpolation": "images are resized its own way: prepare them at the training size",
    "prior_loss_weight": "regularisation images have a weight of their own there",
    "reg_data_dir": "regularisation images are set up there by hand",
}

EXPORTERS.add("onetrainer", Exporter("onetrainer", "OneTrainer", ".json", export))
