"""The background of a portrait: its colour, and how well that fits the colour a prompt names."""

from __future__ import annotations

import functools
import json
import re

import numpy as np

from bespoke_gui.core.colour_words import NOUNS, ColourWords
from bespoke_gui.core.pixels.oklab import srgb_to_oklab
from bespoke_gui.core.resources import resource

SAME = 0.04
NEIGHBOURS = 20
BANDWIDTH = 0.05
HUES = {
    "red": 29.0, "orange": 55.0, "yellow": 105.0, "green": 143.0, "teal": 188.0, "blue": 256.0,
    "purple": 310.0, "pink": 353.0, "brown": 62.0,
}  # fmt: skip
"""OKLCh hue, in degrees, in the middle of what people call by that name."""


def ring(lab: np.ndarray) -> np.ndarray:
    """Return (n, 3): the top row and the upper two thirds of both sides of (rows, columns, 3).

    Of any dtype, which stays.
    """
    down = max(1, round(lab.shape[0] * 2 / 3))
    return np.concatenate([lab[0], lab[1:down, 0], lab[1:down, -1]])


def ring_colour(lab: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the ring's densest colour and the share (0 to 1) of the ring within 0.04 of it.

    lab: OKLab, float (rows, columns, 3); the colour is float64 (3,).
    """
    cells = ring(lab).astype(np.float64)
    near = np.square(cells[:, None] - cells[None]).sum(axis=-1) < SAME * SAME
    best = int(near.sum(axis=1).argmax())
    return cells[near[best]].mean(axis=0), float(near[best].mean())


def colour_match(lab: np.ndarray, words: ColourWords) -> float:
    """Return 0 to 1: how well one OKLab colour, float (3,), fits a colour's name.

    The mean of two readings: what the nearest of 900 names say, and a prototype of the family.
    """
    return (neighbour_match(lab, words) + prototype_match(lab, words)) / 2


def neighbour_match(lab: np.ndarray, words: ColourWords) -> float:
    """Return the weighted share (0 to 1) of the 20 nearest named colours that carry the family.

    lab: float (3,). Weights are exp(-distance / 0.05) in OKLab; only the last word of a name
    counts.
    """
    table, families = _names()
    distance = np.sqrt(np.square(table - lab).sum(axis=1))
    nearest = np.argsort(distance, kind="stable")[:NEIGHBOURS]
    weight = np.exp(-(distance[nearest] - distance[nearest[0]]) / BANDWIDTH)
    return float((weight * (families[nearest] == words.family)).sum() / weight.sum())


def prototype_match(lab: np.ndarray, words: ColourWords) -> float:
    """Return 0 to 1 by hue, chroma and lightness in OKLCh of an OKLab colour, float (3,).

    max(0, 1 - hue difference / 45) times min(1, C / 0.08), and min(1, C / 0.13) for bright and
    hot; black, white and grey want little chroma and their own lightness; dark, light and pale
    add a ramp of lightness.
    """
    light, chroma = float(lab[0]), float(np.hypot(lab[1], lab[2]))
    if words.family in HUES:
        hue = float(np.degrees(np.arctan2(lab[2], lab[1])))
        apart = abs((hue - HUES[words.family] + 180) % 360 - 180)
        value = max(0.0, 1 - apart / 45) * min(1.0, chroma / 0.08)
        value *= min(1.0, chroma / 0.13) if words.vivid else 1.0
        value *= _brownness(light) if words.family == "brown" else 1.0
    else:
        value = _grey(light, chroma, words.family)
    return value * _tone(light, words)


def _grey(light: float, chroma: float, family: str) -> float:
    plain = _ramp(chroma, 0.06, 0.03)
    if family == "black":
        return plain * _ramp(light, 0.40, 0.25)
    if family == "white":
        return plain * _ramp(light, 0.80, 0.92)
    return plain * _ramp(light, 0.18, 0.30) * _ramp(light, 0.97, 0.90)


def _brownness(light: float) -> float:
    return _ramp(light, 0.80, 0.65)


def _tone(light: float, words: ColourWords) -> float:
    value = 1.0
    if words.dark:
        value *= _ramp(light, 0.80, 0.55)
    if words.light and words.family not in ("white", "black"):
        value *= _ramp(light, 0.45, 0.70)
    return value


def _ramp(value: float, nothing: float, full: float) -> float:
    """Return 0 at `nothing`, 1 at `full` and beyond, straight between."""
    return min(1.0, max(0.0, (value - nothing) / (full - nothing)))


@functools.cache
def _names() -> tuple[np.ndarray, np.ndarray]:
    """Return OKLab float64 (n, 3) and families (n,) of the named colours that have a family."""
    data = json.loads(resource("colour_names.json").read_text(encoding="utf-8"))
    pairs = [(_family(name), code) for part in ("xkcd", "css") for name, code in data[part].items()]
    pairs = [(family, code) for family, code in pairs if family]
    rgb = np.array([list(bytes.fromhex(code[1:])) for _, code in pairs], np.uint8)
    return srgb_to_oklab(rgb).astype(np.float64), np.array([family for family, _ in pairs])


def _family(name: str) -> str:
    """Return the family of a name's last word; CSS names are one word: its longest ending."""
    last = re.split(r"[ /]", name)[-1]
    if last in NOUNS:
        return NOUNS[last]
    endings = [noun for noun in NOUNS if last.endswith(noun)]
    return NOUNS[max(endings, key=len)] if endings else ""
