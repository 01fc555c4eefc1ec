"""Presets: training configs to begin with, in resources/presets, written for people to read."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.resources import resource


@dataclass(frozen=True)
class Preset:
    """One config to begin with. title and words: its first two lines of comment.

    size: training size in pixels, for sorting and for the choice beside a prepared set.
    """

    name: str
    title: str
    words: str
    size: int
    text: str

    def config(self, output_name: str = "", train_data_dir: str = "") -> TrainingConfig:
        """Return a new config; the two names that differ in every project may be given."""
        config = TrainingConfig(self.text)
        if output_name:
            config.set("output_name", output_name)
        if train_data_dir:
            config.set("train_data_dir", train_data_dir)
        return config


@functools.cache
def presets() -> dict[str, Preset]:
    """Return all presets by name, the largest training size first."""
    found = [_read(path) for path in resource("presets").glob("*.toml")]
    return {preset.name: preset for preset in sorted(found, key=lambda p: (-p.size, p.name))}


def preset(name: str) -> Preset:
    """Return one preset; raises AppError (kind "usage") naming those there are."""
    found = presets().get(name)
    if found is None:
        hint = f"choose one of {', '.join(presets())}"
        raise AppError(f"there is no preset {name!r}", hint=hint, kind="usage")
    return found


def _read(path: Path) -> Preset:
    text = path.read_text(encoding="utf-8")
    comments = [line.lstrip("# ").rstrip() for line in text.splitlines()[:2]]
    size = str(TrainingConfig(text).get("resolution", "0")).split(",")[0]
    return Preset(path.stem, comments[0], comments[1], int(size), text)
