"""The border of a native image: its main colour, how plain it is, and words for the colour."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import numpy as np

from bespoke_gui.core.background import SAME, colour_match, ring
from bespoke_gui.core.colour_words import FAMILIES, NOUNS, ColourWords, parse_colour
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

LIGHT, DARK = 0.80, 0.42  # OKLab lightness from which people say light or dark
LIGHT_GREY = 0.74
BRIGHT = 0.17  # OKLab chroma from which they say bright
NEUTRAL = frozenset({"black", "white"})


@dataclass(frozen=True, eq=False)
class Border:
    """Its colours, OKLab as float64 (3,), each with its share of it, the commonest first."""

    groups: tuple[tuple[np.ndarray, float], ...]

    @property
    def lab(self) -> np.ndarray:
        """The main colour, OKLab as float64 (3,)."""
        return self.groups[0][0]

    @property
    def share(self) -> float:
        """How much of the border has the main colour, 0 to 1."""
        return self.groups[0][1]

    @property
    def names(self) -> list[str]:
        """What a caption would call the colours, each name once."""
        return list(dict.fromkeys(colour_words(lab) for lab, _ in self.groups))


def border_of(cells: np.ndarray) -> Border:
    """Look at the border of a native image, uint8 (rows, columns, 3).

    The border is the top row and the upper two thirds of both sides; colours nearer than
    0.04 in OKLab count as one.
    """
    rest = ring(srgb_to_oklab(cells)).astype(np.float64)
    total = len(rest)
    groups: list[tuple[np.ndarray, float]] = []
    while len(rest):
        near = np.square(rest[:, None] - rest[None]).sum(axis=-1) < SAME * SAME
        chosen = near[int(near.sum(axis=1).argmax())]
        groups.append((rest[chosen].mean(axis=0), float(chosen.sum()) / total))
        rest = rest[~chosen]
    return Border(tuple(groups))


def colour_words(lab: np.ndarray) -> str:
    """Return the words for an OKLab colour, float (3,): "light blue", "bright green", "grey"."""
    family = max(_families(), key=lambda words: colour_match(lab, words)).family
    light, chroma = float(lab[0]), float(np.hypot(lab[1], lab[2]))
    if family in NEUTRAL:
        return family
    if family not in ("brown", "grey") and chroma > BRIGHT:
        return f"bright {family}"
    bright = LIGHT_GREY if family == "grey" else LIGHT
    tone = "light " if light > bright else "dark " if light < DARK else ""
    return f"{tone}{family}"


def fits(lab: np.ndarray, words: str) -> float | None:
    """Return 0 to 1, how well OKLab, float (3,), fits the best of the colours the words name.

    Whether it is light or dark does not count; None when the words name no colour.
    """
    named = {NOUNS[word] for word in re.findall(r"[a-z]+", words.casefold()) if word in NOUNS}
    plain = (ColourWords(family, family, frozenset()) for family in named)
    return max((colour_match(lab, words) for words in plain), default=None)


@functools.cache
def _families() -> tuple[ColourWords, ...]:
    return tuple(words for words in map(parse_colour, FAMILIES) if words is not None)
