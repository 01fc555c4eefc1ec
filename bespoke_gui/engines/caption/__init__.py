"""Caption engine: describes images with a transformers model that lies in a folder here."""

from __future__ import annotations

from typing import Any

from bespoke_gui.engines.catalogue import ENGINES, Engine
from bespoke_gui.engines.context import RunContext

PACKAGES = ("torch", "transformers", "safetensors", "PIL", "numpy")


def run(context: RunContext) -> dict[str, Any]:
    """Describe every image the spec names; torch is imported only now."""
    context.stage("starting")
    from bespoke_gui.engines.caption.work import describe_all

    return describe_all(context)


ENGINES.add("caption", Engine("caption", "Captions from a local model", PACKAGES, run))
