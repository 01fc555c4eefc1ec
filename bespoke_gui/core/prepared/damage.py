"""Pixel art that was resampled: recognised by a look at some images, before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.imagefile import open_image, over
from bespoke_gui.core.prepared.judge import read_source
from bespoke_gui.core.prepared.records import Settings

LOOKED_AT = 12
# Drawn pixel art has tens of colours; the reference set at most 116, after Lanczos 1745 (mean).
_MANY = 256
_LARGEST_LOOKED_AT = 2048**2  # pixels; nobody resamples pixel art to more for training
_ANY_SIZE = Settings(8192)


@dataclass(frozen=True)
class Damage:
    """What a look at some images found: how many were resampled, of how many; mean colours."""

    damaged: int
    looked_at: int
    colours: float
    native_colours: float

    def words(self) -> str:
        """Return the finding in one line."""
        return (
            f"{self.damaged} of {self.looked_at} images looked at are pixel art that was resampled "
            f"or compressed: {self.colours:,.0f} colours an image where "
            f"{self.native_colours:.0f} are native"
        )


def find_damage(images: Sequence[Path], looked_at: int = LOOKED_AT) -> Damage | None:
    """Look at images spread over the set; None unless most of them were resampled.

    A picture of few colours was not, and needs no grid: a clean set costs its decoding alone.
    """
    step = max(1, len(images) // looked_at)
    chosen = list(images[::step])[:looked_at]
    found = [figures for figures in map(_figures, chosen) if figures is not None]
    if not found or 2 * len(found) <= len(chosen):
        return None
    colours, native = (sum(values) / len(found) for values in zip(*found, strict=True))
    return Damage(len(found), len(chosen), colours, native)


def damage_problems(images: Sequence[Path]) -> list[Problem]:
    """Return the finding for a check; empty for a set that is as it was drawn."""
    damage = find_damage(images)
    if damage is None:
        return []
    hint = "recover their native pixels: bespoke prepare FOLDER NEW_FOLDER --size 384"
    return [Problem("pixels_resampled", "warning", damage.words(), "", hint)]


def _figures(path: Path) -> tuple[int, int] | None:
    """Return colours and native colours of a resampled image; None for any other."""
    try:
        picture = over(open_image(path))
    except AppError:
        return None
    few = picture.getcolors(_MANY) is not None
    if few or picture.width * picture.height > _LARGEST_LOOKED_AT:
        return None
    source = read_source(picture, _ANY_SIZE)
    return (source.colours, source.native_colours) if source.damaged else None
