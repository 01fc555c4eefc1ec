"""OKLab, a colour space in which equal distances look equal (Bjorn Ottosson, 2020)."""

from __future__ import annotations

import numpy as np

_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=np.float32,
).T.copy()
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=np.float32,
).T.copy()


def linear_light() -> np.ndarray:
    """Return float64 (256,): the linear light (IEC 61966-2-1) of each 8 bit sRGB value."""
    value = np.arange(256) / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


_LIGHT = linear_light().astype(np.float32)


def srgb_to_oklab(rgb: np.ndarray) -> np.ndarray:
    """Return float32 (..., 3) L, a, b of uint8 sRGB (..., 3); L runs from 0 to 1."""
    cones = np.take(_LIGHT, rgb).reshape(-1, 3) @ _TO_CONES
    np.cbrt(cones, out=cones)
    return (cones @ _TO_LAB).reshape(rgb.shape)


def oklab_distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return float32 (...): the OKLab distance of uint8 sRGB arrays (..., 3)."""
    return length(srgb_to_oklab(first) - srgb_to_oklab(second))


def length(vectors: np.ndarray) -> np.ndarray:
    """Return (...): the Euclidean length of vectors (..., 3), in their own float dtype."""
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return np.sqrt(x * x + y * y + z * z)
