"""Settings: a kohya config as typed values with sd-scripts' defaults; nonsense is refused here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.engines.checkpoints import DEFAULT_NAME

PRECISIONS = ("no", "fp16", "bf16")
SAVE_PRECISIONS = ("fp16", "bf16", "float", "fp32")


@dataclass
class TrainSettings:
    """Everything the training needs. Rates of None or 0 leave that model untrained."""

    output_name: str
    rank: int
    alpha: float
    conv_rank: int
    conv_alpha: float
    dropout: float
    unet_lr: float
    text_lr: float
    optimizer: str
    optimizer_args: dict[str, Any]
    scheduler: str
    warmup: float
    num_cycles: float
    power: float
    min_lr_ratio: float | None
    max_grad_norm: float
    batch: int
    accumulation: int
    epochs: int | None
    max_steps: int
    precision: str
    save_precision: str
    save_every_epochs: int
    save_every_steps: int
    seed: int
    width: int
    height: int
    bucket: bool
    no_upscale: bool
    bucket_steps: int
    min_bucket: int
    max_bucket: int
    interpolation: str
    caption_extension: str
    shuffle: bool
    keep_tokens: int
    keep_separator: str
    separator: str
    secondary_separator: str
    wildcard: bool
    prefix: str
    suffix: str
    dropout_rate: float
    dropout_every: int
    tag_dropout: float
    chunks: int
    clip_skip: int | None
    noise_offset: float
    multires: int
    multires_discount: float
    min_snr_gamma: float
    prior_loss_weight: float
    v_parameterization: bool | None
    cache_latents: bool
    flip: bool
    checkpointing: bool
    loss: str
    no_metadata: bool
    comment: str
    held_out: float
    held_out_seed: int
    held_out_every: int
    held_out_batches: int | None

    @property
    def trains_unet(self) -> bool:
        return self.unet_lr > 0

    @property
    def trains_text(self) -> bool:
        return self.text_lr > 0


def settings_from(config: Mapping[str, Any], seed: int = 0) -> TrainSettings:
    """Read a flattened config; raises AppError kind "bad_config" naming the option.

    `seed` serves where the config names none.
    """
    read = _Reader(config)
    _check_network(read)
    rate = read.number("learning_rate", 2e-6, low=0)
    args = _pairs(read.texts("network_args"))
    width, height = read.size("resolution", 512)
    rank = read.whole("network_dim", 4, low=1)
    run_seed = read.whole("seed", seed, low=0)
    settings = TrainSettings(
        output_name=read.name("output_name", DEFAULT_NAME),
        rank=rank,
        alpha=read.number("network_alpha", 1.0, low=0) or rank,
        conv_rank=int(args.get("conv_dim", 0)),
        conv_alpha=float(args.get("conv_alpha", 1.0)),
        dropout=read.number("network_dropout", 0.0, low=0, high=0.99),
        unet_lr=read.number("unet_lr", rate, low=0),
        text_lr=read.number("text_encoder_lr", rate, low=0),
        optimizer=read.text("optimizer_type", "AdamW") or "AdamW",
        optimizer_args=_pairs(read.texts("optimizer_args")),
        scheduler=read.text("lr_scheduler", "constant") or "constant",
        warmup=read.number("lr_warmup_steps", 0, low=0),
        num_cycles=read.number("lr_scheduler_num_cycles", 1, low=0),
        power=read.number("lr_scheduler_power", 1, low=0),
        min_lr_ratio=read.optional("lr_scheduler_min_lr_ratio"),
        max_grad_norm=read.number("max_grad_norm", 1.0, low=0),
        batch=read.whole("train_batch_size", 1, low=1),
        accumulation=read.whole("gradient_accumulation_steps", 1, low=1),
        epochs=read.whole("max_train_epochs", 0, low=0) or None,
        max_steps=read.whole("max_train_steps", 1600, low=1),
        precision=read.choice("mixed_precision", "no", PRECISIONS),
        save_precision=read.choice("save_precision", "fp32", SAVE_PRECISIONS),
        save_every_epochs=read.whole("save_every_n_epochs", 1, low=0) or 1,
        save_every_steps=read.whole("save_every_n_steps", 0, low=0),
        seed=run_seed,
        width=width,
        height=height,
        bucket=read.flag("enable_bucket"),
        no_upscale=read.flag("bucket_no_upscale"),
        bucket_steps=read.whole("bucket_reso_steps", 64, low=8),
        min_bucket=read.whole("min_bucket_reso", 256, low=8),
        max_bucket=read.whole("max_bucket_reso", 1024, low=8),
        interpolation=read.text("resize_interpolation", "nearest"),
        caption_extension=read.text("caption_extension", ""),
        shuffle=read.flag("shuffle_caption"),
        keep_tokens=read.whole("keep_tokens", 0, low=0),
        keep_separator=read.text("keep_tokens_separator", ""),
        separator=read.text("caption_separator", ",") or ",",
        secondary_separator=read.text("secondary_separator", ""),
        wildcard=read.flag("enable_wildcard"),
        prefix=read.text("caption_prefix", ""),
        suffix=read.text("caption_suffix", ""),
        dropout_rate=read.number("caption_dropout_rate", 0.0, low=0, high=1),
        dropout_every=read.whole("caption_dropout_every_n_epochs", 0, low=0),
        tag_dropout=read.number("caption_tag_dropout_rate", 0.0, low=0, high=1),
        chunks=_chunks(read),
        clip_skip=read.whole("clip_skip", 0, low=0) or None,
        noise_offset=read.number("noise_offset", 0.0, low=0),
        multires=read.whole("multires_noise_iterations", 0, low=0),
        multires_discount=read.number("multires_noise_discount", 0.3, low=0),
        min_snr_gamma=read.number("min_snr_gamma", 0.0, low=0),
        prior_loss_weight=read.number("prior_loss_weight", 1.0, low=0),
        v_parameterization=_switch(config, "v_parameterization"),
        cache_latents=read.flag("cache_latents"),
        flip=read.flag("flip_aug"),
        checkpointing=read.flag("gradient_checkpointing"),
        loss=read.choice("loss_type", "l2", ("l2", "l1", "huber", "smooth_l1")),
        no_metadata=read.flag("no_metadata"),
        comment=read.text("training_comment", ""),
        held_out=read.number("validation_split", 0.0, low=0, high=1),
        held_out_seed=read.whole("validation_seed", run_seed, low=0),
        held_out_every=read.whole("validate_every_n_epochs", 1, low=1),
        held_out_batches=read.whole("max_validation_steps", 0, low=0) or None,
    )
    return _only_one(read, settings)


def _only_one(read: _Reader, settings: TrainSettings) -> TrainSettings:
    """Apply the two "only" switches; refuse a training that trains nothing."""
    if read.flag("network_train_unet_only"):
        settings.text_lr = 0.0
    if read.flag("network_train_text_encoder_only"):
        settings.unet_lr = 0.0
    if not settings.trains_unet and not settings.trains_text:
        raise _bad("nothing would be trained", "set unet_lr or text_encoder_lr above 0")
    return settings


def _check_network(read: _Reader) -> None:
    module = read.text("network_module", "networks.lora")
    if module not in ("", "networks.lora"):
        raise _bad(
            f"network_module = {module} is not supported by this engine",
            'use network_module = "networks.lora", or the kohya engine',
        )


def _chunks(read: _Reader) -> int:
    length = read.whole("max_token_length", 75, low=1)
    if length not in (75, 77, 150, 225):
        raise _bad(f"max_token_length = {length}", "use 75, 150 or 225")
    return max(1, length // 75)


def _switch(config: Mapping[str, Any], name: str) -> bool | None:
    return bool(config[name]) if name in config else None


def _pairs(words: list[str]) -> dict[str, Any]:
    """Read "key=value" words; values are numbers, lists of numbers, switches or text."""
    found: dict[str, Any] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign:
            raise _bad(f"{word!r} is no key=value", "write for example weight_decay=0.1")
        found[key.strip()] = _value(value.strip())
    return found


def _value(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    parts = text.strip("()[] ").split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return text
    return tuple(numbers) if len(numbers) > 1 else numbers[0]


class _Reader:
    """Reads values as the trainer would, with one line for each wrong one."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = config

    def number(
        self, name: str, default: float, low: float | None = None, high: float | None = None
    ) -> float:
        value = self.config.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
            raise _bad(f"{name} = {value!r} is no number", f"write {name} = {default:g}")
        if (low is not None and value < low) or (high is not None and value > high):
            raise _bad(f"{name} = {value} is out of range", f"write for example {default:g}")
        return float(value)

    def optional(self, name: str) -> float | None:
        return None if self.config.get(name) is None else self.number(name, 0.0, low=0)

    def whole(self, name: str, default: int, low: int = 0) -> int:
        value = self.number(name, default, low=low)
        if value != int(value):
            raise _bad(f"{name} = {value} is no whole number", f"write {name} = {default}")
        return int(value)

    def flag(self, name: str) -> bool:
        value = self.config.get(name, False)
        if not isinstance(value, bool):
            raise _bad(f"{name} = {value!r} is neither true nor false", f"write {name} = true")
        return value

    def text(self, name: str, default: str) -> str:
        value = self.config.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise _bad(f"{name} = {value!r} is no text", f'write {name} = "{default}"')
        return value

    def name(self, name: str, default: str) -> str:
        value = self.text(name, default) or default
        if re.search(r'[/\\:*?"<>|\x00-\x1f]', value) or value in (".", ".."):
            raise _bad(f"{name} = {value!r} is no file name", "use letters, digits, - and _")
        return value

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default) or default
        if value not in choices:
            raise _bad(f"{name} = {value!r} is unknown", f"choose one of: {', '.join(choices)}")
        return value

    def texts(self, name: str) -> list[str]:
        value = self.config.get(name) or []
        if isinstance(value, str):
            return value.split()
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise _bad(f"{name} is no list of texts", f'write {name} = ["key=value"]')
        return value

    def size(self, name: str, default: int) -> tuple[int, int]:
        value = self.config.get(name, default)
        parts = str(value).strip("()[] ").split(",")
        try:
            sides = [int(part) for part in parts]
        except ValueError as error:
            raise _bad(f"{name} = {value!r} is no size", f'write {name} = "512,512"') from error
        if len(sides) > 2 or min(sides) < 8:
            raise _bad(f"{name} = {value!r} is no size", f'write {name} = "512,512"')
        return sides[0], sides[-1]


def _bad(message: str, hint: str) -> AppError:
    return AppError(message, hint=hint, kind="bad_config")
