"""Stage 2: the UNet learns to draw."""

from __future__ import annotations

import copy

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from bespoke_gui.engines.embedded.text import WIDTH

EMA_DECAY = 0.999


def build_unet() -> UNet2DConditionModel:
    """A UNet with random weights, 4.2 million parameters, for 24x24 latents of 4 channels."""
    unet = UNet2DConditionModel(
        sample_size=24,
        in_channels=4,
        out_channels=4,
        block_out_channels=(32, 64, 128),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        norm_num_groups=16,
    )
    # Starting from "no change" lets the first steps learn the mean colour calmly.
    for weight in unet.conv_out.parameters():
        torch.nn.init.zeros_(weight)
    unet.to(memory_format=torch.channels_last)  # pyright: ignore
    return unet


class Average:
    """Running average of a model's weights; the average is what ships."""

    def __init__(self, model: torch.nn.Module) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, model: torch.nn.Module, step: int) -> None:
        """Follow `model`; the decay grows from 0.1 to EMA_DECAY over the first steps."""
        decay = min(EMA_DECAY, (1 + step) / (10 + step))
        for mine, theirs in zip(self.model.parameters(), model.parameters(), strict=True):
            mine.lerp_(theirs, 1 - decay)


def sample_times(size: int, progress: float, generator: torch.Generator) -> torch.Tensor:
    """(size,) int64 training steps, one from each stratum of 0..999.

    Near the end (`progress` over 0.7) low noise is asked for more often: that is where edges
    become sharp.
    """
    strata = torch.randperm(size, generator=generator) + torch.rand(size, generator=generator)
    share = strata / size
    power = 1.0 if progress < 0.7 else 1.3
    return (share**power * 1000).long().clamp(max=999)


def v_loss(unet, latents, states, times, noise, schedule) -> torch.Tensor:
    """Mean squared error of the predicted velocity, averaged over (N, 4, 24, 24)."""
    signal, sigma = (part[times].view(-1, 1, 1, 1) for part in schedule)
    noisy = (signal * latents + sigma * noise).contiguous(memory_format=torch.channels_last)
    target = signal * noise - sigma * latents
    predicted = unet(noisy, times, encoder_hidden_states=states).sample
    return (predicted - target).square().mean()
