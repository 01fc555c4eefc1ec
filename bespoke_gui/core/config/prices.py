"""Prices of rented cards: what the user says, else the dated samples that ship with Bespoke."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass

from bespoke_gui.core.config.cards import match_name
from bespoke_gui.core.resources import resource


@dataclass(frozen=True)
class Price:
    """USD an hour, and where the figure is from. sample: it is dated, not today's."""

    gpu: str
    usd_per_hour: float
    basis: str
    sample: bool


@functools.cache
def sample_prices() -> dict[str, Price]:
    """Return the sample prices by the card's name."""
    rows = tomllib.loads(resource("gpu_prices.toml").read_text(encoding="utf-8"))["price"]
    return {row["gpu"]: _price(row) for row in rows}


def price_of(gpu: str, usd_per_hour: float | None = None) -> Price | None:
    """Return the price to reckon with, or None when none was given and there is no sample."""
    if usd_per_hour is not None:
        return Price(gpu, usd_per_hour, f"${usd_per_hour:g} an hour as given", sample=False)
    return sample_prices().get(match_name(gpu, sample_prices()))


def _price(row: dict) -> Price:
    usd = float(row["usd_per_hour"])
    basis = f"sample price ${usd:g} an hour ({row['what']}, {row['date']}): not today's"
    return Price(row["gpu"], usd, basis, sample=True)
