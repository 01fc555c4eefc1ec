"""Spreads: one figure of every image of a set, and which values of it are usual."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

from bespoke_gui.core.health.facts import ImageFacts
from bespoke_gui.core.health.palette_distance import palette_distances
from bespoke_gui.core.health.robust import Usual, usual


@dataclass(frozen=True)
class Spread:
    """A figure by image name. reasons: what is wrong with a very low and a very high one ("":
    nothing). words: a value as people read it. doublings: `usual` is about log2 of the values:
    a set with 20 colours an image may well have one with 35."""

    title: str
    values: dict[str, float]
    usual: Usual
    reasons: tuple[str, str]
    words: Callable[[float], str]
    doublings: bool = False

    @property
    def median(self) -> float:
        """The value in the middle."""
        return self._plain(self.usual.median)

    @property
    def low(self) -> float:
        """The lowest usual value."""
        return self._plain(self.usual.low)

    @property
    def high(self) -> float:
        """The highest usual value."""
        return self._plain(self.usual.high)

    def z(self, value: float) -> float:
        """Return how many robust standard deviations a value is from the median."""
        return self.usual.z(log2(value) if self.doublings else value)

    def as_dict(self) -> dict[str, Any]:
        """Return the limits as the command line prints them."""
        low, median, high = (round(v, 4) for v in (self.low, self.median, self.high))
        return {"title": self.title, "median": median, "low": low, "high": high}

    def _plain(self, value: float) -> float:
        return float(2**value if self.doublings else value)


def find_spreads(images: Sequence[ImageFacts]) -> dict[str, Spread]:
    """Return number of colours, palette distance and brightness, by the kind of outlier."""
    native = [facts for facts in images if facts.has_grid]
    return {
        "colours": _colours([facts for facts in native if facts.colours > 1]),
        "palette": _palette(native),
        "brightness": _brightness(images),
    }


def _colours(images: Sequence[ImageFacts]) -> Spread:
    values = {facts.name: float(facts.colours) for facts in images}
    return Spread(
        "Unique colours",
        values,
        usual([log2(value) for value in values.values()], floor=0.1),
        ("far fewer colours than the set", "far more colours than the set"),
        lambda value: f"{round(value)} colour" + ("" if round(value) == 1 else "s"),
        doublings=True,
    )


def _palette(images: Sequence[ImageFacts]) -> Spread:
    names = [facts.name for facts in images]
    values = dict(zip(names, palette_distances(images), strict=True))
    return Spread(
        "Distance to the colours of all others",
        values,
        usual(list(values.values()), floor=0.005),
        ("", "its colours are far from those of the other images"),
        lambda value: f"OKLab {value:.3f}",
    )


def _brightness(images: Sequence[ImageFacts]) -> Spread:
    values = {facts.name: facts.brightness for facts in images}
    return Spread(
        "Mean lightness",
        values,
        usual(list(values.values()), floor=0.02),
        ("far darker than the set", "far brighter than the set"),
        lambda value: f"lightness {value:.2f}",
    )
