"""Catalog: cards, their prices and stock now, network volumes, and what a pod has cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from bespoke_gui.core.config.cards import match_name
from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.runpod.api import Api

CLOUDS = ("secure", "community")
STOCK = ("HIGH", "MEDIUM", "LOW", "", "NONE")
"""Levels of stock, the best first; "" where nothing is said."""


@dataclass(frozen=True)
class Offer:
    """One type of card in one cloud. memory: GB of one card; usd_per_hour: of one card, now.

    stock: one of STOCK. cuda: versions that machines with it offer, () where none are told.
    """

    id: str
    name: str
    memory: int
    cloud: str
    usd_per_hour: float
    stock: str
    cuda: tuple[str, ...] = ()
    most: int = 1

    @property
    def is_free(self) -> bool:
        """Whether one may be had now; nobody can promise it."""
        return self.stock != "NONE"

    def as_dict(self) -> dict[str, Any]:
        """Return the offer as the command line prints it."""
        return {**asdict(self), "cuda": list(self.cuda)}


def offers(api: Api, cloud: str = "secure", count: int = 1) -> list[Offer]:
    """Return what can be rented in a cloud now, the cheapest first."""
    query = {
        "include": "AVAILABILITY", "product": "POD", "cloud": cloud.upper(), "count": str(count)
    }  # fmt: skip
    found = [_offer(entry, cloud) for entry in api.items("/v2/catalog/gpus", "gpus", **query)]
    return sorted((one for one in found if one), key=lambda one: (one.usd_per_hour, one.id))


def candidates(names: Iterable[str], known: list[Offer]) -> list[Offer]:
    """Return the offers that names like "A100" mean, in the order of the names.

    A name that several cards have stands for all of them: those in stock first, then the cheapest.
    Raises AppError kind "usage" for a name that no card has.
    """
    chosen: list[Offer] = []
    for name in names:
        fitting = [one for one in known if match_name(name, [one.id, one.name])]
        exact = [one for one in known if name in (one.id, one.name)]
        if not fitting:
            some = ", ".join(one.name for one in known[:12]) or "none"
            hint = f"in this cloud there are: {some}"
            raise AppError(f"RunPod has no card {name!r}", hint=hint, kind="usage")
        ranked = sorted(
            exact or fitting, key=lambda one: (STOCK.index(one.stock) > 2, one.usd_per_hour)
        )
        chosen += [one for one in ranked if one not in chosen]
    return chosen


def volumes(api: Api) -> list[dict[str, Any]]:
    """Return the network volumes: id, name, size in GB, dataCenter."""
    found = api.items("/v2/network-volumes", "networkVolumes")
    return [entry for entry in found if isinstance(entry.get("id"), str)]


def billed(api: Api, pod_id: str) -> float | None:
    """Return the USD that RunPod itself has booked for a pod so far; it lags behind a little."""
    data = api.get("/v2/billing/pods", podId=pod_id, bucketSize="hour").data
    totals = data.get("metadata", {}).get("totals", {}) if isinstance(data, dict) else {}
    amount = totals.get("totalAmount") if isinstance(totals, dict) else None
    return float(amount) if isinstance(amount, (int, float)) else None


def _offer(entry: dict[str, Any], cloud: str) -> Offer | None:
    prices, most = entry.get("price"), entry.get("maxCount")
    price = prices.get(cloud) if isinstance(prices, dict) else None
    if not isinstance(entry.get("id"), str) or not isinstance(price, (int, float)):
        return None
    # A card that this cloud does not have has the price 0.
    if not entry.get(cloud, True) or price <= 0:
        return None
    stock = entry.get("availability")
    versions = entry.get("cudaVersions") or []
    return Offer(
        id=entry["id"], name=str(entry.get("name") or entry["id"]), cloud=cloud,
        memory=entry["memory"] if isinstance(entry.get("memory"), int) else 0,
        usd_per_hour=float(price), stock=stock if stock in STOCK else "",
        cuda=tuple(str(one.get("version")) for one in versions if isinstance(one, dict)),
        most=most.get(cloud, 1) if isinstance(most, dict) else 1,
    )  # fmt: skip
