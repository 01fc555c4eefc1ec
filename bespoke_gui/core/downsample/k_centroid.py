"""Downsampler `k_centroid`: the pixels of a cell in two groups, the mean of the larger one.

Method: K-Centroid by Astropulse (github.com/Astropulse/pixeldetector, MIT): each tile is reduced
to k = 2 colours by k-means and shows the one that covers most of it. Written anew for all cells
at once.
"""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.downsample import register
from bespoke_gui.core.pixels.codes import unpack
from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.pixels.sampling import whole_samples

ROUNDS = 12


@register(
    "k_centroid",
    "K-centroid",
    "Two groups of colours a cell, the mean of the larger: for soft and noisy art; slower.",
)
def run(rgb: np.ndarray, grid: Grid) -> np.ndarray:
    """Return uint8 (rows, columns, 3); cells of one colour keep it exactly."""
    codes = whole_samples(rgb, grid)
    cells = unpack(codes[:, :, 0])
    mixed = (codes != codes[:, :, :1]).any(axis=2)
    if mixed.any():
        cells[mixed] = _larger_group(unpack(codes[mixed]).astype(np.float32))
    return cells


def _larger_group(pixels: np.ndarray) -> np.ndarray:
    """Return uint8 (n, 3) of float32 (n, pixels, 3): k-means with k = 2 in each of n cells.

    Starts from the pixel farthest from the mean and the one farthest from that; of groups
    equally large the second, which is the one nearer to the mean, wins.
    """
    first = _farthest(pixels, pixels.mean(axis=1))
    second = _farthest(pixels, first)
    in_first = _nearer(pixels, first, second)
    for _ in range(ROUNDS):
        first, second = _mean(pixels, in_first), _mean(pixels, ~in_first)
        now = _nearer(pixels, first, second)
        if np.array_equal(now, in_first):
            break
        in_first = now
    larger = in_first.sum(axis=1) > pixels.shape[1] / 2
    return np.where(larger[:, None], first, second).round().astype(np.uint8)


def _farthest(pixels: np.ndarray, centre: np.ndarray) -> np.ndarray:
    place = np.square(pixels - centre[:, None]).sum(axis=2).argmax(axis=1)
    return np.take_along_axis(pixels, place[:, None, None], axis=1)[:, 0]


def _nearer(pixels: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return bool (n, pixels): pixels that are nearer to `first` than to `second`."""
    axis = first - second
    middle = ((first + second) / 2 * axis).sum(axis=1)
    return np.einsum("npc,nc->np", pixels, axis) > middle[:, None]


def _mean(pixels: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    count = np.maximum(chosen.sum(axis=1), 1)
    return np.einsum("npc,np->nc", pixels, chosen.astype(np.float32)) / count[:, None]
