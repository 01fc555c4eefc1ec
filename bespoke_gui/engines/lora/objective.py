"""Objective: the loss of a batch, everything random in it drawn from one seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from accelerate import Accelerator

from bespoke_gui.engines.context import RunContext
from bespoke_gui.engines.lora import noise
from bespoke_gui.engines.lora.captions import draw_caption
from bespoke_gui.engines.lora.data import Example, Latents
from bespoke_gui.engines.lora.graphs import Model, Replayed
from bespoke_gui.engines.lora.parts import Parts
from bespoke_gui.engines.lora.settings import TrainSettings

CACHED_TEXTS = 4096


class Objective:
    """What is asked of the model: to find the noise in the noisy latents of its examples."""

    def __init__(
        self, context: RunContext, parts: Parts, settings: TrainSettings,
        examples: Sequence[Example], latents: Latents, accelerator: Accelerator,
    ) -> None:  # fmt: skip
        self.parts, self.settings = parts, settings
        self.examples, self.latents = examples, latents
        self._accelerator = accelerator
        self._texts: dict[str, torch.Tensor] = {}
        self._plain = Model(parts.pipe.unet, parts.encoder)
        self._model = self._replayed(context) or self._plain

    def loss(self, indices: list[int], epoch: int, seed: int) -> torch.Tensor:
        """Mean loss of one batch, a tensor of no dimensions; epoch: 1 the first."""
        parts, settings = self.parts, self.settings
        torch.manual_seed(seed)
        generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
        texts = [draw_caption(self.examples[i].caption, settings, epoch, rng) for i in indices]
        latents = self._latents(indices, generator, rng)
        plain = noise.make_noise(latents.shape, settings, generator, rng).to(parts.device)
        steps = int(parts.schedule.config.num_train_timesteps)
        times = torch.randint(0, steps, (len(indices),), generator=generator).to(parts.device)
        noisy = parts.schedule.add_noise(latents, plain, times)
        target = noise.target_for(parts.schedule, latents, plain, times, parts.v)
        predicted = self._predict(self._model, texts, noisy, times)
        alphas = parts.schedule.alphas_cumprod
        loss = noise.weighted_loss(predicted, target, times, alphas, settings, parts.v)
        if any(self.examples[i].is_reg for i in indices):
            prior = settings.prior_loss_weight
            weights = [prior if self.examples[i].is_reg else 1.0 for i in indices]
            loss = loss * torch.tensor(weights, device=loss.device)
        return loss.mean()

    def predict(self, texts: list[str], noisy: torch.Tensor, times: torch.Tensor) -> torch.Tensor:
        """What the model says, without gradients; (n, c, h, w) like `noisy`."""
        with torch.no_grad():
            return self._predict(self._plain, texts, noisy, times)

    def _predict(
        self, model: Model | Replayed, texts: list[str], noisy: torch.Tensor, times: torch.Tensor
    ) -> torch.Tensor:
        with self._accelerator.autocast():
            return model(self._text(texts), noisy.to(self.parts.dtype), times)

    def _replayed(self, context: RunContext) -> Replayed | None:
        """The forward pass replayed from a recording, where that is sound and pays."""
        parts, settings = self.parts, self.settings
        # Replays give the same gradients into the same memory: no sum over several batches, and
        # neither dropout nor checkpointing can be part of one.
        plain = settings.dropout or settings.checkpointing or settings.accumulation > 1
        if parts.device.type != "cuda" or plain or not context.spec.options.get("graphs", True):
            return None
        mixed = None if parts.precision == "no" else parts.dtype
        return Replayed(lambda: Model(parts.pipe.unet, parts.encoder), mixed, context.info)

    def _latents(
        self, indices: list[int], generator: torch.Generator, rng: random.Random
    ) -> torch.Tensor:
        found = self.latents.batch(indices, generator) * self.parts.latent_factor
        if self.settings.flip:
            flips = [rng.random() < 0.5 for _ in indices]
            found = torch.stack([x.flip(-1) if f else x for x, f in zip(found, flips, strict=True)])
        found = found.to(self.parts.device)
        return found.contiguous(memory_format=torch.channels_last)

    def _text(self, texts: list[str]) -> torch.Tensor:
        """Token ids while the text encoder is trained, else its states."""
        if self.parts.adapters.text:
            return self.parts.encoder.ids(texts, self.settings.chunks).to(self.parts.device)
        return torch.cat([self._states(text) for text in texts])

    def _states(self, text: str) -> torch.Tensor:
        """States of a text while the text encoder is not trained, kept for the next epoch."""
        if text not in self._texts:
            if len(self._texts) >= CACHED_TEXTS:
                self._texts.clear()
            with torch.no_grad():
                self._texts[text] = self.parts.encoder.encode([text], self.settings.chunks)
        return self._texts[text]
