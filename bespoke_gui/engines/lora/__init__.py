"""LoRA engine: trains a LoRA from a kohya-style config with diffusers, peft and accelerate."""

from __future__ import annotations

from typing import Any

from bespoke_gui.engines.catalogue import ENGINES, Engine
from bespoke_gui.engines.context import RunContext

PACKAGES = ("torch", "diffusers", "transformers", "peft", "accelerate", "safetensors", "PIL")


def run(context: RunContext) -> dict[str, Any]:
    """Train as the spec asks; torch is imported only now."""
    context.stage("starting")
    from bespoke_gui.engines.lora.loop import train

    return train(context)


ENGINES.add("lora", Engine("lora", "LoRA training (diffusers)", PACKAGES, run))
