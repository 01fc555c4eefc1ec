"""Work of the caption engine: image by image, each text told as soon as it is there.

spec.base: the model's folder. spec.options: items [{name, key, image, prompt}], image ("native" or
"original"), native_size, max_tokens, threads. Each image gives suggestion(name, key, text, note),
or suggestion(name, key, problem).
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.suggest import picture
from bespoke_gui.core.suggest.answer import CUT, clean, within_length
from bespoke_gui.engines.caption.model import Captioner, load
from bespoke_gui.engines.context import Cancelled, RunContext
from bespoke_gui.engines.diffusion.device import pick_device, use_threads


def describe_all(context: RunContext) -> dict[str, Any]:
    """Describe the images; returns how many were described. Raises AppError for a bad model."""
    options = context.spec.options
    items = list(options.get("items", []))
    use_threads(options.get("threads"))
    context.stage("loading")
    captioner = load(context.resolve(context.spec.base), pick_device(context.spec.device))
    if not captioner.reads_prompts:
        context.warn("this model takes no prompt: it describes each image in its own way")
    context.stage("describing")
    started, described = time.monotonic(), 0
    for number, item in enumerate(items, 1):
        if context.stopping:
            raise Cancelled(f"after {number - 1} of {len(items)} images")
        described += _one(context, captioner, item)
        left = (time.monotonic() - started) / number * (len(items) - number)
        context.emit("progress", step=number, total=len(items), eta_s=round(left, 1))
    return {"images": len(items), "described": described}


def _one(context: RunContext, captioner: Captioner, item: dict[str, Any]) -> bool:
    """Describe one image and say so; an image that cannot be read does not stop the rest."""
    options, said = context.spec.options, {"name": item["name"], "key": item.get("key", "")}
    try:
        shown = picture.for_model(
            Path(item["image"]), int(options.get("native_size", 0)), str(options.get("image", ""))
        )
        raw, cut = captioner.describe(
            shown, str(item.get("prompt", "")), int(options.get("max_tokens", 100))
        )
        text = within_length(clean(raw))
        if not text:
            raise AppError("the model said nothing about this image")
    except AppError as error:
        context.emit("suggestion", **said, problem=str(error))
        return False
    context.emit("suggestion", **said, text=text, note=CUT if cut else "")
    return True
