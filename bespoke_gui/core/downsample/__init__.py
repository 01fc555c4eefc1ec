"""Downsamplers: ways to read one colour from each cell of a grid; one file each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.registry import Registry


@dataclass(frozen=True)
class Downsampler:
    """run(uint8 (height, width, 3), grid) -> uint8 (rows, columns, 3).

    locks: what it gives is then snapped to a palette, without which it cannot be used.
    """

    name: str
    title: str
    hint: str
    run: Callable[[np.ndarray, Grid], np.ndarray]
    locks: bool = False


DOWNSAMPLERS: Registry[Downsampler] = Registry("downsampler", __name__)


def register(name: str, title: str, hint: str, *, locks: bool = False) -> Callable:
    """Return a decorator that registers a function as the downsampler `name`."""

    def add(run: Callable[[np.ndarray, Grid], np.ndarray]) -> Callable:
        DOWNSAMPLERS.add(name, Downsampler(name, title, hint, run, locks))
        return run

    return add
