"""The palette of a whole set: every colour, in how many cells and images, near ones as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bespoke_gui.core.health.facts import ImageFacts
from bespoke_gui.core.pixels.codes import unpack
from bespoke_gui.core.pixels.merge import FILE_TAU, group_colours
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

GREY = 0.03  # OKLab chroma below which a colour has no hue worth sorting by
HUES = 12


@dataclass(frozen=True)
class PaletteColour:
    """One colour of the set, 0xRRGGBB. members: all colours nearer than the merge distance that
    it stands for, itself included, the most used first. cells and images count them together."""

    code: int
    cells: int
    images: int
    members: tuple[int, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the colour as the command line prints it."""
        return {
            "colour": hex_of(self.code),
            "cells": self.cells,
            "images": self.images,
            "merged": [hex_of(code) for code in self.members if code != self.code],
        }


@dataclass
class SetPalette:
    """Colours sorted by hue and lightness, greys first.

    images: how many images it was made of. unique: how many colours there are without merging.
    left_out: images without a grid; their pixels are no palette.
    """

    colours: list[PaletteColour] = field(default_factory=list)
    images: int = 0
    unique: int = 0
    tau: float = FILE_TAU
    left_out: list[str] = field(default_factory=list)

    def rgb(self) -> np.ndarray:
        """Return uint8 (n, 3): the colours in their order, for `core.pixels.palette_files`."""
        return unpack(np.array([colour.code for colour in self.colours], np.int32))

    def as_dict(self) -> dict[str, Any]:
        """Return the palette as the command line prints it."""
        return {
            "colours": [colour.as_dict() for colour in self.colours],
            "images": self.images,
            "unique": self.unique,
            "merge": self.tau,
            "left_out": self.left_out,
        }


def palette_of(images: Sequence[ImageFacts], tau: float = FILE_TAU) -> SetPalette:
    """Return the palette of all native cells; colours nearer than `tau` (OKLab) become one.

    The colour shown is one that is there, never a mean. tau 0 keeps all apart.
    """
    native = [facts for facts in images if facts.has_grid]
    result = SetPalette([], len(native), 0, tau, [f.name for f in images if not f.has_grid])
    if not native:
        return result
    parts = [facts.colour_counts for facts in native]
    all_codes = np.concatenate([codes for codes, _ in parts])
    codes, where = np.unique(all_codes, return_inverse=True)
    cells = np.bincount(where, weights=np.concatenate([counts for _, counts in parts]))
    groups, shown = _grouped(codes, cells, tau)
    owners = np.repeat(np.arange(len(parts)), [len(part) for part, _ in parts])
    images_of = np.bincount(np.unique(np.stack([groups[where], owners]), axis=1)[0])
    result.unique = len(codes)
    for group in _by_hue(codes[shown]):
        members = np.flatnonzero(groups == group)
        members = members[np.argsort(-cells[members], kind="stable")]
        total = int(cells[members].sum())
        names = tuple(codes[members].tolist())
        result.colours.append(
            PaletteColour(int(codes[shown[group]]), total, int(images_of[group]), names)
        )
    return result


def notes_of(palette: SetPalette) -> list[str]:
    """Return words for each colour, for palette files that have room for them."""
    return [f"{c.images} image" + ("" if c.images == 1 else "s") for c in palette.colours]


def images_with(images: Sequence[ImageFacts], colour: PaletteColour) -> list[str]:
    """Return the names of the images that use a colour of their palette, or one merged into it."""
    members = np.array(colour.members)
    return [
        facts.name
        for facts in images
        if facts.has_grid and np.isin(facts.colour_counts[0], members).any()
    ]


def hex_of(code: int) -> str:
    """Return `#rrggbb`."""
    return f"#{code:06x}"


def _grouped(codes: np.ndarray, cells: np.ndarray, tau: float) -> tuple[np.ndarray, np.ndarray]:
    if tau <= 0:
        return np.arange(len(codes)), np.arange(len(codes))
    return group_colours(codes, cells, tau)


def _by_hue(codes: np.ndarray) -> list[int]:
    """Return places in reading order: greys from dark to light, then each twelfth of the hues."""
    light, a, b = srgb_to_oklab(unpack(codes)).T
    hue = np.floor((np.arctan2(b, a) / (2 * np.pi) % 1.0) * HUES)
    hue = np.where(np.hypot(a, b) < GREY, -1, hue)
    return np.lexsort((codes, light, hue)).tolist()
