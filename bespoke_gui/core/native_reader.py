"""Native pixels of images by name, for checks that compare a caption with its image."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.imagefile import read_rgb

KEPT = 2048  # images of 24x24: 3.5 MB


class NativeReader:
    """Gives uint8 (native, native, 3) by name; None where there is no image or it is damaged.

    paths: image file by caption name. One pixel is taken from the middle of each cell, which is
    exact for images enlarged by nearest and good enough for a look at the border of others.
    """

    def __init__(self, paths: Mapping[str, Path], native_size: int) -> None:
        self._paths = paths
        self._size = native_size
        self._kept: OrderedDict[str, np.ndarray | None] = OrderedDict()

    def __call__(self, name: str) -> np.ndarray | None:
        if name not in self._kept:
            self._kept[name] = self._read(name)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[name]

    def _read(self, name: str) -> np.ndarray | None:
        path = self._paths.get(name)
        if path is None:
            return None
        try:
            return middles(read_rgb(path), self._size)
        except AppError:
            return None


def middles(rgb: np.ndarray, size: int) -> np.ndarray:
    """Return the middle pixel of each of size x size cells of uint8 (height, width, 3)."""
    rows, columns = (
        np.minimum(((np.arange(size) + 0.5) * length / size).astype(int), length - 1)
        for length in rgb.shape[:2]
    )
    return rgb[rows[:, None], columns[None]]
