"""Speeds: how many steps a second a card trains at, as measured, and what a config asks of it."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core.config.cards import Card, match_name
from bespoke_gui.core.config.learning_rate import usable_number
from bespoke_gui.core.config.resolution import parse_resolution
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.resources import resource

EMBEDDED = "embedded"
SD15 = "sd15"


@dataclass(frozen=True)
class Shape:
    """What one step works on. pixels of one image; images of one optimiser step; base: "sd15" or
    "embedded"; half: whether it computes in 16 bits."""

    pixels: int = 512 * 512
    images: int = 1
    rank: int = 4
    half: bool = True
    checkpointing: bool = True
    base: str = SD15

    @property
    def work(self) -> int:
        """Pixels a step goes through."""
        return self.pixels * self.images

    def __str__(self) -> str:
        edge = round(self.pixels**0.5)
        return f"{edge} px, {self.images} an optimiser step, rank {self.rank}"


@dataclass(frozen=True)
class Speed:
    """One figure. gpu: a card's name, "" or "cpu" without one; kind: "past_run", "measured" or
    "reported"; here: whether it was this machine.

    source: where it is from, in words; peak_vram_gb: None where it is not known.
    """

    gpu: str
    shape: Shape
    steps_per_s: float
    kind: str
    source: str
    date: str = ""
    engine: str = ""
    peak_vram_gb: float | None = None
    here: bool = False

    @property
    def replayed(self) -> bool:
        """Whether its steps were recorded and replayed; else kernels were launched one by one."""
        return replays(self.engine, self.shape)


@dataclass(frozen=True)
class SpeedTable:
    """The table in resources/gpu_speeds.toml; start_up: seconds (low, high) of a rented machine."""

    speeds: list[Speed]
    cards: dict[str, Card]
    start_up: tuple[float, float]

    def card(self, name: str) -> Card | None:
        """Return a card by a name as people write it; None when none or several fit."""
        found = match_name(name, self.cards)
        return self.cards[found] if found else None


def replays(engine: str, shape: Shape) -> bool:
    """Whether an engine records its steps: Bespoke's own does, without gradient checkpointing.

    sd-scripts launches one kernel at a time, which on a fast card takes longer than computing.
    """
    return engine == "lora" and not shape.checkpointing


def shape_of(values: Mapping[str, Any]) -> Shape:
    """Return what one step of a training with these values works on."""
    size = parse_resolution(values.get("resolution")) or (512, 512)
    images = _whole(values, "train_batch_size", 1) * _whole(
        values, "gradient_accumulation_steps", 1
    )
    base = str(values.get("pretrained_model_name_or_path") or "")
    return Shape(
        pixels=size[0] * size[1],
        images=images,
        rank=_whole(values, "network_dim", 4),
        half=values.get("mixed_precision") in ("fp16", "bf16"),
        checkpointing=values.get("gradient_checkpointing") is True,
        base=EMBEDDED if base == EMBEDDED else SD15,
    )


def memory_measured(shape: Shape) -> float:
    """Return the most GB that a measured training of at most this size took; 0 for none known."""
    taken = [
        speed.peak_vram_gb
        for speed in speed_table().speeds
        if speed.peak_vram_gb and speed.shape.work <= shape.work
        and speed.shape.rank <= shape.rank
        and speed.shape.checkpointing >= shape.checkpointing
        and speed.shape.half >= shape.half
        and speed.shape.base == shape.base
    ]  # fmt: skip
    return max(taken, default=0.0)


@functools.cache
def speed_table() -> SpeedTable:
    """Return the table that ships with Bespoke; raises AppError when it is missing."""
    return read_table(resource("gpu_speeds.toml").read_text(encoding="utf-8"))


def read_table(text: str) -> SpeedTable:
    """Read a table of speeds; raises AppError when a line is not as the head of the file says."""
    try:
        data = tomllib.loads(text)
        cards = {name: Card(name, **facts) for name, facts in data.get("cards", {}).items()}
        low, high = data["start_up"]["minutes"]
        speeds = [_speed(row) for row in data.get("speed", [])]
    except (KeyError, TypeError, ValueError) as error:
        raise AppError(f"is no table of speeds: {error}", file="gpu_speeds.toml") from error
    return SpeedTable(speeds, cards, (low * 60.0, high * 60.0))


def _speed(row: Mapping[str, Any]) -> Speed:
    shape = Shape(
        pixels=int(row["resolution"]) ** 2,
        images=int(row["batch"]),
        rank=int(row["rank"]),
        half=row["precision"] in ("fp16", "bf16"),
        checkpointing=bool(row["checkpointing"]),
    )
    rate = float(row["steps_per_s"])
    if rate <= 0 or row["kind"] not in ("measured", "reported"):
        raise ValueError(f"{row['gpu']}: steps_per_s or kind")
    return Speed(
        row["gpu"], shape, rate, row["kind"], row["source"], str(row["date"]), row["engine"],
        row.get("peak_vram_gb"),
    )  # fmt: skip


def _whole(values: Mapping[str, Any], key: str, default: int) -> int:
    return max(1, int(usable_number(values.get(key), default)))
