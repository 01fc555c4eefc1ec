"""Resize methods for training images; one file each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.registry import Registry

Run = Callable[[np.ndarray, tuple[int, int], Grid | None], np.ndarray]


@dataclass(frozen=True)
class ResizeMethod:
    """run(uint8 (height, width, 3 or 4), (width, height), grid or None) -> uint8 array.

    pixel_true: no method output holds a colour that its input did not have.
    """

    name: str
    title: str
    hint: str
    run: Run
    pixel_true: bool = False


RESIZERS: Registry[ResizeMethod] = Registry("resize method", __name__)


def register(name: str, title: str, hint: str, *, pixel_true: bool = False) -> Callable[[Run], Run]:
    """Return a decorator that registers a function as the resize method `name`."""

    def add(run: Run) -> Run:
        RESIZERS.add(name, ResizeMethod(name, title, hint, run, pixel_true))
        return run

    return add
