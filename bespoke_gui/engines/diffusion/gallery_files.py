"""Gallery files: which images are wanted, which are there already, and writing one. No torch."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bespoke_gui.core.atomic import write_bytes
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.runspec import LoraFile
from bespoke_gui.engines.context import RunContext

KEY = "bespoke"


@dataclass(frozen=True)
class Wanted:
    """One image to be: where it goes and what its metadata must say."""

    path: Path
    facts: dict[str, Any]
    negative: str


@dataclass(frozen=True)
class Work:
    """All images of a gallery: how many, and which of each LoRA file (by its place among those
    of the spec) are still to be made."""

    total: int
    missing: dict[int, list[Wanted]]

    @property
    def todo(self) -> int:
        return sum(len(images) for images in self.missing.values())


def find_work(context: RunContext) -> Work:
    """Compare what is wanted with what is there; AppError kind "bad_config" for an empty wish."""
    wanted = {n: wanted_images(context, lora) for n, lora in enumerate(context.spec.loras)}
    total = sum(len(images) for images in wanted.values())
    if not total:
        hint = "give prompts and LoRA files"
        raise AppError("there is nothing to generate", hint=hint, kind="bad_config")
    return Work(total, {number: [w for w in images if not is_there(w)]
                        for number, images in wanted.items()})  # fmt: skip


def wanted_images(context: RunContext, lora: LoraFile) -> list[Wanted]:
    """The images of one epoch: epoch_NN/PROMPT.png, or PROMPT_SEED.png with several seeds."""
    protocol = context.spec.protocol
    root = context.resolve(context.spec.output or "outputs/samples") / lora.folder
    seeds = [int(seed) for seed in protocol.get("seeds") or [42]]
    common = str(protocol.get("negative", ""))
    return [
        _wanted(context, root, lora, prompt, seed, len(seeds) > 1, common)
        for prompt in protocol.get("prompts", [])
        for seed in seeds
    ]


def _wanted(
    context: RunContext, root: Path, lora: LoraFile, prompt: dict[str, Any], seed: int,
    several: bool, common: str,
) -> Wanted:  # fmt: skip
    name, negative = str(prompt["name"]), str(prompt.get("negative") or common)
    if not re.fullmatch(r"[^/\\:*?\"<>|\x00-\x1f]+", name) or name.startswith("."):
        raise AppError(f"prompt name {name!r} is no file name", hint="use letters, digits and _",
                       kind="bad_config")  # fmt: skip
    facts = {
        "epoch": lora.epoch, "prompt": name, "text": str(prompt["text"]), "seed": seed,
        "generation_id": lora.generation_id or str(context.spec.options.get("generation_id", "")),
        "lora_sha256": lora.sha256, "base": context.spec.base,
    }  # fmt: skip
    suffix = f"_{seed}" if several else ""
    path = root / f"epoch_{lora.epoch:02d}" / f"{name}{suffix}.png"
    return Wanted(path, facts, negative)


def is_there(item: Wanted) -> bool:
    """Whether the image exists and was made exactly as wanted."""
    if not item.facts["generation_id"]:
        return False
    try:
        with Image.open(item.path) as image:
            text = getattr(image, "text", {}).get(KEY, "")
            image.load()
        return json.loads(text) == item.facts
    except (OSError, ValueError, SyntaxError):
        return False


def write_image(item: Wanted, image: Image.Image) -> None:
    """Write the PNG with its metadata, whole or not at all."""
    item.path.parent.mkdir(parents=True, exist_ok=True)
    texts = PngInfo()
    texts.add_itxt(KEY, json.dumps(item.facts, ensure_ascii=False))
    buffer = BytesIO()
    image.save(buffer, "PNG", pnginfo=texts)
    write_bytes(item.path, buffer.getvalue())
