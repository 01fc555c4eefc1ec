"""Noise and loss: noise offset, multi-resolution noise, targets and min-SNR weights."""

from __future__ import annotations

import random
from typing import Any

import torch
from torch.nn import functional

from bespoke_gui.engines.lora.settings import TrainSettings


def make_noise(
    shape: torch.Size, settings: TrainSettings, generator: torch.Generator, rng: random.Random
) -> torch.Tensor:
    """Noise for latents of `shape` (n, c, h, w), float32 on the CPU.

    Order as in sd-scripts train_util.py:6071-6107: plain, then offset, then multi-resolution.
    """
    noise = torch.randn(shape, generator=generator)
    if settings.noise_offset:
        offset = torch.randn((shape[0], shape[1], 1, 1), generator=generator)
        noise = noise + settings.noise_offset * offset
    if settings.multires:
        noise = _pyramid(noise, settings, generator, rng)
    return noise


def _pyramid(
    noise: torch.Tensor, settings: TrainSettings, generator: torch.Generator, rng: random.Random
) -> torch.Tensor:
    """Multi-resolution noise (Whitaker 2023; sd-scripts custom_train_functions.py:458-467)."""
    n, c, height, width = noise.shape
    for level in range(settings.multires):
        factor = (rng.random() * 2 + 2) ** level
        h, w = max(1, int(height / factor)), max(1, int(width / factor))
        coarse = torch.randn((n, c, h, w), generator=generator)
        fine = functional.interpolate(
            coarse, size=(height, width), mode="bilinear", align_corners=False
        )
        noise = noise + fine * settings.multires_discount**level
        if h == 1 or w == 1:
            break
    return noise / noise.std()


def target_for(
    scheduler: Any, latents: torch.Tensor, noise: torch.Tensor, times: torch.Tensor, v: bool
) -> torch.Tensor:
    """What the UNet shall predict: the noise, or the velocity."""
    return scheduler.get_velocity(latents, noise, times) if v else noise


def per_image_loss(predicted: torch.Tensor, target: torch.Tensor, kind: str) -> torch.Tensor:
    """Loss of each image, float32 (n,). huber and smooth_l1 use delta 0.1, sd-scripts' huber_c."""
    predicted, target = predicted.float(), target.float()
    if kind == "l1":
        loss = functional.l1_loss(predicted, target, reduction="none")
    elif kind in ("huber", "smooth_l1"):
        scale = 2.0 if kind == "smooth_l1" else 0.2
        distance = (predicted - target).square()
        loss = scale * (torch.sqrt(distance + 0.01) - 0.1)
    else:
        loss = functional.mse_loss(predicted, target, reduction="none")
    return loss.mean(dim=(1, 2, 3))


def weighted_loss(
    predicted: torch.Tensor, target: torch.Tensor, times: torch.Tensor,
    alphas_cumprod: torch.Tensor, settings: TrainSettings, v: bool,
) -> torch.Tensor:  # fmt: skip
    """Loss of each image with min-SNR weights where asked for, float32 (n,)."""
    loss = per_image_loss(predicted, target, settings.loss)
    if not settings.min_snr_gamma:
        return loss
    return loss * snr_weights(alphas_cumprod, times, settings.min_snr_gamma, v)


def snr_weights(
    alphas_cumprod: torch.Tensor, times: torch.Tensor, gamma: float, v: bool
) -> torch.Tensor:
    """Min-SNR weights (Hang et al. 2023): min(snr, gamma) / snr, or / (snr + 1) for velocity."""
    alphas = alphas_cumprod.to(times.device)[times].float()
    snr = alphas / (1 - alphas).clamp(min=1e-12)
    capped = snr.clamp(max=gamma)
    # At zero signal the noise target's weight is 0/0; its limit is 1.
    return capped / (snr + 1) if v else torch.where(snr > 0, capped / snr.clamp(min=1e-12), 1.0)
