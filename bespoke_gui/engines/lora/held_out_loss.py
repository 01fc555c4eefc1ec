"""Held-out loss: the loss on images that are not taught, with the same noise at every epoch.

It falls while the LoRA learns the style and rises when it begins to learn its images by heart,
which the loss of the training itself never shows.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch

from bespoke_gui.core.held_out import RECORD, record_held_out
from bespoke_gui.engines.context import RunContext
from bespoke_gui.engines.lora import noise
from bespoke_gui.engines.lora.captions import draw_caption
from bespoke_gui.engines.lora.data import Example, Latents, by_size
from bespoke_gui.engines.lora.settings import TrainSettings

TIMES = 4
Predict = Callable[[list[str], torch.Tensor, torch.Tensor], torch.Tensor]
"""Texts, noisy latents (n, c, h, w) and time steps (n,) to what the UNet says."""


class HeldOut:
    """The images held out, and the noise they are measured with.

    Every image is asked at TIMES evenly spread time steps (200, 400, 600 and 800 of 1000, as
    sd-scripts' validation takes them), each with noise of its own that never changes. Captions
    are whole and in their order, images unflipped: two epochs differ by their weights alone.
    """

    def __init__(
        self, examples: Sequence[Example], latents: Latents, factor: float,
        settings: TrainSettings, schedule: Any, v: bool,
    ) -> None:  # fmt: skip
        self.examples = examples
        self.settings = settings
        self._latents = [mean * factor for mean in latents.means]
        self._schedule = schedule
        self._v = v
        plain = replace(settings, shuffle=False, dropout_rate=0.0, dropout_every=0, tag_dropout=0.0)
        self._texts = [draw_caption(one.caption, plain, 1, random.Random(0)) for one in examples]
        self._noises = [self._noise(place) for place in range(len(examples))]

    @property
    def times(self) -> list[int]:
        """The time steps asked, least noise first."""
        steps = int(self._schedule.config.num_train_timesteps)
        return [steps * number // (TIMES + 1) for number in range(1, TIMES + 1)]

    def _noise(self, place: int) -> torch.Tensor:
        """Noise for each time step of one image, float32 (TIMES, c, h, w)."""
        text = f"held out/{self.settings.held_out_seed}/{place}"
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big")
        shape = torch.Size((TIMES, *self._latents[place].shape))
        numbers = torch.Generator().manual_seed(seed)
        return noise.make_noise(shape, self.settings, numbers, random.Random(seed))

    def loss(self, predict: Predict, device: torch.device, go_on: Callable[[], bool]) -> float:
        """The mean over all images and time steps; nan when `go_on` says no before the end."""
        losses: list[torch.Tensor] = []
        for places in self._batches():
            for row, time in enumerate(self.times):
                if not go_on():
                    return math.nan
                losses.append(self._batch_loss(predict, device, places, row, time))
        return float(torch.cat(losses).mean())

    def _batches(self) -> list[list[int]]:
        size = self.settings.batch
        batches = [
            places[start : start + size]
            for places in by_size(self.examples).values()
            for start in range(0, len(places), size)
        ]
        return batches[: self.settings.held_out_batches]

    def _batch_loss(
        self, predict: Predict, device: torch.device, places: list[int], row: int, time: int
    ) -> torch.Tensor:
        clean = torch.stack([self._latents[place] for place in places]).to(device)
        plain = torch.stack([self._noises[place][row] for place in places]).to(device)
        times = torch.full((len(places),), time, device=device)
        noisy = self._schedule.add_noise(clean, plain, times)
        target = noise.target_for(self._schedule, clean, plain, times, self._v)
        predicted = predict([self._texts[place] for place in places], noisy, times)
        alphas = self._schedule.alphas_cumprod
        loss = noise.weighted_loss(predicted, target, times, alphas, self.settings, self._v)
        return loss.detach().cpu()


def tell_held_out(context: RunContext, settings: TrainSettings, examples: Sequence[Example],
                  taught: int) -> None:  # fmt: skip
    """Name the images that are not taught in the run folder, and say so."""
    share = f"validation_split = {settings.held_out:g}"
    if not examples:
        if settings.held_out:
            context.warn(f"{share} of {taught} images holds none out: no held-out loss is measured")
        return
    paths = [one.path for one in examples]
    record_held_out(context.folder, settings.held_out, settings.held_out_seed, paths)
    context.info(f"{share}: {len(paths)} images are not taught but measured on ({RECORD})")
