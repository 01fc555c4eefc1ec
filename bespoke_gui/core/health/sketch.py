"""Sketches of native images: short vectors whose angle tells how many cells two images share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from bespoke_gui.core.pixels.codes import pack, unpack
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

FREQUENCIES = 128
WIDTH = 0.09
"""Distance in OKLab at which two colours of a cell count as 0.6 alike; 0.06 counts as 0.8."""
MOST_CELLS = 4096
"""Of larger images so many cells are looked at, the same in each."""
_BLOCK = 512

Check = Callable[[], None]


class Sketcher:
    """Makes sketches of images of one shape, float32 (256,) of length 1.

    Method: random Fourier features of a Gaussian kernel over OKLab (Rahimi, Recht: Random
    Features for Large-Scale Kernel Machines, 2007), with a random sign for each cell, so that
    different cells cancel out. The scalar product of two sketches is about the share of cells
    of one colour; its error is about (1 - share squared) / 16.
    """

    def __init__(self, rows: int, columns: int) -> None:
        random = np.random.default_rng(24)
        self._waves = (random.standard_normal((3, FREQUENCIES)) / WIDTH).astype(np.float32)
        places = np.sort(random.permutation(rows * columns)[:MOST_CELLS])
        row, column = np.divmod(places, columns)
        self._sides = places, row * columns + columns - 1 - column
        self._signs = (random.integers(0, 2, (len(places), FREQUENCIES)) * 2 - 1).astype(np.float32)

    def both(self, cells: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the sketch of uint8 (rows, columns, 3) and that of its mirror image."""
        codes, where = np.unique(pack(cells), return_inverse=True)
        phases = srgb_to_oklab(unpack(codes)) @ self._waves
        table = np.concatenate([np.cos(phases), np.sin(phases)], axis=1)
        return tuple(self._sum(table, where.reshape(-1)[places]) for places in self._sides)

    def _sum(self, table: np.ndarray, where: np.ndarray) -> np.ndarray:
        """Return float32 (256,) of length 1; where: the colour of each cell looked at.

        Sums of runs, as a product so small is not worth the threads that numpy's library starts
        for it (twenty times slower on a busy machine).
        """
        order = np.argsort(where, kind="stable")
        used, starts = np.unique(where[order], return_index=True)
        weight = np.add.reduceat(self._signs[order], starts, axis=0)
        total = (table[used] * np.concatenate([weight, weight], axis=1)).sum(axis=0)
        return total / max(float(np.linalg.norm(total)), 1e-9)


def alike(
    first: np.ndarray, second: np.ndarray, least: float, check: Check
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield (i, j, product) of all i < j whose sketches agree by `least`, a block at a time.

    first, second: float32 (n, 256); `check` is called before each block.
    """
    for start in range(0, len(first), _BLOCK):
        check()
        products = first[start : start + _BLOCK] @ second[start:].T
        rows, columns = np.nonzero(products >= least)
        ahead = columns > rows
        rows, columns = rows[ahead], columns[ahead]
        yield rows + start, columns + start, products[rows, columns]


def sketches(
    images: Sequence[Callable[[], np.ndarray]], check: Check
) -> tuple[np.ndarray, np.ndarray]:
    """Return float32 (n, 256) twice: sketches of images of one shape, and of their mirror images.

    images: give uint8 (rows, columns, 3) each.
    """
    plain = np.empty((len(images), 2 * FREQUENCIES), np.float32)
    mirrored = np.empty_like(plain)
    sketcher: Sketcher | None = None
    for place, cells_of in enumerate(images):
        check()
        cells = cells_of()
        sketcher = sketcher or Sketcher(*cells.shape[:2])
        plain[place], mirrored[place] = sketcher.both(cells)
    return plain, mirrored
