"""Colours as single numbers: 24 bit codes are what numpy counts and compares fast."""

from __future__ import annotations

import numpy as np


def pack(rgb: np.ndarray) -> np.ndarray:
    """Return int32 (...): 0xRRGGBB of uint8 (..., 3)."""
    codes = rgb[..., 0].astype(np.int32)
    for channel in (1, 2):
        codes <<= 8
        codes |= rgb[..., channel]
    return codes


def unpack(codes: np.ndarray) -> np.ndarray:
    """Return uint8 (..., 3) of int32 codes 0xRRGGBB (...)."""
    return np.stack([codes >> 16, codes >> 8, codes], axis=-1).astype(np.uint8)


def row_runs(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first row of each run of equal rows of `codes` (n, m), and their lengths.

    Both int64 (runs,).

    Enlarged pixel art repeats each row many times; what holds for one holds for its run.
    """
    changed = (codes[1:] != codes[:-1]).any(axis=1)
    first = np.append(0, np.flatnonzero(changed) + 1)
    return first, np.diff(np.append(first, len(codes)))
