"""Save: kohya-format .safetensors with sd-scripts' names and metadata."""

from __future__ import annotations

import datetime
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from bespoke_gui import __version__
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lorafile import kohya_hashes, write_tensors
from bespoke_gui.engines.lora.data import Example, by_size
from bespoke_gui.engines.lora.settings import TrainSettings

DTYPES = {
    "fp16": ("F16", torch.float16), "bf16": ("BF16", torch.bfloat16),
    "float": ("F32", torch.float32), "fp32": ("F32", torch.float32),
}  # fmt: skip
KEPT_WITHOUT = (
    "ss_v2", "ss_base_model_version", "ss_network_module", "ss_network_dim", "ss_network_alpha",
    "ss_network_args",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How long the training is, and what it is called."""

    batches_per_epoch: int
    steps_per_epoch: int
    epochs: int
    total: int
    started: float
    base: str
    v: bool
    warmup: int


def save_lora(
    path: Path, tensors: dict[str, torch.Tensor], precision: str, metadata: dict[str, str]
) -> None:
    """Write a checkpoint atomically.

    Raises AppError kind "nan_loss" when a weight is no number; nothing is written then.
    """
    broken = [name for name, tensor in tensors.items() if not torch.isfinite(tensor).all()]
    if broken:
        raise AppError(
            f"{len(broken)} weights are no numbers any more", kind="nan_loss",
            hint="lower the learning rate; the last good checkpoint is kept",
        )  # fmt: skip
    raw = {name: _raw(tensor, precision) for name, tensor in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_tensors(path, raw, {**metadata, **kohya_hashes(raw)})


def _raw(tensor: torch.Tensor, precision: str) -> tuple[str, tuple[int, ...], bytes]:
    name, dtype = DTYPES[precision]
    data = tensor.detach().to("cpu", dtype).contiguous()
    # numpy has no bfloat16: its bytes are read as 16-bit integers.
    view = data.view(torch.int16) if dtype == torch.bfloat16 else data
    return name, tuple(data.shape), view.numpy().tobytes()


def metadata_for(
    settings: TrainSettings, plan: Plan, examples: Sequence[Example], epoch: int, step: int,
    config: dict[str, Any], held_out: int = 0,
) -> dict[str, str]:  # fmt: skip
    """sd-scripts' ss_* and modelspec.* entries as far as they apply, all texts."""
    now = time.time()
    entries: dict[str, Any] = {
        **_network(settings, config), **_schedule(settings, plan), **_captions(settings),
        **_noise(settings, plan), **_dataset(settings, examples), **_modelspec(settings, plan, now),
        **_held_out(settings, held_out),
        "ss_epoch": epoch, "ss_steps": step, "ss_training_started_at": plan.started,
        "ss_training_finished_at": now, "ss_training_comment": settings.comment or None,
        "ss_sd_scripts_commit_hash": f"bespoke {__version__}",
        "ss_output_name": settings.output_name,
    }  # fmt: skip
    if settings.no_metadata:
        entries = {key: value for key, value in entries.items() if key in KEPT_WITHOUT}
    return {key: str(value) for key, value in entries.items()}


def _network(settings: TrainSettings, config: dict[str, Any]) -> dict[str, Any]:
    found = {
        "ss_network_module": "networks.lora", "ss_network_dim": settings.rank,
        "ss_network_alpha": settings.alpha, "ss_network_dropout": settings.dropout or None,
        "ss_base_model_version": "sd_v1", "ss_v2": False,
    }  # fmt: skip
    if settings.conv_rank:
        args = {"conv_dim": str(settings.conv_rank), "conv_alpha": str(settings.conv_alpha)}
        found["ss_network_args"] = json.dumps(args)
    return found


def _schedule(settings: TrainSettings, plan: Plan) -> dict[str, Any]:
    return {
        "ss_learning_rate": config_rate(settings), "ss_unet_lr": settings.unet_lr,
        "ss_text_encoder_lr": settings.text_lr, "ss_optimizer": "torch.optim.adamw.AdamW",
        "ss_lr_scheduler": settings.scheduler, "ss_lr_warmup_steps": plan.warmup,
        "ss_max_grad_norm": settings.max_grad_norm, "ss_max_train_steps": plan.total,
        "ss_num_epochs": plan.epochs, "ss_num_batches_per_epoch": plan.batches_per_epoch,
        "ss_batch_size_per_device": settings.batch, "ss_total_batch_size": settings.batch,
        "ss_gradient_accumulation_steps": settings.accumulation, "ss_seed": settings.seed,
        "ss_gradient_checkpointing": settings.checkpointing,
        "ss_mixed_precision": settings.precision, "ss_cache_latents": settings.cache_latents,
        "ss_sd_model_name": Path(plan.base).name or plan.base, "ss_loss_type": settings.loss,
    }  # fmt: skip


def config_rate(settings: TrainSettings) -> float:
    """The rate sd-scripts would call the common one."""
    return settings.unet_lr or settings.text_lr


def _captions(settings: TrainSettings) -> dict[str, Any]:
    return {
        "ss_shuffle_caption": settings.shuffle, "ss_keep_tokens": settings.keep_tokens,
        "ss_caption_dropout_rate": settings.dropout_rate,
        "ss_caption_dropout_every_n_epochs": settings.dropout_every,
        "ss_caption_tag_dropout_rate": settings.tag_dropout,
        "ss_max_token_length": settings.chunks * 75 if settings.chunks > 1 else None,
        "ss_clip_skip": settings.clip_skip,
    }  # fmt: skip


def _noise(settings: TrainSettings, plan: Plan) -> dict[str, Any]:
    return {
        "ss_noise_offset": settings.noise_offset or None,
        "ss_multires_noise_iterations": settings.multires or None,
        "ss_multires_noise_discount": settings.multires_discount,
        "ss_min_snr_gamma": settings.min_snr_gamma or None,
        "ss_zero_terminal_snr": False, "ss_v_parameterization": plan.v,
    }  # fmt: skip


def _dataset(settings: TrainSettings, examples: Sequence[Example]) -> dict[str, Any]:
    folders: dict[str, dict[str, int]] = {}
    apart: dict[str, dict[str, int]] = {}
    tags: dict[str, Counter[str]] = {}
    for item in examples:
        kind = apart if item.is_reg else folders
        entry = kind.setdefault(item.folder, {"n_repeats": item.repeats, "img_count": 0})
        entry["img_count"] += 1
        words = (tag.strip() for tag in item.caption.split(settings.separator))
        tags.setdefault(item.folder, Counter()).update(tag for tag in words if tag)
    buckets = {
        str(number): {"resolution": list(size), "count": len(indices)}
        for number, (size, indices) in enumerate(by_size(examples).items())
    }
    return {
        "ss_dataset_dirs": json.dumps(folders), "ss_reg_dataset_dirs": json.dumps(apart),
        "ss_num_train_images": sum(item.repeats for item in examples if not item.is_reg),
        "ss_num_reg_images": sum(item.repeats for item in examples if item.is_reg),
        "ss_tag_frequency": json.dumps({name: dict(count) for name, count in tags.items()}),
        "ss_bucket_info": json.dumps({"buckets": buckets}), "ss_enable_bucket": settings.bucket,
        "ss_bucket_no_upscale": settings.no_upscale, "ss_min_bucket_reso": settings.min_bucket,
        "ss_max_bucket_reso": settings.max_bucket, "ss_flip_aug": settings.flip,
        "ss_resolution": (settings.width, settings.height),
        "ss_resize_interpolation": settings.interpolation,
    }  # fmt: skip


def _held_out(settings: TrainSettings, images: int) -> dict[str, Any]:
    return {
        "ss_num_validation_images": images, "ss_validation_split": settings.held_out,
        "ss_validation_seed": settings.held_out_seed,
        "ss_validate_every_n_epochs": settings.held_out_every,
        "ss_max_validation_steps": settings.held_out_batches,
    }  # fmt: skip


def _modelspec(settings: TrainSettings, plan: Plan, now: float) -> dict[str, str]:
    stamp = datetime.datetime.fromtimestamp(int(now)).isoformat()
    return {
        "modelspec.sai_model_spec": "1.0.1", "modelspec.architecture": "stable-diffusion-v1/lora",
        "modelspec.implementation": "diffusers",
        "modelspec.implementation_version": f"bespoke/{__version__}",
        "modelspec.title": settings.output_name, "modelspec.date": stamp,
        "modelspec.resolution": f"{settings.width}x{settings.height}",
        "modelspec.prediction_type": "v" if plan.v else "epsilon",
    }  # fmt: skip
