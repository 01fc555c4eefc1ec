"""Bradley-Terry: strengths from paired choices, with intervals.

Bradley and Terry (1952): i is chosen over j with probability s_i / (s_i + s_j). Fitted by the MM
algorithm of Hunter (2004, Annals of Statistics 32). A tie is half a win for each. One imagined
draw of each against an average opponent keeps strengths finite where one always wins; it pulls
all slightly to the average. Intervals come from the Fisher information at the fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

IMAGINED = 1.0  # comparisons with the average opponent, half of them won
TOLERANCE = 1e-6
STEPS = 10_000
Z95 = 1.959964


@dataclass(frozen=True, eq=False)
class Fit:
    """theta: log strengths, float64 (n,), their mean 0; covariance (n, n) of them."""

    theta: np.ndarray
    covariance: np.ndarray

    def interval(self, item: int) -> tuple[float, float]:
        """Return the 95% interval of one log strength."""
        half = Z95 * float(np.sqrt(self.covariance[item, item]))
        return float(self.theta[item]) - half, float(self.theta[item]) + half

    def difference(self, one: int, other: int) -> tuple[float, float, float]:
        """Return the difference of two log strengths with its 95% interval."""
        value = float(self.theta[one] - self.theta[other])
        half = Z95 * float(np.sqrt(self.variance(one, other)))
        return value, value - half, value + half

    def variance(self, one: int, other: int) -> float:
        """Return the variance of the difference of two log strengths."""
        c = self.covariance
        return float(c[one, one] + c[other, other] - 2 * c[one, other])


def fit(wins: np.ndarray) -> Fit:
    """Fit strengths to `wins`, float (n, n): how often row was chosen over column (ties 0.5).

    Raises ValueError for a table that is not square or holds negative numbers.
    """
    wins = np.asarray(wins, np.float64)
    if wins.ndim != 2 or wins.shape[0] != wins.shape[1] or (wins < 0).any():
        raise ValueError("wins must be a square table of numbers from 0")
    games = wins + wins.T
    np.fill_diagonal(games, 0)
    won = wins.sum(axis=1) - np.diag(wins) + IMAGINED / 2
    strength = np.ones(len(wins))
    for _ in range(STEPS):
        sums = strength[:, None] + strength[None]
        fresh = won / ((games / sums).sum(axis=1) + IMAGINED / (strength + 1))
        moved = np.abs(np.log(fresh / strength)).max(initial=0)
        strength = fresh
        if moved < TOLERANCE:
            break
    theta = np.log(strength)
    return _centred(theta, np.linalg.inv(information(theta, games)))


def _centred(theta: np.ndarray, covariance: np.ndarray) -> Fit:
    """Return the fit with strengths relative to their mean: only differences mean something."""
    count = len(theta)
    middle = np.eye(count) - np.full((count, count), 1 / count)
    return Fit(theta - theta.mean(), middle @ covariance @ middle)


def information(theta: np.ndarray, games: np.ndarray) -> np.ndarray:
    """Return the Fisher information, float64 (n, n), with the games that are imagined.

    theta: log strengths, float64 (n,); games: how often row met column, float64 (n, n).
    """
    chance = chances(theta)
    weight = games * chance * (1 - chance)
    own = 1 / (1 + np.exp(-theta))
    return np.diag(weight.sum(axis=1) + IMAGINED * own * (1 - own)) - weight


def chances(theta: np.ndarray) -> np.ndarray:
    """Return float64 (n, n): how likely row is chosen over column."""
    return 1 / (1 + np.exp(theta[None] - theta[:, None]))


def count_wins(count: int, choices: Sequence[tuple[int, int, float]]) -> np.ndarray:
    """Return the table for `fit`, float64 (count, count): how often row beat column.

    choices: (one, other, share of the win that goes to one, 0 to 1).
    """
    wins = np.zeros((count, count))
    for one, other, share in choices:
        wins[one, other] += share
        wins[other, one] += 1 - share
    return wins
