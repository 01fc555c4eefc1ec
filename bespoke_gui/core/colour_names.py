"""Colour names: the name people would give a colour, from the shipped list."""

from __future__ import annotations

import functools
import json

import numpy as np

from bespoke_gui.core.pixels.oklab import srgb_to_oklab
from bespoke_gui.core.resources import resource


def name_of(red: int, green: int, blue: int) -> str:
    """Return the name nearest to an sRGB colour (0..255 each), by distance in OKLab."""
    names, places = _names()
    here = srgb_to_oklab(np.array([[red, green, blue]], np.uint8))[0]
    return names[int(np.argmin(((places - here) ** 2).sum(axis=1)))]


@functools.cache
def _names() -> tuple[list[str], np.ndarray]:
    """Return the names and their OKLab, float (n, 3)."""
    data = json.loads(resource("colour_names.json").read_text(encoding="utf-8"))
    # The survey's names first: of two names for one colour people chose those.
    pairs = [pair for part in ("xkcd", "css") for pair in data[part].items()]
    rgb = np.array([list(bytes.fromhex(code[1:])) for _, code in pairs], np.uint8)
    return [name for name, _ in pairs], srgb_to_oklab(rgb)
