"""Does the base model follow its prompt? A reader of pictures that had no part in training.

`python -m bespoke_gui.engines.embedded.adherence DIR --prompts 200 --seed 7` prints JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from bespoke_gui.core.portraits import colours
from bespoke_gui.core.portraits.caption import full_caption
from bespoke_gui.core.portraits.draw import draw
from bespoke_gui.core.portraits.traits import Traits, any_traits, is_held_out

CELL = 8
ACCESSORIES = ("hat", "glasses", "earrings", "bow", "beard")
_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """(..., 3) RGB in 0..255 to OKLab floats."""
    s = np.asarray(rgb, float) / 255
    linear = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _LMS.T) @ _LAB.T


def nearest(rgb: np.ndarray, table: dict[str, tuple]) -> str:
    """Name of the colour in `table` that looks nearest to `rgb`."""
    names = list(table)
    gaps = np.square(oklab(np.array([table[n] for n in names])) - oklab(rgb)).sum(1)
    return names[int(gaps.argmin())]


def border_colour(cells: np.ndarray) -> np.ndarray:
    """Median RGB of the outer ring of a (24, 24, 3) portrait, clear of the shoulders."""
    ring = (cells[:2], cells[2:17, :2], cells[2:17, -2:])
    return np.median(np.concatenate([part.reshape(-1, 3) for part in ring]), axis=0)


def background_of(cells: np.ndarray) -> tuple[str, str]:
    """Nearest named background colour of a (24, 24, 3) portrait, and its family."""
    table = {name: rgb for name, (rgb, _) in colours.BACKGROUNDS.items()}
    name = nearest(border_colour(cells), table)
    return name, colours.background_family(name)


def shows(cells: np.ndarray, traits: Traits, name: str) -> bool:
    """True when the cells look more like the portrait with the accessory than without it."""
    asked, bare = draw(traits), draw(replace(traits, **{name: ""}))
    differ = (asked != bare).any(-1)
    gap = [np.square(oklab(cells) - oklab(other))[differ].sum() for other in (asked, bare)]
    return bool(gap[0] < gap[1])


def judge(cells: np.ndarray, traits: Traits) -> dict[str, bool]:
    """What a (24, 24, 3) uint8 portrait got right, only for what can be seen in it."""
    name, family = background_of(cells)
    found = {
        "background_family": family == colours.background_family(traits.background),
        "background_exact": name == traits.background,
    }
    if traits.beard != "beard":
        cheeks = np.median(cells[13:15, 8:15].reshape(-1, 3), axis=0)
        found["skin"] = nearest(cheeks, colours.SKIN) == traits.skin
    if not traits.hat and traits.style not in ("bald", "mohawk"):
        hair = np.median(cells[4:7, 9:15].reshape(-1, 3), axis=0)
        found["hair"] = nearest(hair, colours.HAIR) == traits.hair
    found.update((a, shows(cells, traits, a)) for a in ACCESSORIES if getattr(traits, a))
    return found


def fresh_traits(count: int, seed: int) -> list[Traits]:
    """Traits that training never saw: held-out pairs, every named background by turns."""
    rng, backgrounds = np.random.default_rng([seed, 99]), list(colours.BACKGROUNDS)
    found: list[Traits] = []
    while len(found) < count:
        background = backgrounds[len(found) % len(backgrounds)]
        traits = replace(any_traits(rng), background=background, pattern="solid")
        if is_held_out(traits):
            found.append(traits)
    return found


def load(folder: str | Path):
    """The pipeline of a folder, float32, silent."""
    import torch
    from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import (
        StableDiffusionPipeline,
    )

    pipeline = StableDiffusionPipeline.from_pretrained(
        str(folder), local_files_only=True, safety_checker=None
    )
    pipeline.set_progress_bar_config(disable=True)
    # Converted afterwards: the argument that asks for a type differs between versions.
    return pipeline.to(torch.float32)


def generate(
    pipeline, prompts: list[str], seed: int, steps: int = 16, guidance: float = 1.5, batch: int = 16
) -> np.ndarray:
    """Generate and bring down to cells: (N, 24, 24, 3) uint8."""
    import torch

    cells = []
    for start in range(0, len(prompts), batch):
        generator = torch.Generator().manual_seed(seed * 100_003 + start)
        images = pipeline(
            prompts[start : start + batch],
            num_inference_steps=steps,
            guidance_scale=guidance,
            width=192,
            height=192,
            generator=generator,
            output_type="np",
        ).images
        blocks = images.reshape(len(images), 24, CELL, 24, CELL, 3)
        cells.append(np.rint(blocks.mean((2, 4)) * 255).astype(np.uint8))
    return np.concatenate(cells)


def _shares(found: list[dict[str, bool]]) -> dict[str, float]:
    asked, right = Counter(), Counter()
    for one in found:
        asked.update(one.keys())
        right.update(k for k, v in one.items() if v)
    return {k: round(right[k] / asked[k], 3) for k in asked}


def measure(
    folder: str | Path, prompts: int = 200, seed: int = 7, steps: int = 16, guidance: float = 1.5
) -> dict:
    """Shares of prompts followed, and the same reader on real drawings as the ceiling."""
    traits = fresh_traits(prompts, seed)
    rng = np.random.default_rng([seed, 100])
    texts = [full_caption(t, rng) for t in traits]
    cells = generate(load(folder), texts, seed, steps, guidance)
    families = Counter(colours.background_family(t.background) for t in traits)
    return {
        "prompts": prompts,
        "seed": seed,
        "steps": steps,
        "guidance": guidance,
        "background_colours": len({t.background for t in traits}),
        "background_families": len(families),
        "held_out_pairs_only": all(map(is_held_out, traits)),
        "followed": _shares([judge(c, t) for c, t in zip(cells, traits, strict=True)]),
        "ceiling": _shares([judge(draw(t), t) for t in traits]),
        "border_spread": round(float(np.mean([c[:2].std((0, 1)).mean() for c in cells])), 2),
    }


def main(argv: list[str] | None = None) -> int:
    """Print the measures as JSON; 0 when the background follows in 80% or more."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--guidance", type=float, default=1.5)
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    found = measure(args.folder, args.prompts, args.seed, args.steps, args.guidance)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0 if found["followed"]["background_family"] >= 0.8 else 1


if __name__ == "__main__":
    sys.exit(main())
