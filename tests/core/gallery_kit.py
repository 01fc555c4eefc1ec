"""Small galleries for tests: drawn images in folders, with or without a record."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from bespoke_gui.core.gallery import record
from bespoke_gui.core.protocol import Protocol, generation_id, new_prompt

GREEN, BLUE = (30, 210, 70), (40, 80, 230)


def portrait(background=GREEN, size=24, seed=0, scale=1) -> np.ndarray:
    """A head on a plain background, uint8 (size * scale, size * scale, 3)."""
    rng = np.random.default_rng(seed)
    cells = np.full((size, size, 3), background, np.uint8)
    quarter = size // 4
    cells[quarter:, quarter : size - quarter] = (236, 190, 150)
    cells[quarter : quarter + 3, quarter : size - quarter] = rng.integers(0, 90, 3)
    cells[size // 2, [size // 3, 2 * size // 3]] = (20, 20, 20)
    return cells.repeat(scale, axis=0).repeat(scale, axis=1)


def protocol(**changes) -> Protocol:
    prompts = (
        new_prompt("green_lad", "portrait of a lad, brown hair, bright green background"),
        new_prompt("blue_lady", "portrait of a lady, golden earrings, blue solid background"),
    )
    settings = {"width": 192, "height": 192, "seeds": (1, 2), "prompts": prompts, **changes}
    return Protocol(**settings)


def write_png(path: Path, rgb: np.ndarray, data: dict | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    info = PngImagePlugin.PngInfo()
    if data:
        info.add_text("bespoke", json.dumps(data))
    Image.fromarray(rgb).save(path, pnginfo=info)


def make_gallery(
    folder: Path, asked: Protocol | None = None, epochs=(0, 1, 2), declared=False, **record_with
) -> Path:
    """A recorded gallery: each epoch, prompt and seed has its own picture."""
    asked = asked or protocol()
    identity = generation_id(asked)
    for epoch in epochs:
        for number, prompt in enumerate(asked.prompts):
            for seed in asked.seeds:
                colour = (GREEN, BLUE)[number % 2] if epoch else (120, 90, 60)
                rgb = portrait(colour, seed=seed + 10 * epoch + number, scale=asked.width // 24)
                data = {"epoch": epoch, "prompt": prompt.name, "seed": seed,
                        "text": prompt.text, "generation_id": identity}  # fmt: skip
                name = f"epoch_{epoch:02d}/{prompt.name}_{seed}.png"
                write_png(folder / name, rgb, None if declared else data)
    record(folder, asked, declared=declared, **record_with)
    return folder
