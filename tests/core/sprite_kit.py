"""Sprites drawn for the grid tests: blobs, faces, dithers, and patterns that tempt a wrong period.

A scene is a sprite enlarged as PIL's nearest does it, then padded or cropped; the place of every
native cell in it is known, so an answer can be judged.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.pixels.native import to_native

NEAREST = Image.Resampling.NEAREST
Random = np.random.Generator


@dataclass(frozen=True)
class Scene:
    """rgb: uint8 (h, w, 3); columns, rows: native index of each pixel column and row of it.

    Indices count on where padding goes on beside the sprite (its own cells are 0 .. n - 1).
    """

    rgb: np.ndarray
    cells: np.ndarray
    columns: np.ndarray
    rows: np.ndarray

    def __repr__(self) -> str:
        height, width = self.rgb.shape[:2]
        rows, columns = self.cells.shape[:2]
        return (
            f"Scene({width}x{height} px of {columns}x{rows} cells, from column "
            f"{self.columns[:1]} and row {self.rows[:1]})"
        )


def noise(rng: Random, columns: int, rows: int) -> np.ndarray:
    """Every cell any of a dozen colours."""
    return _palette(rng, 12)[rng.integers(0, 12, (rows, columns))]


def blobs(rng: Random, columns: int, rows: int) -> np.ndarray:
    """A few discs and boxes on one colour: large flat areas."""
    cells = np.broadcast_to(_palette(rng, 1)[0], (rows, columns, 3)).copy()
    y, x = np.mgrid[:rows, :columns]
    for colour in _palette(rng, int(rng.integers(2, 9))):
        cx, cy = rng.uniform(0, columns), rng.uniform(0, rows)
        rx, ry = rng.uniform(1, columns / 3 + 1), rng.uniform(1, rows / 3 + 1)
        if rng.random() < 0.5:
            inside = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1
        else:
            inside = (abs(x - cx) <= rx) & (abs(y - cy) <= ry)
        cells[inside] = colour
    return cells


def face(rng: Random, columns: int, rows: int) -> np.ndarray:
    """An outlined, symmetric head with eyes and a mouth on one colour."""
    back, skin, line, eye, mouth = _palette(rng, 5)
    cells = np.broadcast_to(back, (rows, columns, 3)).copy()
    y, x = np.mgrid[:rows, :columns]
    middle = (columns - 1) / 2
    head = ((x - middle) / (columns * 0.35)) ** 2 + ((y - rows * 0.45) / (rows * 0.38)) ** 2
    cells[head <= 1.25] = line
    cells[head <= 1] = skin
    for side in (-1, 1):
        at = round(middle + side * columns * 0.15)
        cells[round(rows * 0.4), max(0, at) : at + 1 + columns // 24] = eye
    cells[round(rows * 0.62), columns // 2 - columns // 8 : columns // 2 + columns // 8] = mouth
    return cells


def dither(rng: Random, columns: int, rows: int) -> np.ndarray:
    """A face or blobs, with a chequered area."""
    cells = blobs(rng, columns, rows)
    y, x = np.mgrid[:rows, :columns]
    left, top = rng.integers(0, columns // 2), rng.integers(0, rows // 2)
    area = (x >= left) & (x < left + columns // 2) & (y >= top) & (y < top + rows // 2)
    cells[area & ((x + y) % 2 == 0)] = _palette(rng, 1)[0]
    return cells


def checker(rng: Random, columns: int, rows: int) -> np.ndarray:
    """A chequerboard of squares of several cells, and some single cells off it."""
    square = int(rng.integers(2, 5))
    y, x = np.mgrid[:rows, :columns]
    cells = _palette(rng, 2)[(x // square + y // square) % 2]
    return _strewn(rng, cells, int(rng.integers(1, 12)))


def doubled(rng: Random, columns: int, rows: int) -> np.ndarray:
    """Art drawn with a brush of 2 or 3 cells, with a few single cells that betray the grid."""
    brush = int(rng.integers(2, 4))
    coarse = blobs(rng, columns // brush + 1, rows // brush + 1)
    cells = coarse.repeat(brush, 0).repeat(brush, 1)[:rows, :columns].copy()
    return _strewn(rng, cells, int(rng.integers(1, 12)))


def stripes(rng: Random, columns: int, rows: int) -> np.ndarray:
    """Bands of a regular width, one way or both, with a few single cells."""
    width = int(rng.integers(1, 5))
    palette = _palette(rng, 3)
    y, x = np.mgrid[:rows, :columns]
    bands = (x // width) % 2 + (0 if rng.random() < 0.5 else (y // width) % 2)
    return _strewn(rng, palette[bands], int(rng.integers(1, 12)))


def bricks(rng: Random, columns: int, rows: int) -> np.ndarray:
    """A wall: lines of mortar at regular distances, every other row moved by half."""
    high, wide = int(rng.integers(3, 6)), int(rng.integers(4, 9))
    y, x = np.mgrid[:rows, :columns]
    moved = (x + (y // high % 2) * (wide // 2)) % wide
    return _palette(rng, 2)[((y % high == 0) | (moved == 0)).astype(int)]


def mirrored(rng: Random, columns: int, rows: int) -> np.ndarray:
    """Blobs and their mirror image."""
    half = blobs(rng, (columns + 1) // 2, rows)
    return np.concatenate([half, half[:, ::-1]], axis=1)[:, :columns]


def shaded(rng: Random, columns: int, rows: int) -> np.ndarray:
    """A ramp of bands, with an object on it."""
    steps = int(rng.integers(4, 12))
    ramp = np.linspace(rng.integers(0, 80, 3), rng.integers(150, 256, 3), steps).astype(np.uint8)
    cells = ramp[np.arange(rows) * steps // rows][:, None].repeat(columns, axis=1)
    drawn = blobs(rng, columns, rows)
    there = (drawn != drawn[0, 0]).any(axis=2)
    return np.where(there[..., None], drawn, cells)


SPRITES: dict[str, Callable[[Random, int, int], np.ndarray]] = {
    drawer.__name__: drawer
    for drawer in (
        noise, blobs, face, dither, checker, doubled, stripes, bricks, mirrored, shaded,
    )
}  # fmt: skip


def fixes_grid(cells: np.ndarray) -> bool:
    """Say whether the edges of a sprite leave one grid only: no coarser one explains them.

    On each axis there are at least three lines with edges, and their distances have no common
    divisor.
    """
    return all(_fixed(cells, axis) for axis in (0, 1))


def scene(
    cells: np.ndarray,
    scale: tuple[float, float],
    pad: tuple[int, int, int, int] = (0, 0, 0, 0),
    crop: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> Scene:
    """Return `cells` enlarged by `scale` (x, y), padded, then cropped: left, top, right, bottom."""
    high, wide = cells.shape[:2]
    width, height = round(wide * scale[0]), round(high * scale[1])
    rgb = np.array(Image.fromarray(cells).resize((width, height), NEAREST))
    rgb = np.pad(rgb, ((pad[1], pad[3]), (pad[0], pad[2]), (0, 0)), mode="edge")
    columns = _owners(wide, width, pad[0], pad[2])
    rows = _owners(high, height, pad[1], pad[3])
    return Scene(
        _cut(rgb, crop[1], crop[3])[:, crop[0] : len(columns) - crop[2]],
        cells,
        _cut(columns, crop[0], crop[2]),
        _cut(rows, crop[1], crop[3]),
    )


def seen_cells(scene: Scene) -> np.ndarray:
    """Return the cells of the sprite that are in the picture at all."""
    high, wide = scene.cells.shape[:2]
    xs, ys = np.clip(scene.columns, 0, wide - 1), np.clip(scene.rows, 0, high - 1)
    return scene.cells[ys.min(initial=high) : ys.max(initial=0) + 1][
        :, xs.min(initial=wide) : xs.max(initial=0) + 1
    ]


def is_identity(scene: Scene, grid: Grid) -> bool:
    """Say whether `grid` gives every cell of the sprite seen at least by half, once, unchanged."""
    xs = _native_indices(grid.columns, grid.cell_width, grid.offset_x, scene.columns)
    ys = _native_indices(grid.rows, grid.cell_height, grid.offset_y, scene.rows)
    high, wide = scene.cells.shape[:2]
    if not (_complete(xs, scene.columns, wide) and _complete(ys, scene.rows, high)):
        return False
    native = to_native(scene.rgb, grid)
    inside_x, inside_y = (xs >= 0) & (xs < wide), (ys >= 0) & (ys < high)
    expected = scene.cells[ys[inside_y]][:, xs[inside_x]]
    return np.array_equal(native[inside_y][:, inside_x], expected)


def _palette(rng: Random, count: int) -> np.ndarray:
    return rng.integers(0, 256, (count, 3), dtype=np.uint8)


def _strewn(rng: Random, cells: np.ndarray, count: int) -> np.ndarray:
    rows, columns = cells.shape[:2]
    cells[rng.integers(0, rows, count), rng.integers(0, columns, count)] = _palette(rng, count)
    return cells


def _fixed(cells: np.ndarray, axis: int) -> bool:
    changed = (np.diff(cells.astype(int), axis=axis) != 0).any(axis=(1 - axis, 2))
    lines = np.flatnonzero(changed)
    return len(lines) >= 3 and math.gcd(*np.diff(lines).tolist()) == 1


def _owners(count: int, length: int, before: int, after: int) -> np.ndarray:
    """Return the index of the cell at each pixel: PIL takes the one under the pixel's centre."""
    places = (np.arange(-before, length + after) + 0.5) * count / length
    return np.floor(places).astype(int)


def _cut(array: np.ndarray, before: int, after: int) -> np.ndarray:
    return array[before : len(array) - after]


def _native_indices(count: int, size: float, offset: float, owners: np.ndarray) -> np.ndarray:
    middles = np.floor(offset + (np.arange(count) + 0.5) * size).astype(int)
    return owners[np.clip(middles, 0, len(owners) - 1)]


def _complete(found: np.ndarray, owners: np.ndarray, count: int) -> bool:
    """Say whether `found` counts on by one and holds each native cell seen at least by half."""
    cells, seen = np.unique(owners, return_counts=True)
    whole = cells[(seen > 0.6 * seen.max()) & (cells >= 0) & (cells < count)]
    return bool((np.diff(found) == 1).all() and np.isin(whole, found).all())
