"""Generate: images of (prompt, seed) pairs; what is in the same batch never changes an image."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import diffusers
import torch
from PIL import Image

from bespoke_gui.core.errors import AppError
from bespoke_gui.engines.diffusion.prompts import PromptEncoder

SCHEDULERS: dict[str, tuple[str, dict[str, Any]]] = {
    "dpm++ 2m": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}),
    "dpm++ 2m karras": (
        "DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++", "use_karras_sigmas": True},
    ),
    "ddim": ("DDIMScheduler", {"clip_sample": False}),
    "ddpm": ("DDPMScheduler", {"clip_sample": False}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler a": ("EulerAncestralDiscreteScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}),
    "pndm": ("PNDMScheduler", {"skip_prk_steps": True}),
    "unipc": ("UniPCMultistepScheduler", {}),
}  # fmt: skip


@dataclass(frozen=True)
class Job:
    """One image: `key` is whatever the caller knows it by."""

    key: Any
    text: str
    negative: str
    seed: int


@dataclass(frozen=True)
class Look:
    """How to generate: size in pixels, sampler steps, guidance, how to treat long prompts."""

    width: int
    height: int
    steps: int
    guidance: float
    scheduler: str = "default"
    long_prompts: str = "chunked"


def look_from(protocol: Mapping[str, Any]) -> Look:
    """Read the settings of a protocol; raises AppError kind "bad_config" for impossible ones."""
    try:
        look = Look(
            int(protocol.get("width", 512)), int(protocol.get("height", 512)),
            int(protocol.get("steps", 30)), float(protocol.get("guidance", 7.5)),
            str(protocol.get("scheduler") or "default"),
            str(protocol.get("long_prompts") or "chunked"),
        )  # fmt: skip
    except (TypeError, ValueError) as error:
        raise _bad(f"the protocol holds no number: {error}", "mend the protocol") from error
    if look.width % 8 or look.height % 8 or min(look.width, look.height) < 8:
        raise _bad(f"{look.width}x{look.height} cannot be generated", "use multiples of 8")
    if not 1 <= look.steps <= 1000:
        raise _bad(f"{look.steps} sampler steps", "use 1 to 1000")
    return look


def use_scheduler(pipe: Any, name: str) -> None:
    """Give the pipeline the scheduler called `name`; "default" keeps the base model's own."""
    key = " ".join(name.lower().replace("_", " ").split())
    if key == "default":
        return
    by_class = {entry[0].lower(): entry for entry in reversed(list(SCHEDULERS.values()))}
    found = SCHEDULERS.get(key) or by_class.get(key)
    if found is None:
        raise _bad(f"there is no scheduler {name!r}", f"choose one of: {', '.join(SCHEDULERS)}")
    config = dict(pipe.scheduler.config)
    kind = getattr(diffusers, found[0])
    # A trained schedule is the base's; how to walk along it is the sampler's own default.
    for own in ("algorithm_type", "solver_order", "solver_type", "use_karras_sigmas"):
        config.pop(own, None)
    pipe.scheduler = kind.from_config(config, **found[1])


def generate(
    pipe: Any, jobs: Sequence[Job], look: Look, batch: int, check: Callable[[], None]
) -> Iterator[tuple[Job, Image.Image]]:
    """Yield (job, RGB image) for every job; `check` is called between steps and may raise."""
    encoder = PromptEncoder(pipe.tokenizer, pipe.text_encoder)
    for chunks, group in _by_length(encoder, jobs, look):
        for start in range(0, len(group), batch):
            part = group[start : start + batch]
            images = _batch(pipe, encoder, part, look, chunks, check)
            yield from zip(part, images, strict=True)


def _by_length(
    encoder: PromptEncoder, jobs: Sequence[Job], look: Look
) -> Iterable[tuple[int, list[Job]]]:
    """Group jobs that need equally many pieces of text, so that no image depends on the others."""
    groups: dict[int, list[Job]] = {}
    for job in jobs:
        needed = max(encoder.chunks_for(job.text), encoder.chunks_for(job.negative))
        chunks = needed if look.long_prompts == "chunked" else 1
        groups.setdefault(chunks, []).append(job)
    return sorted(groups.items(), key=lambda item: item[0])


def _batch(
    pipe: Any, encoder: PromptEncoder, jobs: Sequence[Job], look: Look, chunks: int,
    check: Callable[[], None],
) -> list[Image.Image]:  # fmt: skip
    def between(_pipe: Any, _step: int, _time: Any, values: dict[str, Any]) -> dict[str, Any]:
        check()
        return values

    with torch.inference_mode():
        positive = encoder.encode([job.text for job in jobs], chunks)
        guided = look.guidance > 1
        negative = encoder.encode([job.negative for job in jobs], chunks) if guided else None
        # Noise comes from one CPU generator an image: the same on every machine and batch.
        generators = [torch.Generator("cpu").manual_seed(job.seed) for job in jobs]
        return pipe(
            prompt_embeds=positive, negative_prompt_embeds=negative, generator=generators,
            num_inference_steps=look.steps, guidance_scale=look.guidance, width=look.width,
            height=look.height, output_type="pil", callback_on_step_end=between,
        ).images  # fmt: skip


def _bad(message: str, hint: str) -> AppError:
    return AppError(message, hint=hint, kind="bad_config")
