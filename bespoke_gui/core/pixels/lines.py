"""Sharp pictures: grid lines by exact arithmetic, since every edge must lie on one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

FEWEST_CELLS = 3
_OVERSAMPLE = 8
# -log of the chance that edges fit by accident: a period; one taken from the other axis; and
# edges that a coarser grid would leave out.
_ENOUGH = float(np.log(1e6))
_ENOUGH_JOINED = float(np.log(1000))
_ENOUGH_ODD = float(np.log(100))
# Rounding moves a line by up to half a pixel, two lines by less than one against each other;
# unless a scaler, for want of digits, rounds ties both ways.
ONCE = 1 - 1e-6
TWICE = 2 - 1e-6
_TIES = 2e-6
_LEAST = 2.0
# No art is without a feature of one or two cells; lines so far apart are those of a coarser grid.
_SPARSE = 3
_MOST_DRIFT = 0.35
# A half of the period always fits; only what is longer is a rival.
_RIVAL = 0.55
# Edges compared with all others at a time, to bound the memory of large pictures.
_BLOCK = 256


@dataclass(frozen=True)
class Lines:
    """Lines at offset + period * k, px, along one axis of a picture `length` px long.

    Every edge lies within half a pixel of one of them, or within half of `moves`, px: edge i, at
    places[i], of the line numbers[i]. Any period between lowest and highest does as well.
    rival: a period not much shorter does so too, with other numbers.
    """

    length: int
    period: float
    offset: float
    lowest: float
    highest: float
    places: np.ndarray
    numbers: np.ndarray
    moves: float = ONCE
    rival: bool = False

    @property
    def bits(self) -> float:
        """-log of the chance that an edge anywhere is near enough to a line."""
        return float(np.log(self.period / max(self.moves, 1.0)))

    @property
    def narrowest(self) -> int:
        """How many cells apart the two nearest edges are."""
        return int(np.diff(self.numbers).min())

    @property
    def drift(self) -> float:
        """By how many cells the lines at the ends of the picture may be wrong."""
        beyond = max(int(self.places[0]), self.length - int(self.places[-1])) / self.period
        return (beyond * (self.highest - self.lowest) / 2 + 0.5) / self.period

    @property
    def evidence(self) -> float:
        """-log of the chance that so many edges fit one of the periods looked at."""
        return (len(self.places) - 2) * self.bits - np.log(self.length / self.period)

    @property
    def odd(self) -> int:
        """How few edges the likeliest coarser grid (every k-th line) would leave out."""
        most = max(2, int(self.length / (FEWEST_CELLS * self.period)))
        kept = max(int(np.bincount(self.numbers % k).max()) for k in range(2, most + 1))
        return len(self.numbers) - kept


def edge_places(codes: np.ndarray) -> np.ndarray:
    """Return int (m,): boundaries 1 .. width - 1 at which any row of int32 codes changes."""
    return np.flatnonzero((codes[:, 1:] != codes[:, :-1]).any(axis=0)) + 1


def is_sharp(places: np.ndarray) -> bool:
    """Say whether no two edges, int (m,), touch, as in art enlarged by nearest neighbour."""
    return len(places) > 1 and int(np.diff(places).min()) >= _LEAST


def sharp_lines(
    xs: np.ndarray, width: int, ys: np.ndarray, height: int
) -> tuple[Lines, Lines, bool] | None:
    """Return the lines of both axes and whether they are sure, or None when edges are off any grid.

    xs, ys: `edge_places` of both axes, int (m,); width, height in px. Where only a grid of very
    small cells fits, the picture may have been resized twice: lines that are up to a whole pixel
    off are tried as well.
    """
    found = None
    for moves in (ONCE, TWICE):
        x, y = coarsest(xs, width, moves), coarsest(ys, height, moves)
        if x is not None and y is not None:
            found = found or (x, y, False)
            if min(x.narrowest, y.narrowest) < _SPARSE:
                return pair(x, y)
    return found


def coarsest(places: np.ndarray, length: int, moves: float = ONCE) -> Lines | None:
    """Return the lines of the longest period that every edge lies on, to within rounding.

    places: `edge_places`, int (m,); length: of the axis in px. moves: ONCE, or TWICE for a
    picture that was resized to nearest pixels two times.

    Candidates are the peaks of the mean resultant length of the edges (Rayleigh's test). For
    given line numbers the periods that fit form an interval, bounded by each pair of edges.
    """
    peaks = [
        np.round(places * frequency - phase).astype(int)
        for frequency, phase in _peaks(places, length)
    ]
    for most in (moves, moves + _TIES):
        fitting = (_through(places, numbers, length, most, _LEAST * moves) for numbers in peaks)
        lines = next((lines for lines in fitting if lines is not None), None)
        if lines is not None:
            return replace(lines, rival=_has_rival(lines, fitting))
    return None


def _has_rival(lines: Lines, others: Iterable[Lines | None]) -> bool:
    """Say whether one of the shorter periods that follow is near and counts cells otherwise.

    Across a gap without edges one cell more or less makes little difference to the period.
    """
    for other in others:
        if other is None:
            continue
        if other.period <= _RIVAL * lines.period:
            return False
        if not np.array_equal(np.diff(other.numbers), np.diff(lines.numbers)):
            return True
    return False


def with_period_of(other: Lines, places: np.ndarray, length: int) -> Lines | None:
    """Return the lines on this axis that share the period of the `other` axis, or None.

    places: `edge_places`, int (m,); length: of this axis in px.
    """
    frequency = 1 / other.period
    phase = np.angle(np.exp(2j * np.pi * frequency * places).sum()) / (2 * np.pi)
    numbers = np.round(places * frequency - phase).astype(int)
    most = other.moves + _TIES
    return _through(places, numbers, length, most, other.lowest, other.highest)


def pair(x: Lines, y: Lines) -> tuple[Lines, Lines, bool]:
    """Return the lines of both axes, and whether neither chance nor a coarser grid explains them.

    Cells are square where the edges allow it: the finer period is the better fixed one, since
    no period longer than the true one is ever missed.
    """
    fine, coarse = (x, y) if x.period <= y.period else (y, x)
    joined = with_period_of(fine, coarse.places, coarse.length)
    if joined is None:
        alone = min(x.evidence, y.evidence) >= _ENOUGH and not coarse.rival
        return x, y, alone and not fine.rival and _settled(x, y)
    share = (len(joined.places) - 1) * fine.bits
    enough = share >= _ENOUGH_JOINED and fine.evidence + share >= _ENOUGH and not fine.rival
    x, y = (fine, joined) if fine is x else (joined, fine)
    return x, y, bool(enough) and not _either(fine, coarse) and _settled(x, y)


def _either(fine: Lines, coarse: Lines) -> bool:
    """Say whether edges allow square cells as well as cells longer one way, and tell nothing."""
    if coarse.lowest <= fine.highest:
        return False
    times = round(coarse.period / fine.period)
    multiple = times >= 2 and coarse.lowest <= times * fine.highest
    multiple = multiple and times * fine.lowest <= coarse.highest
    return multiple or coarse.evidence >= _ENOUGH_ODD


def _settled(x: Lines, y: Lines) -> bool:
    """Say whether the lines reach the frame surely and edges rule every coarser grid out."""
    odd = x.odd * x.bits + y.odd * y.bits
    return bool(odd >= _ENOUGH_ODD) and max(x.drift, y.drift) <= _MOST_DRIFT


def _peaks(places: np.ndarray, length: int) -> Iterator[tuple[float, float]]:
    """Yield frequency (1 / px) and phase (turns) of each peak, the longest period first."""
    size = _OVERSAMPLE * length
    comb = np.zeros(length)
    comb[places] = 1 / len(places)
    spectrum = np.fft.rfft(comb, size)
    scores = np.abs(spectrum)
    frequencies = np.arange(len(scores)) / size
    after = np.append(scores[1:], 0.0)
    high = (scores >= np.roll(scores, 1)) & (scores >= after)
    # Lines rounded to pixels keep sin(pi f) / (pi f) of the resultant.
    high &= (frequencies >= FEWEST_CELLS / length) & (scores >= np.sinc(frequencies) - 0.2)
    for peak in np.flatnonzero(high):
        yield float(frequencies[peak]), float(-np.angle(spectrum[peak]) / (2 * np.pi))


def _through(
    places: np.ndarray,
    numbers: np.ndarray,
    length: int,
    moves: float,
    lowest: float,
    highest: float = np.inf,
) -> Lines | None:
    """Return the lines on which edge i is that of numbers[i], with a period in the interval."""
    if (np.diff(numbers) <= 0).any():
        return None
    for start in range(0, len(places) - 1, _BLOCK):
        first = slice(start, start + _BLOCK)
        apart = numbers[None, start + 1 :] - numbers[first, None]
        distance = places[None, start + 1 :] - places[first, None]
        ahead = apart > 0
        apart, distance = apart[ahead], distance[ahead]
        lowest = max(lowest, float(((distance - moves) / apart).max(initial=0)))
        highest = min(highest, float(((distance + moves) / apart).min(initial=np.inf)))
        if lowest >= highest:
            return None
    return _lines(places, numbers, length, moves, lowest, highest)


def _lines(
    places: np.ndarray,
    numbers: np.ndarray,
    length: int,
    moves: float,
    lowest: float,
    highest: float,
) -> Lines:
    """Return the lines, those that fill the picture exactly where they are among the possible."""
    period = (lowest + highest) / 2
    cells = round(length / period)
    if cells and lowest <= length / cells <= highest:
        rest = places - length / cells * np.round(places * cells / length)
        if np.abs(rest).max() <= moves and np.ptp(rest) <= moves:
            return Lines(length, length / cells, 0.0, lowest, highest, places, numbers, moves)
    rest = places - period * numbers
    offset = (rest.min() + rest.max()) / 2
    return Lines(length, period, float(offset), lowest, highest, places, numbers, moves)
