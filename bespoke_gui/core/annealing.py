"""Annealing: which epochs were saved after the learning rate had fallen, and which before."""

from __future__ import annotations

from collections.abc import Mapping

ANNEALED = 0.10
"""At or below this share of the highest rate of its run an epoch counts as annealed."""


def shares(rates: Mapping[int, float | None]) -> dict[int, float]:
    """Return by epoch its learning rate as a share (0 to 1) of the highest of all.

    Empty where fewer than two epochs have a rate or none is above 0: then nothing can be told
    apart. Epochs without a rate are left out.
    """
    known = {epoch: rate for epoch, rate in rates.items() if rate is not None}
    highest = max(known.values(), default=0.0)
    if len(known) < 2 or highest <= 0:
        return {}
    return {epoch: rate / highest for epoch, rate in known.items()}


def is_annealed(share: float) -> bool:
    """Say whether weights saved at that share of the highest rate had settled."""
    return share <= ANNEALED
