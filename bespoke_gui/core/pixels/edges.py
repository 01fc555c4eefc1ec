"""How strong the edges are at each boundary between pixel columns and pixel rows."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.pixels.codes import pack, row_runs, unpack
from bespoke_gui.core.pixels.oklab import length, srgb_to_oklab

_FLOOR = 0.02
_CEILING = 0.25
_NOISY = 0.02
_SAMPLE = 20_000


def edge_profiles(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return float64 (width - 1,) and (height - 1,): edge strength summed along each boundary.

    The OKLab step between neighbours, less what noise explains (0.02 or 1.5 medians), capped
    at 0.25 so that one contour does not outvote the rest. A noisy picture (median step over
    0.02) passes a 3x3 median filter first.
    """
    across, down = _steps(rgb)
    if max(across.median, down.median) > _NOISY and min(rgb.shape[:2]) >= 3:
        across, down = _steps(median_3x3(rgb))
    return across.profile(), down.profile()


def _steps(rgb: np.ndarray) -> tuple[_Steps, _Steps]:
    codes = pack(rgb)
    return _Steps(codes), _Steps(np.ascontiguousarray(codes.T))


class _Steps:
    """OKLab steps along each row of a picture; equal rows are looked at once and weighed."""

    def __init__(self, codes: np.ndarray) -> None:
        first, self._weights = row_runs(codes)
        lab = srgb_to_oklab(unpack(codes[first]))
        self._steps = length(lab[:, 1:] - lab[:, :-1])
        self.median = self._median()

    def profile(self) -> np.ndarray:
        """Return float64 (width - 1,): steps above the noise, capped, summed over the rows."""
        floor = max(_FLOOR, 1.5 * self.median)
        profile = self._weights.astype(np.float64) @ np.clip(self._steps - floor, 0, _CEILING)
        # Noise lifts every boundary alike; on a grid at least half of them lie inside cells.
        return np.clip(profile - np.quantile(profile, 0.25), 0, None) if len(profile) else profile

    def _median(self) -> float:
        """Return the median step, from at most some 20,000 of them."""
        if not self._steps.size:
            return 0.0
        apart = max(1, int(self._weights.sum()) * self._steps.shape[1] // _SAMPLE)
        return float(np.median(np.repeat(self._steps[:, ::apart], self._weights, axis=0)))


def median_3x3(rgb: np.ndarray) -> np.ndarray:
    """Return uint8 (height, width, c): each channel's median of nine, edges replicated.

    Columns sorted, then the median of (largest low, middle middle, smallest high): exact,
    and all in whole-array minima and maxima.
    """
    padded = np.pad(rgb, ((1, 1), (1, 1), (0, 0)), mode="edge")
    low, middle, high = _sort3(padded[:-2], padded[1:-1], padded[2:])
    columns = [(part[:, :-2], part[:, 1:-1], part[:, 2:]) for part in (low, middle, high)]
    largest_low = np.maximum(np.maximum(*columns[0][:2]), columns[0][2])
    smallest_high = np.minimum(np.minimum(*columns[2][:2]), columns[2][2])
    return _sort3(largest_low, _sort3(*columns[1])[1], smallest_high)[1]


def _sort3(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, ...]:
    low, high = np.minimum(a, b), np.maximum(a, b)
    high, top = np.minimum(high, c), np.maximum(high, c)
    return np.minimum(low, high), np.maximum(low, high), top
