"""Parts: the base model on its device, and the LoRA layers that are trained in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler

from bespoke_gui.engines.context import RunContext
from bespoke_gui.engines.diffusion.base_model import load_base
from bespoke_gui.engines.diffusion.device import device_name, pick_device
from bespoke_gui.engines.diffusion.prompts import PromptEncoder
from bespoke_gui.engines.lora.adapters import Adapters
from bespoke_gui.engines.lora.data import Example, Latents, encode_latents
from bespoke_gui.engines.lora.settings import TrainSettings

DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}


class Parts:
    """precision: "no", "fp16" or "bf16", as accelerate names them; dtype: that of the base.

    v: whether velocity is predicted in place of noise.
    """

    def __init__(self, context: RunContext, settings: TrainSettings) -> None:
        self._context, self._settings = context, settings
        context.stage("loading the base model")
        self.device = pick_device(context.spec.device)
        context.emit("metric", name="device", value=device_name(self.device))
        self.precision = self._precision()
        self.dtype = DTYPES.get(self.precision, torch.float32)
        self.pipe = load_base(context.spec.base, self.device, self.dtype)
        context.check("stopped while loading the base model")
        self.schedule: Any = DDPMScheduler.from_config(
            self.pipe.scheduler.config, clip_sample=False
        )
        self.v = self._predicts_velocity()
        torch.manual_seed(settings.seed)
        self.adapters = Adapters(self.pipe, settings)
        self.encoder = PromptEncoder(
            self.pipe.tokenizer, self.pipe.text_encoder, settings.clip_skip
        )
        if settings.checkpointing and self.device.type == "cuda":
            self.pipe.unet.enable_gradient_checkpointing()
        self.pipe.unet.train(settings.dropout > 0 or settings.checkpointing)
        self.pipe.text_encoder.train(settings.dropout > 0)

    @property
    def latent_factor(self) -> float:
        """What latents are multiplied with before noise is added."""
        return self.pipe.vae.config.scaling_factor

    def encode(self, examples: Sequence[Example]) -> Latents:
        """Encode images to latents; raises AppError or Cancelled."""
        return encode_latents(self._context, self.pipe.vae, examples, self._settings.interpolation)

    def put_vae_away(self) -> None:
        """Free the memory of the card that only encoding needs."""
        if self.device.type != "cpu":
            self.pipe.vae.to("cpu")
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _precision(self) -> str:
        wanted = self._settings.precision
        if self.device.type == "cuda" or wanted == "no":
            return wanted
        self._context.info(f"mixed_precision = {wanted}: full precision on {self.device.type}")
        return "no"

    def _predicts_velocity(self) -> bool:
        """The base's own prediction type, unless the config switches v_parameterization on."""
        own = self.pipe.scheduler.config.get("prediction_type") == "v_prediction"
        wanted = self._settings.v_parameterization
        if own and wanted is False:
            self._context.warn("v_parameterization = false: this base needs it, so it stays on")
        return own or bool(wanted)


@contextmanager
def evaluating(pipe: Any) -> Iterator[None]:
    """Switch dropout off in UNet and text encoder meanwhile."""
    modes = [(part, part.training) for part in (pipe.unet, pipe.text_encoder)]
    for part, _ in modes:
        part.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.train(training)
