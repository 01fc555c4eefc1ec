"""Smoke run: two steps, a checkpoint and a sample, before hours are paid for."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from bespoke_gui.core.runspec import RunSpec

STEPS = 2
SAMPLE_STEPS = 4
PROMPTS = "prompts.txt"
# Lengths in epochs, and what only a long training has room for.
TOO_LONG = ("max_train_epochs", "save_every_n_epochs", "save_every_n_steps", "save_n_epoch_ratio",
            "sample_every_n_epochs", "sample_at_first", "save_last_n_epochs",
            "save_last_n_steps", "initial_epoch", "initial_step")  # fmt: skip


def smoke_spec(spec: RunSpec) -> RunSpec:
    """Return the run in short, for the folder `smoke/` inside the run folder: the same engine,
    images, batch, size, precision and optimiser, so that whatever stops it would stop the run."""
    short = copy.deepcopy(spec)
    short.run = "smoke"
    short.resume = False
    short.data = [replace(item, folder=_from_inside(item.folder)) for item in spec.data]
    config = {key: value for key, value in spec.config.items() if key not in TOO_LONG}
    short.config = {**config, "max_train_steps": STEPS}
    if config.get("lr_warmup_steps"):
        short.config["lr_warmup_steps"] = 0
    if spec.engine == "kohya":
        short.config |= {"sample_every_n_steps": STEPS, "sample_prompts": PROMPTS}
    if spec.engine == "fake":
        short.options |= {"epochs": 1, "steps_per_epoch": STEPS}
    short.protocol = _one_image(spec.protocol)
    return short


def smoke_facts(spec: RunSpec) -> dict[str, Any]:
    """What the supervisor must find at its end, and asks the engine for."""
    asked = [] if spec.engine == "kohya" else ["sample"]
    return {"expect": ["outputs/*.safetensors", "outputs/**/*.png"], "controls": asked}


def smoke_prompts(spec: RunSpec) -> str:
    """The prompt file of sd-scripts: one small image with few steps."""
    prompts = spec.protocol.get("prompts") or [{"text": "a portrait"}]
    text = " ".join(str(prompts[0].get("text", "")).split()).replace(" --", " - ")
    return f"{text or 'a portrait'} --w 256 --h 256 --d 42 --s {SAMPLE_STEPS}\n"


def _from_inside(folder: str) -> str:
    """A folder of the run as the smoke run inside it names it."""
    return folder if folder.startswith("/") else f"../{folder}"


def _one_image(protocol: dict[str, Any]) -> dict[str, Any]:
    if not protocol.get("prompts"):
        return dict(protocol)
    steps = min(int(protocol.get("steps") or SAMPLE_STEPS), SAMPLE_STEPS)
    seeds = list(protocol.get("seeds") or [42])[:1]
    return {**protocol, "prompts": protocol["prompts"][:1], "seeds": seeds, "steps": steps}
