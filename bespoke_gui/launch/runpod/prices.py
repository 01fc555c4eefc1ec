"""Prices: what a card costs at RunPod now, for estimates; dated samples where nobody can ask."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from bespoke_gui.core import secrets
from bespoke_gui.core.config.prices import Price
from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.runpod import catalog
from bespoke_gui.launch.runpod.api import Api, account
from bespoke_gui.launch.runpod.catalog import Offer
from bespoke_gui.launch.runpod.waits import rent_waits
from bespoke_gui.launch.runpod.words import SERVICE

PATIENCE_S = 8.0


def has_key() -> bool:
    """Whether RunPod can be asked at all."""
    return bool(secrets.get(SERVICE))


def live_offers(cloud: str = "secure", count: int = 1) -> list[Offer]:
    """Return what can be rented now; raises AppError when RunPod does not say it soon."""
    return catalog.offers(_impatient(), cloud, count)


def live_volumes() -> list[dict[str, Any]]:
    """Return the network volumes of the account; raises AppError as `live_offers` does."""
    return catalog.volumes(_impatient())


def _impatient() -> Api:
    api = account()
    api.waits = replace(rent_waits(), api=min(rent_waits().api, PATIENCE_S), api_tries=1)
    return api


def live_price(gpu: str, cloud: str = "secure", count: int = 1) -> Price:
    """Return the price of the card that would be tried first; raises AppError for none."""
    return price_from(catalog.candidates([gpu], live_offers(cloud, count))[0], count)


def price_from(offer: Offer, count: int = 1) -> Price:
    """Return an offer as a price, with when it was asked for."""
    usd = offer.usd_per_hour * count
    when = time.strftime("%Y-%m-%d %H:%M")
    many = f"{count} x " if count > 1 else ""
    basis = f"live price ${usd:g} an hour ({many}{offer.id}, RunPod, {offer.cloud} cloud, {when})"
    return Price(offer.id, usd, basis, sample=False)


def best_price(gpu: str) -> tuple[Price | None, str]:
    """Return the live price of a card, or None and why there is none ("" without a key)."""
    if not has_key():
        return None, ""
    try:
        return live_price(gpu), ""
    except AppError as error:
        return None, str(error)
