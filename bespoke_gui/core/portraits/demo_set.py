"""Writes the demo dataset: portraits of the demo style with captions, some of them flawed."""

from pathlib import Path

import numpy as np
from PIL import Image

from bespoke_gui.core.portraits.caption import caption, full_caption
from bespoke_gui.core.portraits.demo_draw import draw_demo
from bespoke_gui.core.portraits.traits import Traits, any_traits

IMAGE_SIZE = 512
NAMES = (
    "ember",
    "slate",
    "clover",
    "pepper",
    "marble",
    "juniper",
    "copper",
    "willow",
    "pixel",
    "thistle",
    "cobalt",
    "maple",
    "onyx",
    "poppy",
    "walnut",
    "fern",
    "rusty",
    "hazel",
    "flint",
    "saffron",
    "granite",
    "dahlia",
    "bramble",
    "coral",
    "basil",
    "velvet",
    "cedar",
    "quartz",
    "sorrel",
    "amber",
    "pebble",
    "lotus",
    "tundra",
    "cinder",
    "mango",
    "indigo",
    "barley",
    "sage",
    "comet",
    "ivory",
)
_HEX = (" #e25c3c", " (#2c6e42)", " #34549e")
_RAMBLE = (
    "the whole outfit looks a bit worn at the edges but still very stylish and carefully chosen",
    "with a calm and slightly tired look as if waiting for the last night train in the rain",
    "small details such as a folded collar and a loose thread can be seen when looking closely",
    "everything is kept flat and simple so that each single pixel can be read from far away",
)


def write_demo_set(folder: str | Path, count: int = 40, seed: int = 11) -> list[str]:
    """Write `count` pairs NAME.png (512 px, 24x24 cells) and NAME.txt; return the names.

    The same arguments give the same bytes. No two portraits are alike. Captions 6, 15 and 25 hold
    a hex colour, 10 a doubled word and 20 far more than 75 tokens, for the linter to find.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    names, seen = [], set()
    for number in range(1, count + 1):
        traits, cells = _fresh(rng, number, seen)
        name = f"{traits.kind}_{number:03d}_{NAMES[(number - 1) % len(NAMES)]}"
        _save(cells, folder / f"{name}.png")
        text = _flawed(number, _words(traits, rng, number))
        (folder / f"{name}.txt").write_bytes(text.encode("utf-8"))
        names.append(name)
    return names


def _fresh(rng, number: int, seen: set) -> tuple[Traits, np.ndarray]:
    """Traits and cells (24, 24, 3) uint8 not seen before; lads and ladies by turns."""
    while True:
        traits = any_traits(rng)
        cells = draw_demo(traits)
        if traits.kind == ("lad", "lady")[number % 2] and cells.tobytes() not in seen:
            seen.add(cells.tobytes())
            return traits, cells


def _words(traits: Traits, rng, number: int) -> str:
    text = caption(traits, rng) if number % 4 == 0 else full_caption(traits, rng)
    # Every caption begins with "pixel art"; saying it twice would be a finding of the linter.
    return text.replace(", retro pixel art style", "")


def _save(cells: np.ndarray, path: Path) -> None:
    # 512 is no multiple of 24: nearest gives cells of 21 and 22 px, as real datasets have them.
    image = Image.fromarray(cells).resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.NEAREST)
    image.save(path, "PNG", compress_level=9)


def _flawed(number: int, text: str) -> str:
    if number in (6, 15, 25):
        return text.replace(" background", f" background{_HEX[number // 9]}", 1)
    if number == 10:
        return text.replace(" hair", " hair hair", 1)
    if number == 20:
        return ", ".join([text, *_RAMBLE])
    return text
