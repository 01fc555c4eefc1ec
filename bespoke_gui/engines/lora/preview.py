"""Preview: a few images from the weights as they are now, asked for during training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bespoke_gui.core.runspec import EMBEDDED
from bespoke_gui.engines.context import RunContext
from bespoke_gui.engines.diffusion.generate import Job, Look, generate, look_from
from bespoke_gui.engines.lora.data import Example
from bespoke_gui.engines.lora.parts import evaluating
from bespoke_gui.engines.lora.settings import TrainSettings

SEED = 42


def preview(
    context: RunContext, pipe: Any, examples: Sequence[Example], settings: TrainSettings,
    epoch: int, step: int,
) -> None:  # fmt: skip
    """Write outputs/samples/step_N/NAME.png and say so; the training is not changed by it."""
    context.stage("sampling")
    jobs, look = _asked(context.spec.protocol, context.spec.base, examples, settings)
    pipe.vae.to(next(pipe.unet.parameters()).device)
    folder = context.run_dir.outputs / "samples" / f"step_{step:08d}"
    folder.mkdir(parents=True, exist_ok=True)
    with evaluating(pipe):
        for job, image in generate(pipe, jobs, look, 1, lambda: None):
            path = folder / f"{job.key}.png"
            image.save(path)
            where = path.relative_to(context.folder).as_posix()
            context.emit(
                "sample", path=where, prompt=job.key, epoch=epoch, seed=job.seed, step=step
            )
    context.stage("training")


def _asked(
    protocol: Mapping[str, Any], base: str, examples: Sequence[Example], settings: TrainSettings
) -> tuple[list[Job], Look]:
    """The protocol's prompts with their first seed; without a protocol the first caption."""
    if protocol.get("prompts"):
        common = str(protocol.get("negative", ""))
        seed = int((protocol.get("seeds") or [SEED])[0])
        jobs = [
            Job(str(p["name"]), str(p["text"]), str(p.get("negative") or common), seed)
            for p in protocol["prompts"]
        ]
        return jobs, look_from(protocol)
    steps, guidance = (16, 2.0) if base == EMBEDDED else (20, 7.5)
    look = Look(settings.width, settings.height, steps, guidance)
    return [Job("first_caption", examples[0].caption, "", SEED)], look
