"""Loop: the training itself, from the run spec to the last checkpoint."""

from __future__ import annotations

import hashlib
import math
import random
import time
from collections import deque
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.events import HELD_OUT_LOSS
from bespoke_gui.core.lorafile import complete
from bespoke_gui.core.runspec import EMBEDDED
from bespoke_gui.engines.checkpoints import announce, epoch_name, step_name
from bespoke_gui.engines.context import Cancelled, RunContext
from bespoke_gui.engines.diffusion.base_model import load_base
from bespoke_gui.engines.diffusion.device import device_name, pick_device, use_threads
from bespoke_gui.engines.diffusion.prompts import PromptEncoder
from bespoke_gui.engines.lora import noise, optim, state
from bespoke_gui.engines.lora.adapters import Adapters
from bespoke_gui.engines.lora.captions import draw_caption
from bespoke_gui.engines.lora.data import Example, batches_for, encode_latents, find_examples
from bespoke_gui.engines.lora.graphs import Model, Replayed
from bespoke_gui.engines.lora.held_out_loss import HeldOut, tell_held_out
from bespoke_gui.engines.lora.options import not_honoured
from bespoke_gui.engines.lora.preview import preview
from bespoke_gui.engines.lora.save import Plan, metadata_for, save_lora
from bespoke_gui.engines.lora.settings import TrainSettings, settings_from

EMBEDDED_SIZE = 192
STATE_EVERY_S = 60.0
PACE_STEPS = 20
CACHED_TEXTS = 4096


def train(context: RunContext) -> dict[str, Any]:
    """Train to the end; returns fields for exit.json. Raises Cancelled or AppError."""
    settings = prepare_settings(context)
    return Training(context, settings).run()


def prepare_settings(context: RunContext) -> TrainSettings:
    """Read the config and say everything about it that will not be as written."""
    for sentence in not_honoured(context.spec.config):
        context.warn(sentence)
    # A run without a seed still has one of its own, or it could not be resumed.
    seed = int(hashlib.sha256(context.spec.run.encode("utf-8")).hexdigest()[:7], 16)
    settings = settings_from(context.spec.config, seed)
    if context.spec.base == EMBEDDED and (settings.width, settings.height) != (EMBEDDED_SIZE,) * 2:
        context.warn(
            f"the embedded base draws {EMBEDDED_SIZE} px: "
            f"it trains at that, not at {settings.width}x{settings.height}"
        )
        settings.width = settings.height = EMBEDDED_SIZE
        settings.bucket = False
    return settings


