"""Held out: images a training is measured on instead of taught, split as sd-scripts does."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_json

RECORD = "outputs/held_out.json"
"""In a run folder: the images that its training was measured on and not taught. What lies in
outputs comes back from another machine."""


def held_out_share(values: Mapping[str, Any]) -> float:
    """Return validation_split of a config, 0 where it holds nothing out or is no usable share."""
    value = values.get("validation_split")
    usable = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 1
    return float(value) if usable else 0.0  # pyright: ignore[reportArgumentType]


def taught_count(count: int, share: float) -> int:
    """Return how many of `count` images are taught when `share` (0 to 1) of them is held out."""
    return math.ceil(count * (1 - share))


def held_out(count: int, share: float, seed: int) -> set[int]:
    """Return the places, from 0, of the images of one folder that are held out.

    The images are those of the folder in the order of their paths. Method: sd-scripts
    train_util.py:split_train_val, which shuffles them by validation_seed and teaches the first.
    """
    places = list(range(count))
    random.Random(seed).shuffle(places)
    return set(places[taught_count(count, share) :])


def record_held_out(run: Path, share: float, seed: int, images: Iterable[Path]) -> None:
    """Name the images held out in a run folder, each by its folder and file name."""
    named = [{"folder": path.parent.name, "name": path.name} for path in images]
    path = Path(run) / RECORD
    path.parent.mkdir(exist_ok=True)
    write_json(path, {"share": share, "seed": seed, "images": named})
