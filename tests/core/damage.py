"""Damage made from clean native images, for tests and benches of the measures. All by a seed."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageFilter

SIDE = 512


def _filtered(cells, kind):
    picture = Image.fromarray(cells).resize((SIDE, SIDE), Image.Resampling.NEAREST)
    return kind(picture).resize(cells.shape[1::-1], Image.Resampling.BOX)


def jitter(cells, rng):
    return (cells + rng.normal(0, 4, cells.shape)).round().clip(0, 255).astype(np.uint8)


def strays(cells, rng, count=6):
    out = cells.copy()
    ys, xs = rng.integers(0, cells.shape[0], count), rng.integers(0, cells.shape[1], count)
    out[ys, xs] = rng.integers(0, 256, (count, 3))
    return out


def blur(cells, _rng):
    half_a_cell = ImageFilter.GaussianBlur(SIDE / 24 / 2)
    return np.array(_filtered(cells, lambda picture: picture.filter(half_a_cell)))


def smoothing(cells, _rng):
    """Moved by 0.3 of a cell and read with a box: every edge is anti-aliased."""
    return np.array(_filtered(cells, lambda p: Image.fromarray(np.roll(np.array(p), 6, (0, 1)))))


def lanczos(cells, _rng):
    picture = Image.fromarray(cells).resize((SIDE, SIDE), Image.Resampling.NEAREST)
    return np.array(picture.resize(cells.shape[1::-1], Image.Resampling.LANCZOS))


def jpeg(cells, _rng):
    picture = Image.fromarray(cells).resize((96, 96), Image.Resampling.NEAREST)
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=60)
    return np.array(Image.open(data).resize(cells.shape[1::-1], Image.Resampling.BOX))


def blotches(cells, rng):
    """Soft spots on the background's colour."""
    ys, xs = np.mgrid[: cells.shape[0], : cells.shape[1]]
    light = np.zeros(cells.shape[:2])
    for _ in range(4):
        y, x = rng.integers(0, cells.shape[0]), rng.integers(0, cells.shape[1])
        light += rng.choice([-45, 45]) * np.exp(-((ys - y) ** 2 + (xs - x) ** 2) / 18)
    ground = (cells == cells[0, 0]).all(axis=-1)
    return np.where(
        ground[..., None], (cells + light[..., None]).clip(0, 255).astype(np.uint8), cells
    )


def recolour(cells, _rng):
    return np.ascontiguousarray(cells[..., [1, 2, 0]])


def near_copy(cells, rng):
    """5 % of the cells changed."""
    out = cells.copy()
    rows, columns = cells.shape[:2]
    places = rng.choice(rows * columns, rows * columns // 20, replace=False)
    out.reshape(-1, 3)[places] = rng.integers(0, 256, (len(places), 3))
    return out


NATIVE = {
    "jitter": jitter, "strays 6": strays,
    "strays 3": lambda cells, rng: strays(cells, rng, 3), "smoothing": smoothing,
    "lanczos": lanczos, "blur": blur, "blotches": blotches, "recolour": recolour, "jpeg": jpeg,
}  # fmt: skip
"""Name -> function of uint8 (rows, columns, 3) and a generator, at native size."""


def enlarged(cells, side=SIDE):
    picture = Image.fromarray(cells).resize((side, side), Image.Resampling.NEAREST)
    return np.array(picture)


def _blurred(radius):
    return lambda rgb, _rng: np.array(Image.fromarray(rgb).filter(ImageFilter.GaussianBlur(radius)))


def _jpeg_large(rgb, _rng):
    data = io.BytesIO()
    Image.fromarray(rgb).save(data, "JPEG", quality=40)
    return np.array(Image.open(data))


def _noise(rgb, rng):
    return (rgb + rng.normal(0, 6, rgb.shape)).round().clip(0, 255).astype(np.uint8)


def _regridded(count):
    def run(rgb, _rng):
        picture = Image.fromarray(rgb).resize((count, count), Image.Resampling.NEAREST)
        return np.array(picture.resize((SIDE, SIDE), Image.Resampling.NEAREST))

    return run


def _mixels(rgb, rng):
    """In 15 % of the cells one quarter takes the colour of another cell."""
    out, edges = rgb.copy(), np.linspace(0, SIDE, 25).round().astype(int)
    for row in range(24):
        for column in range(24):
            if rng.random() < 0.15:
                y, x = edges[row], edges[column]
                out[y : y + 11, x : x + 11] = rgb[rng.integers(0, SIDE), rng.integers(0, SIDE)]
    return out


LARGE = {
    "blur 4 px": _blurred(4), "blur 2 px": _blurred(2), "jpeg 40": _jpeg_large, "noise 6": _noise,
    "shift 7 px": lambda rgb, _rng: np.roll(rgb, 7, (0, 1)), "25 cells": _regridded(25),
    "mixels": _mixels, "32 cells": _regridded(32),
}  # fmt: skip
"""Name -> function of uint8 (512, 512, 3) and a generator."""


def auc(larger, smaller) -> float:
    """Return how often a value of the first is above one of the second; a tie counts half."""
    first, second = np.asarray(larger, float)[:, None], np.asarray(smaller, float)[None]
    return float(((first > second) + 0.5 * (first == second)).mean())