class Training:
    """One training. Its place is `step` alone: all randomness follows from seed and step.

    That makes a resumed run equal an uninterrupted one without storing any generator.
    """

    def __init__(self, context: RunContext, settings: TrainSettings) -> None:
        self.context = context
        self.settings = settings
        self.root = context.folder / "state"
        self.step = 0
        self._resume = state.latest(self.root) if context.spec.resume else None
        self._threads()
        self.examples, held = find_examples(context, settings)
        tell_held_out(context, settings, held, len(self.examples))
        self._load_base()
        self.plan = self._plan()
        self._prepare_latents(held)
        self._prepare_optimizer()
        self._losses: deque[float] = deque(maxlen=max(1, self.plan.steps_per_epoch))
        self._times: deque[float] = deque(maxlen=PACE_STEPS)
        self._saved_at = time.monotonic()

    # -- preparation --------------------------------------------------------------------------

    def _threads(self) -> None:
        # Another number of threads adds up in another order: a resumed run keeps its own.
        wanted = self._resume[0].get("threads") if self._resume else None
        self.threads = use_threads(wanted or self.context.spec.options.get("threads"))

    def _load_base(self) -> None:
        context, settings = self.context, self.settings
        context.stage("loading the base model")
        self.device = pick_device(context.spec.device)
        context.emit("metric", name="device", value=device_name(self.device))
        self.precision = self._precision()
        dtypes = {"fp16": torch.float16, "bf16": torch.bfloat16}
        self.dtype = dtypes.get(self.precision, torch.float32)
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
        self._texts: dict[str, torch.Tensor] = {}
        if settings.checkpointing and self.device.type == "cuda":
            self.pipe.unet.enable_gradient_checkpointing()
        training = settings.dropout > 0 or settings.checkpointing
        self.pipe.unet.train(training)
        self.pipe.text_encoder.train(settings.dropout > 0)

    def _precision(self) -> str:
        wanted = self.settings.precision
        if self.device.type == "cuda" or wanted == "no":
            return wanted
        self.context.info(f"mixed_precision = {wanted}: full precision on {self.device.type}")
        return "no"

    def _predicts_velocity(self) -> bool:
        """The base's own prediction type, unless the config switches v_parameterization on."""
        own = self.pipe.scheduler.config.get("prediction_type") == "v_prediction"
        wanted = self.settings.v_parameterization
        if own and wanted is False:
            self.context.warn("v_parameterization = false: this base needs it, so it stays on")
        return own or bool(wanted)

    def _plan(self) -> Plan:
        settings = self.settings
        batches = len(batches_for(self.examples, settings.batch, 0, 0))
        per_epoch = math.ceil(batches / settings.accumulation)
        total = settings.epochs * per_epoch if settings.epochs else settings.max_steps
        warmup = optim.warmup_steps(
            settings, total, self.context.spec.config.get("lr_warmup_steps")
        )
        return Plan(batches, per_epoch, math.ceil(total / per_epoch), total, time.time(),
                    self.context.spec.base, self.v, warmup)  # fmt: skip

    def _prepare_latents(self, held: list[Example]) -> None:
        context, settings = self.context, self.settings
        context.stage("preparing the images")
        self.latents = encode_latents(context, self.pipe.vae, self.examples, settings.interpolation)
        apart = encode_latents(context, self.pipe.vae, held, settings.interpolation)
        factor = self.pipe.vae.config.scaling_factor
        self.held_out = HeldOut(held, apart, factor, settings, self.schedule, self.v)
        if settings.cache_latents:
            self.latents.sample_once(torch.Generator().manual_seed(settings.seed))
        if self.device.type != "cpu":
            self.pipe.vae.to("cpu")
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _prepare_optimizer(self) -> None:
        settings, plan = self.settings, self.plan
        self.accelerator = Accelerator(
            mixed_precision=self.precision, cpu=self.device.type == "cpu"
        )
        plain = optim.make_optimizer(self.context, self.adapters, settings)
        self.rate = optim.make_scheduler(plain, settings, plan.total, plan.warmup)
        self.plain_optimizer = plain
        self.optimizer: Any = self.accelerator.prepare(plain)
        self.weights = self.adapters.parameters()
        self.model = self._model()
        if self._resume:
            self._restore(*self._resume)

    def _model(self) -> Model | Replayed:
        """The forward pass; replayed from a recording where that is sound and pays."""
        settings = self.settings

        def make() -> Model:
            return Model(self.pipe.unet, self.encoder)

        # Replays give the same gradients into the same memory: no sum over several batches, and
        # neither dropout nor checkpointing can be part of one.
        plain = settings.dropout or settings.checkpointing or settings.accumulation > 1
        if self.device.type != "cuda" or plain or not self.context.spec.options.get("graphs", True):
            return make()
        mixed = None if self.precision == "no" else self.dtype
        return Replayed(make, mixed, self.context.info)

    def _restore(
        self, facts: dict[str, Any], weights: dict[str, torch.Tensor], folder: Path
    ) -> None:
        if facts.get("fingerprint") != self._fingerprint():
            raise AppError(
                "config or images changed since this run was saved, so it cannot go on",
                file=folder, hint="start a new run", kind="bad_config",
            )  # fmt: skip
        self.adapters.load(weights)
        state.load_moments(folder, self.plain_optimizer)
        self.rate.load_state_dict(facts["rate"])
        for group, rate in zip(
            self.plain_optimizer.param_groups, facts["rate"]["_last_lr"], strict=True
        ):
            group["lr"] = rate
        if self.accelerator.scaler is not None and facts.get("scaler"):
            self.accelerator.scaler.load_state_dict(facts["scaler"])
        self.step = int(facts["step"])
        self.context.info(f"resumed at step {self.step} of {self.plan.total}")

    def _fingerprint(self) -> str:
        """What must be equal for a resumed run to make sense."""
        images = [(item.path.name, item.caption, item.size, item.repeats) for item in self.examples]
        text = repr((self.settings, self.context.spec.base, images))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    # -- the loop -----------------------------------------------------------------------------

    @property
    def epoch(self) -> int:
        """Completed epochs."""
        return self.step // self.plan.steps_per_epoch

    def run(self) -> dict[str, Any]:
        """Take every step; the last checkpoint is opened again before this returns."""
        self.context.stage("training")
        if not self.step:
            self._measure_held_out(0)
        while self.step < self.plan.total:
            self._epoch()
        return self._finish()

    def _epoch(self) -> None:
        number, plan, settings = self.epoch, self.plan, self.settings
        batches = batches_for(self.examples, settings.batch, settings.seed, number)
        first = self.step - number * plan.steps_per_epoch
        for place in range(first, plan.steps_per_epoch):
            if self.step >= plan.total:
                return
            self._controls()
            start = place * settings.accumulation
            self._take_step(batches[start : start + settings.accumulation], number + 1)
        self._end_epoch()

    def _take_step(self, parts: list[list[int]], epoch: int) -> None:
        began = time.monotonic()
        # Rates of this step, before the schedule moves on: they belong to the loss shown.
        rates = optim.rates(self.plain_optimizer, self.adapters)
        total = 0.0
        for number, indices in enumerate(parts):
            loss = self._loss(indices, epoch, self._seed(number))
            self.accelerator.backward(loss / len(parts))
            total += float(loss.detach())
        value = total / len(parts)
        if not math.isfinite(value):
            raise _not_a_number(self.step + 1)
        if self.settings.max_grad_norm > 0:
            self.accelerator.clip_grad_norm_(self.weights, self.settings.max_grad_norm)
        self.optimizer.step()
        self.rate.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self._times.append(time.monotonic() - began)
        self._report(value, rates, epoch, sum(len(part) for part in parts))
        self._save_between()

    def _seed(self, part: int) -> int:
        text = f"{self.settings.seed}/{self.step}/{part}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big")

    def _loss(self, indices: list[int], epoch: int, seed: int) -> torch.Tensor:
        """Mean loss of one batch; everything random in it comes from `seed`."""
        settings = self.settings
        torch.manual_seed(seed)
        generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
        texts = [draw_caption(self.examples[i].caption, settings, epoch, rng) for i in indices]
        latents = self._latents(indices, generator, rng)
        plain = noise.make_noise(latents.shape, settings, generator, rng).to(self.device)
        steps = int(self.schedule.config.num_train_timesteps)
        times = torch.randint(0, steps, (len(indices),), generator=generator).to(self.device)
        noisy = self.schedule.add_noise(latents, plain, times)
        target = noise.target_for(self.schedule, latents, plain, times, self.v)
        with self.accelerator.autocast():
            predicted = self.model(self._text(texts), noisy.to(self.dtype), times)
        loss = noise.per_image_loss(predicted, target, settings.loss)
        if settings.min_snr_gamma:
            alphas = self.schedule.alphas_cumprod
            loss = loss * noise.snr_weights(alphas, times, settings.min_snr_gamma, self.v)
        if any(self.examples[i].is_reg for i in indices):
            prior = settings.prior_loss_weight
            weights = [prior if self.examples[i].is_reg else 1.0 for i in indices]
            loss = loss * torch.tensor(weights, device=loss.device)
        return loss.mean()

    def _latents(
        self, indices: list[int], generator: torch.Generator, rng: random.Random
    ) -> torch.Tensor:
        found = self.latents.batch(indices, generator) * self.pipe.vae.config.scaling_factor
        if self.settings.flip:
            flips = [rng.random() < 0.5 for _ in indices]
            found = torch.stack([x.flip(-1) if f else x for x, f in zip(found, flips, strict=True)])
        found = found.to(self.device)
        return found.contiguous(memory_format=torch.channels_last)

    def _text(self, texts: list[str]) -> torch.Tensor:
        """Token ids while the text encoder is trained, else its states."""
        if self.adapters.text:
            return self.encoder.ids(texts, self.settings.chunks).to(self.device)
        return torch.cat([self._cached(text) for text in texts])

    def _cached(self, text: str) -> torch.Tensor:
        """States of a text while the text encoder is not trained, kept for the next epoch."""
        if text not in self._texts:
            if len(self._texts) >= CACHED_TEXTS:
                self._texts.clear()
            with torch.no_grad():
                self._texts[text] = self.encoder.encode([text], self.settings.chunks)
        return self._texts[text]

    # -- what the app sees --------------------------------------------------------------------

    def _report(self, loss: float, rates: dict[str, float], epoch: int, images: int) -> None:
        self._losses.append(loss)
        per_step = sum(self._times) / len(self._times)
        self.context.emit(
            "progress", step=self.step, total=self.plan.total, epoch=epoch,
            epochs=self.plan.epochs, loss=round(loss, 6),
            loss_average=round(sum(self._losses) / len(self._losses), 6), **rates,
            images_per_s=round(images / max(per_step, 1e-9), 3),
            eta_s=round((self.plan.total - self.step) * per_step, 1),
        )  # fmt: skip

    def _controls(self) -> None:
        context = self.context
        if context.pausing:
            self._save_state()
            context.wait_while_paused()
            context.stage("training")
        if context.take("save"):
            self._checkpoint(step_name(self.settings.output_name, self.step))
        if context.take("sample"):
            # The base may be in 16 bits; what is trained never is.
            with self.accelerator.autocast():
                preview(context, self.pipe, self.examples, self.settings, self.epoch, self.step)
        if context.stopping:
            self._stop(f"stopped at step {self.step} of {self.plan.total}, saved")

    def _stop(self, words: str) -> None:
        """Save and end. A stop right at an epoch's end finds its checkpoint written already."""
        if self.step % self.plan.steps_per_epoch:
            self._checkpoint(step_name(self.settings.output_name, self.step))
        self._save_state()
        raise Cancelled(words)

    def _end_epoch(self) -> None:
        """Save what is due, as sd-scripts names it; the last epoch is saved by `_finish`."""
        epoch, settings = self.epoch, self.settings
        self.context.emit(
            "metric", name="loss_epoch", value=sum(self._losses) / len(self._losses), epoch=epoch
        )
        if epoch % settings.held_out_every == 0 or self.step >= self.plan.total:
            self._measure_held_out(epoch)
        if self.device.type == "cuda":
            peak = torch.cuda.max_memory_reserved(self.device) / 2**30
            self.context.emit("metric", name="gpu_memory_gb", value=round(peak, 2), epoch=epoch)
        if self.step < self.plan.total and epoch % settings.save_every_epochs == 0:
            self._checkpoint(epoch_name(settings.output_name, epoch, self.plan.epochs))
        self._save_state()
        if self.context.take("stop_after_epoch") and self.step < self.plan.total:
            raise Cancelled(f"stopped after epoch {epoch} of {self.plan.epochs}, as asked")

    def _measure_held_out(self, epoch: int) -> None:
        """Tell the loss on the images held out; the training is not changed by it."""
        if not self.held_out.examples:
            return
        modes = [(part, part.training) for part in (self.pipe.unet, self.pipe.text_encoder)]
        for part, _ in modes:
            part.eval()
        model = Model(self.pipe.unet, self.encoder)

        def predict(texts: list[str], noisy: torch.Tensor, times: torch.Tensor) -> torch.Tensor:
            with torch.no_grad(), self.accelerator.autocast():
                return model(self._text(texts), noisy.to(self.dtype), times)

        value = self.held_out.loss(predict, self.device, lambda: not self.context.stopping)
        for part, training in modes:
            part.train(training)
        if math.isfinite(value):
            self.context.emit("metric", name=HELD_OUT_LOSS, value=round(value, 6), epoch=epoch)

    def _save_between(self) -> None:
        every = self.settings.save_every_steps
        if every and self.step % every == 0 and self.step < self.plan.total:
            self._checkpoint(step_name(self.settings.output_name, self.step))
        limit = float(self.context.spec.options.get("state_every_s", STATE_EVERY_S))
        if time.monotonic() - self._saved_at >= limit:
            self._save_state()

    def _finish(self) -> dict[str, Any]:
        if self.step % self.plan.steps_per_epoch:
            self._measure_held_out(self.plan.epochs)
        name = epoch_name(self.settings.output_name, self.plan.epochs, self.plan.epochs)
        path = self._checkpoint(name, final=True)
        found = complete(path)
        if len(found.modules) != len(self.adapters.all):
            raise AppError(
                f"holds {len(found.modules)} of {len(self.adapters.all)} modules", file=path,
                kind="engine_crash",
            )  # fmt: skip
        return {"steps": self.step, "epochs": self.plan.epochs, "final": f"outputs/{name}"}

    def _checkpoint(self, name: str, final: bool = False) -> Path:
        path = self.context.run_dir.outputs / name
        epoch = self.plan.epochs if final else self.epoch
        metadata = metadata_for(
            self.settings, self.plan, self.examples, epoch, self.step, self.context.spec.config,
            len(self.held_out.examples),
        )  # fmt: skip
        save_lora(path, self.adapters.tensors(), self.settings.save_precision, metadata)
        announce(self.context, path, epoch, self.step, final)
        return path

    def _save_state(self) -> None:
        facts = {
            "step": self.step, "epoch": self.epoch, "threads": self.threads,
            "fingerprint": self._fingerprint(), "rate": _plain(self.rate.state_dict()),
            "scaler": self.accelerator.scaler.state_dict() if self.accelerator.scaler else None,
        }  # fmt: skip
        state.save_state(self.root, facts, self.adapters.tensors(), self.plain_optimizer)
        self._saved_at = time.monotonic()


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """The part of a schedule's state that JSON can hold; its functions are made anew."""
    kept = {k: v for k, v in values.items() if isinstance(v, (int, float, bool, list))}
    kept["lr_lambdas"] = [None] * len(values.get("lr_lambdas", []))
    return kept


def _not_a_number(step: int) -> AppError:
    return AppError(
        f"the loss is no number at step {step}",
        hint="lower the learning rate or use mixed_precision = no; "
        "the last good checkpoint is kept",
        kind="nan_loss",
    )
