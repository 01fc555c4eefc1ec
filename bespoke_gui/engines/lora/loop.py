"""Loop: the training itself, from the run spec to the last checkpoint."""

from __future__ import annotations

import hashlib
import math
import time
from collections import deque
from pathlib import Path
from typing import Any

import torch

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.events import HELD_OUT_LOSS
from bespoke_gui.core.lorafile import complete
from bespoke_gui.core.runspec import EMBEDDED
from bespoke_gui.engines.checkpoints import announce, epoch_name, step_name
from bespoke_gui.engines.context import Cancelled, RunContext
from bespoke_gui.engines.diffusion.device import use_threads
from bespoke_gui.engines.lora import optim, state
from bespoke_gui.engines.lora.data import Example, Latents, batches_for, find_examples
from bespoke_gui.engines.lora.descent import Descent
from bespoke_gui.engines.lora.held_out_loss import HeldOut, tell_held_out
from bespoke_gui.engines.lora.objective import Objective
from bespoke_gui.engines.lora.options import not_honoured
from bespoke_gui.engines.lora.parts import Parts, evaluating
from bespoke_gui.engines.lora.preview import preview
from bespoke_gui.engines.lora.save import Plan, metadata_for, save_lora
from bespoke_gui.engines.lora.settings import TrainSettings, settings_from

EMBEDDED_SIZE = 192
STATE_EVERY_S = 60.0
PACE_STEPS = 20


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
        self.context, self.settings = context, settings
        self.root = context.folder / "state"
        self.step = 0
        saved = state.latest(self.root) if context.spec.resume else None
        # Another number of threads adds up in another order: a resumed run keeps its own.
        wanted = saved[0].get("threads") if saved else None
        self.threads = use_threads(wanted or context.spec.options.get("threads"))
        self.examples, held = find_examples(context, settings)
        tell_held_out(context, settings, held, len(self.examples))
        self.parts = Parts(context, settings)
        self.plan = self._plan()
        latents = self._prepare_latents(held)
        self.descent = Descent(context, self.parts, settings, self.plan)
        self.objective = Objective(
            context, self.parts, settings, self.examples, latents, self.descent.accelerator
        )
        if saved:
            self._restore(*saved)
        self._losses: deque[float] = deque(maxlen=max(1, self.plan.steps_per_epoch))
        self._times: deque[float] = deque(maxlen=PACE_STEPS)
        self._saved_at = time.monotonic()

    # -- preparation --------------------------------------------------------------------------

    def _plan(self) -> Plan:
        settings = self.settings
        batches = len(batches_for(self.examples, settings.batch, 0, 0))
        per_epoch = math.ceil(batches / settings.accumulation)
        total = settings.epochs * per_epoch if settings.epochs else settings.max_steps
        warmup = optim.warmup_steps(
            settings, total, self.context.spec.config.get("lr_warmup_steps")
        )
        return Plan(batches, per_epoch, math.ceil(total / per_epoch), total, time.time(),
                    self.context.spec.base, self.parts.v, warmup)  # fmt: skip

    def _prepare_latents(self, held: list[Example]) -> Latents:
        settings, parts = self.settings, self.parts
        self.context.stage("preparing the images")
        latents, apart = parts.encode(self.examples), parts.encode(held)
        self.held_out = HeldOut(held, apart, parts.latent_factor, settings, parts.schedule, parts.v)
        if settings.cache_latents:
            latents.sample_once(torch.Generator().manual_seed(settings.seed))
        parts.put_vae_away()
        return latents

    def _restore(
        self, facts: dict[str, Any], weights: dict[str, torch.Tensor], folder: Path
    ) -> None:
        if facts.get("fingerprint") != self._fingerprint():
            raise AppError(
                "config or images changed since this run was saved, so it cannot go on",
                file=folder, hint="start a new run", kind="bad_config",
            )  # fmt: skip
        self.descent.restore(facts, weights, folder)
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
        rates = self.descent.rates()
        total = 0.0
        for number, indices in enumerate(parts):
            loss = self.objective.loss(indices, epoch, self._seed(number))
            self.descent.backward(loss / len(parts))
            total += float(loss.detach())
        value = total / len(parts)
        if not math.isfinite(value):
            raise _not_a_number(self.step + 1)
        self.descent.step()
        self.step += 1
        self._times.append(time.monotonic() - began)
        self._report(value, rates, epoch, sum(len(part) for part in parts))
        self._save_between()

    def _seed(self, part: int) -> int:
        text = f"{self.settings.seed}/{self.step}/{part}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big")

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
            with self.descent.accelerator.autocast():
                preview(
                    context, self.parts.pipe, self.examples, self.settings, self.epoch, self.step
                )
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
        if self.parts.device.type == "cuda":
            peak = torch.cuda.max_memory_reserved(self.parts.device) / 2**30
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
        objective, device = self.objective, self.parts.device
        with evaluating(self.parts.pipe):
            value = self.held_out.loss(objective.predict, device, lambda: not self.context.stopping)
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
        if len(found.modules) != len(self.parts.adapters.all):
            raise AppError(
                f"holds {len(found.modules)} of {len(self.parts.adapters.all)} modules", file=path,
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
        save_lora(path, self.parts.adapters.tensors(), self.settings.save_precision, metadata)
        announce(self.context, path, epoch, self.step, final)
        return path

    def _save_state(self) -> None:
        facts = {
            "step": self.step, "epoch": self.epoch, "threads": self.threads,
            "fingerprint": self._fingerprint(),
        }  # fmt: skip
        self.descent.save(self.root, facts)
        self._saved_at = time.monotonic()


def _not_a_number(step: int) -> AppError:
    return AppError(
        f"the loss is no number at step {step}",
        hint="lower the learning rate or use mixed_precision = no; "
        "the last good checkpoint is kept",
        kind="nan_loss",
    )
