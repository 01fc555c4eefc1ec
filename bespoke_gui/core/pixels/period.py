"""The period of an edge profile by the mean resultant length (Rayleigh's test of directions)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHORTEST = 4.0
SHORTEST_SMALL = 2.0
SMALL = 256
LONGEST = 64.0
_OVERSAMPLE = 8
_HARMONICS = 0.9
_FEWEST_EDGES = 4.0
# -log of the chance that is left: one in twenty; cells are looked at besides.
_SURE = 3.0


@dataclass(frozen=True)
class Period:
    """length: px (0: none found); offset: px in [-length/2, length/2); score: 0 to 1.

    enough: there are enough edges to say anything; sure: chance does not explain the score.
    """

    length: float
    offset: float
    score: float
    enough: bool
    sure: bool

    @property
    def rank(self) -> float:
        """Order two axes by: a sure one first, then the score."""
        return self.score + (1.0 if self.sure else 0.0)


NONE = Period(0.0, 0.0, 0.0, enough=False, sure=False)


def find_period(profile: np.ndarray) -> Period:
    """Return the period, in px, of float64 (n - 1,): edge strength at boundaries 1 .. n - 1."""
    size = len(profile) + 1
    total = profile.sum()
    if total <= 0 or size < 3 * SHORTEST_SMALL:
        return NONE
    shortest = SHORTEST_SMALL if size <= SMALL else SHORTEST
    longest = min(max(LONGEST, size / 12), size / 3)
    frequencies, scores = _spectrum(profile, size)
    band = (frequencies >= 1 / longest) & (frequencies <= 1 / shortest)
    peak = _largest_good_period(scores, band)
    if peak is None:
        return NONE
    frequency = _refine(profile, frequencies[peak], 1 / (_OVERSAMPLE * size))
    return phase_of(profile, 1 / frequency, tried=int(band.sum()) / _OVERSAMPLE)


def phase_of(profile: np.ndarray, length: float, tried: float = 1.0) -> Period:
    """Return the period `length` (px) with the offset and score that `profile` gives it.

    profile: float64 (n - 1,), as for `find_period`. tried: how many independent
    periods were looked at, for the chance that one fits anyhow.
    """
    total = profile.sum()
    if total <= 0:
        return Period(length, 0.0, 0.0, enough=False, sure=False)
    resultant = _resultants(profile, np.array([1 / length]))[0] / total
    score = float(abs(resultant))
    offset = float(np.angle(resultant)) / (2 * np.pi) * length
    edges = float(total**2 / (profile**2).sum())
    # Rayleigh: the chance of a resultant this long from random edges is exp(-n R^2).
    sure = edges * score**2 > np.log(max(tried, 1.0)) + _SURE
    return Period(length, offset, score, enough=edges >= _FEWEST_EDGES, sure=bool(sure))


def _spectrum(profile: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies (1 / px) and mean resultant lengths, in steps of 1 / (8 size)."""
    length = _OVERSAMPLE * size
    scores = np.abs(np.fft.rfft(profile, length)) / profile.sum()
    return np.arange(len(scores)) / length, scores


def _largest_good_period(scores: np.ndarray, band: np.ndarray) -> int | None:
    """Return the index of the lowest peak in `band` that reaches 0.9 of the highest."""
    inner = np.zeros_like(band)
    inner[1:-1] = (scores[1:-1] >= scores[:-2]) & (scores[1:-1] >= scores[2:])
    # The top of the band may lie at the last frequency (period 2 exactly).
    inner[-1] = scores[-1] >= scores[-2]
    peaks = np.flatnonzero(inner & band)
    if not len(peaks):
        return None
    good = peaks[scores[peaks] >= _HARMONICS * scores[peaks].max()]
    return int(good[0])


def _refine(profile: np.ndarray, frequency: float, step: float) -> float:
    for _ in range(2):
        around = frequency + np.linspace(-step, step, 17)
        around = around[around > 0]
        frequency = float(around[np.abs(_resultants(profile, around)).argmax()])
        step /= 8
    return frequency


def _resultants(profile: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    places = np.arange(1, len(profile) + 1)
    return np.exp(2j * np.pi * frequencies[:, None] * places) @ profile
