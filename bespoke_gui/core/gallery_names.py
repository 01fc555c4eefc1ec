"""Which epoch, prompt and seed an image belongs to: from folders, file names and metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core.protocol_check import PROMPT_NAME

EPOCH_FOLDER = re.compile(r"epoch[_ -]?(\d{1,6})", re.IGNORECASE)
LONGEST_NAME = 40
_SEEDED = re.compile(r"(?P<prompt>.+)_(?P<seed>\d{1,19})")
_KOHYA = re.compile(
    r".+?_(?:e(?P<epoch>\d{6})|(?P<step>\d{6}))_(?P<index>\d{2,})_\d{14}(?:_(?P<seed>\d+))?"
)


@dataclass(frozen=True)
class Place:
    """Where an image stands in a gallery; seed None where nothing says it."""

    epoch: int
    prompt: str
    seed: int | None = None


def epoch_of_folder(name: str) -> int | None:
    """Return 8 for "epoch_08", None for a folder that names no epoch."""
    match = EPOCH_FOLDER.fullmatch(name)
    return int(match[1]) if match else None


def split_stem(stem: str, prompts: Iterable[str] = (), seeds: Sequence[int] = ()) -> Place:
    """Read PROMPT[_SEED] (epoch left 0). A known prompt name wins over a number at its end.

    Without known names a number is a seed when it is listed in `seeds` or has two digits or
    more, so that "quality_lad_1" stays a prompt.
    """
    names = set(prompts)
    match = _SEEDED.fullmatch(stem)
    if stem in names or not match:
        return Place(0, stem)
    prompt, seed = match["prompt"], int(match["seed"])
    likely = seed in seeds or (not names and len(match["seed"]) > 1)
    if prompt in names or likely:
        return Place(0, prompt, seed)
    return Place(0, stem)


def from_kohya(stem: str, prompts: Sequence[str] = ()) -> Place | None:
    """Read an sd-scripts sample name such as "name_e000004_01_20251110120000_42".

    The number is the prompt's index. Samples named by step and not by epoch give None.
    """
    match = _KOHYA.fullmatch(stem)
    if not match or match["epoch"] is None:
        return None
    index = int(match["index"])
    prompt = prompts[index] if index < len(prompts) else f"prompt_{index + 1:02d}"
    return Place(int(match["epoch"]), prompt, int(match["seed"]) if match["seed"] else None)


def metadata(path: Path) -> dict[str, Any]:
    """Return what Bespoke wrote into a PNG (key "bespoke", JSON); {} when there is nothing.

    Only the text chunks before the pixels are read; nothing is decoded.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            data = json.loads(image.info.get("bespoke", "{}"))
    except (OSError, ValueError, TypeError, SyntaxError, Image.DecompressionBombError):
        return {}
    return data if isinstance(data, dict) else {}


def from_metadata(data: dict[str, Any]) -> Place | None:
    """Return the place recorded in an image's metadata, None when it is not complete.

    Whoever made the image: a prompt that could name a file elsewhere is none.
    """
    epoch, prompt, seed = data.get("epoch"), data.get("prompt"), data.get("seed")
    if not isinstance(epoch, int) or not isinstance(prompt, str):
        return None
    if epoch < 0 or not PROMPT_NAME.fullmatch(prompt):
        return None
    return Place(epoch, prompt, seed if isinstance(seed, int) else None)


def prompt_name(text: str) -> str:
    """Return a short name for a prompt, fit for files: its first telling words."""
    name = ""
    for word in re.findall(r"[a-z0-9]+", text.casefold()):
        longer = f"{name}_{word}" if name else word[:LONGEST_NAME]
        if len(longer) > LONGEST_NAME:
            break
        name = longer
    return name or "prompt"
