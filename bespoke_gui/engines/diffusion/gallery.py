"""Gallery: makes the missing images of every epoch x prompt x seed with one pipeline."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from bespoke_gui.core.runspec import LoraFile
from bespoke_gui.engines.context import RunContext
from bespoke_gui.engines.diffusion.apply import LoraSwitch
from bespoke_gui.engines.diffusion.base_model import load_base
from bespoke_gui.engines.diffusion.device import (
    images_at_once,
    inference_dtype,
    pick_device,
    use_threads,
)
from bespoke_gui.engines.diffusion.gallery_files import Wanted, Work, write_image
from bespoke_gui.engines.diffusion.generate import Job, Look, generate, look_from, use_scheduler


def generate_missing(context: RunContext, work: Work) -> None:
    """Make every image that is missing."""
    look = look_from(context.spec.protocol)
    _Maker(context, look, work.total - work.todo, work.total).make(work.missing)


class _Maker:
    """Goes through the epochs with one pipeline."""

    def __init__(self, context: RunContext, look: Look, done: int, total: int) -> None:
        self.context, self.look = context, look
        self.done, self.first, self.total = done, done, total
        use_threads(context.spec.options.get("threads"))
        context.stage("loading the base model")
        self.device = pick_device(context.spec.device)
        self.pipe = load_base(context.spec.base, self.device, inference_dtype(self.device))
        use_scheduler(self.pipe, look.scheduler)
        self.switch = LoraSwitch(self.pipe)
        at_once = images_at_once(self.device, look.width, look.height)
        self.batch = int(context.spec.options.get("batch") or at_once)
        self.started = time.monotonic()

    def make(self, missing: dict[int, list[Wanted]]) -> None:
        self.context.stage("generating")
        for number, lora in enumerate(self.context.spec.loras):
            if missing[number]:
                self._put_on(lora)
                self._images(lora.epoch, missing[number])

    def _put_on(self, lora: LoraFile) -> None:
        if not lora.path:
            self.switch.take_off()
            return
        common = float(self.context.spec.protocol.get("lora_scale", 1.0))
        scale = common if lora.strength is None else lora.strength
        count = self.switch.put_on(self.context.resolve(lora.path), scale)
        self.context.emit("metric", name="adapters", value=count, epoch=lora.epoch)

    def _images(self, epoch: int, images: Sequence[Wanted]) -> None:
        jobs = [Job(item, item.facts["text"], item.negative, item.facts["seed"]) for item in images]
        for job, image in generate(self.pipe, jobs, self.look, self.batch, self._check):
            write_image(job.key, image)
            self.done += 1
            self._report(epoch, job.key)

    def _check(self) -> None:
        self.context.check(f"stopped after {self.done} of {self.total} images")

    def _report(self, epoch: int, item: Wanted) -> None:
        per_image = (time.monotonic() - self.started) / max(1, self.done - self.first)
        self.context.emit(
            "sample", path=_shown(self.context, item.path), prompt=item.facts["prompt"],
            epoch=epoch, seed=item.facts["seed"],
        )  # fmt: skip
        self.context.emit(
            "progress", step=self.done, total=self.total, epoch=epoch,
            epochs=len(self.context.spec.loras), images_per_s=round(1 / max(per_image, 1e-9), 3),
            eta_s=round((self.total - self.done) * per_image, 1),
        )  # fmt: skip


def _shown(context: RunContext, path: Path) -> str:
    """The path for events: relative to the run folder where it lies inside."""
    try:
        return path.relative_to(context.folder).as_posix()
    except ValueError:
        return str(path)
