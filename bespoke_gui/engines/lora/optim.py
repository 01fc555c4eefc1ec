"""Optimiser and schedule: AdamW over text encoder then UNet, rates by transformers."""

from __future__ import annotations

from typing import Any

import torch
from transformers import get_scheduler

from bespoke_gui.core.errors import AppError
from bespoke_gui.engines.context import RunContext
from bespoke_gui.engines.lora.adapters import Adapters
from bespoke_gui.engines.lora.settings import TrainSettings

ADAMW_ARGS = ("weight_decay", "betas", "eps", "amsgrad")
SAME_AS_ADAMW = ("adamw", "torch.optim.adamw", "")


def make_optimizer(
    context: RunContext, adapters: Adapters, settings: TrainSettings
) -> torch.optim.Optimizer:
    """One group for the text encoder, then one for the UNet; a rate of 0 has no group."""
    groups = []
    for part, rate in (("text", settings.text_lr), ("unet", settings.unet_lr)):
        weights = adapters.parameters(part)
        if weights:
            groups.append({"params": weights, "lr": rate})
    kind = _class(context, settings)
    arguments = _arguments(context, settings)
    if kind is torch.optim.AdamW and groups[0]["params"][0].device.type in ("cpu", "cuda"):
        # One pass over all weights instead of a dozen small ones each.
        arguments["fused"] = True
    return kind(groups, **arguments)


def _class(context: RunContext, settings: TrainSettings) -> Any:
    name = settings.optimizer.lower()
    if name in ("adamw8bit", "pagedadamw8bit") and torch.cuda.is_available():
        try:
            import bitsandbytes  # pyright: ignore[reportMissingImports]

            return bitsandbytes.optim.AdamW8bit
        except ImportError:
            pass
    if name not in SAME_AS_ADAMW:
        context.warn(f"optimizer_type = {settings.optimizer} is not honoured: AdamW is used")
    return torch.optim.AdamW


def _arguments(context: RunContext, settings: TrainSettings) -> dict[str, Any]:
    taken = {key: value for key, value in settings.optimizer_args.items() if key in ADAMW_ARGS}
    for key in sorted(set(settings.optimizer_args) - set(taken)):
        context.warn(f"optimizer_args {key} is not honoured by AdamW")
    return taken


def warmup_steps(settings: TrainSettings, total: int, given: Any) -> int:
    """Warm-up in steps: a TOML float below 1 is a share of all steps (train_util.py:5275)."""
    if isinstance(given, float) and given < 1:
        return int(given * total)
    return int(settings.warmup)


def make_scheduler(
    optimizer: torch.optim.Optimizer, settings: TrainSettings, total: int, warmup: int
) -> Any:
    """The learning-rate schedule; AppError kind "bad_config" for one that cannot be."""
    if settings.scheduler == "constant" and warmup:
        raise AppError(
            "lr_scheduler = constant takes no lr_warmup_steps (sd-scripts stops on it too)",
            hint="use constant_with_warmup, or lr_warmup_steps = 0",
            kind="bad_config",
        )
    try:
        return get_scheduler(
            settings.scheduler, optimizer, warmup, total, scheduler_specific_kwargs=_extra(settings)
        )
    except (ValueError, KeyError, TypeError) as error:
        raise AppError(
            f"lr_scheduler = {settings.scheduler} cannot be used: {error}",
            hint="choose linear, cosine, cosine_with_restarts, polynomial or constant",
            kind="bad_config",
        ) from error


def _extra(settings: TrainSettings) -> dict[str, Any]:
    """What the schedules beyond the plain ones are told."""
    name = settings.scheduler
    if name == "cosine_with_restarts":
        return {"num_cycles": int(settings.num_cycles)}
    if name == "polynomial":
        return {"power": settings.power}
    if name == "cosine_with_min_lr":
        return {"num_cycles": settings.num_cycles / 2, "min_lr_rate": settings.min_lr_ratio or 0.0}
    return {}


def rates(optimizer: torch.optim.Optimizer, adapters: Adapters) -> dict[str, float]:
    """The present rates: "lr" is the UNet's (the text encoder's when only that is trained)."""
    values = [float(group["lr"]) for group in optimizer.param_groups]
    found = {"lr": values[-1]}
    if adapters.text:
        found["lr_text_encoder"] = values[0]
    return found
