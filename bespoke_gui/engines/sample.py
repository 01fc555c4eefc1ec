"""Sample engine: every epoch x prompt x seed of a protocol, with one base model loaded once."""

from __future__ import annotations

from typing import Any

from bespoke_gui.engines.catalogue import ENGINES, Engine
from bespoke_gui.engines.context import RunContext

PACKAGES = ("torch", "diffusers", "transformers", "safetensors", "PIL")


def run(context: RunContext) -> dict[str, Any]:
    """Generate what is missing; torch is imported only when there is something."""
    context.stage("starting")
    from bespoke_gui.engines.diffusion.gallery_files import find_work

    work = find_work(context)
    if work.todo:
        from bespoke_gui.engines.diffusion.gallery import generate_missing

        generate_missing(context, work)
    return {"images": work.total, "generated": work.todo}


ENGINES.add("sample", Engine("sample", "Images of every epoch", PACKAGES, run))
