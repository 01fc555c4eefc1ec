"""Quote: what would be rented for a run, and what it would cost, before anything is paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core.config.estimate import Estimate
from bespoke_gui.core.config.forecast import Forecast, forecast_or_reason
from bespoke_gui.core.config.prices import Price
from bespoke_gui.core.dataset import TRAINER_SUFFIXES
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.launch.runpod import catalog, money
from bespoke_gui.launch.runpod.catalog import Offer
from bespoke_gui.launch.runpod.prices import live_offers, price_from
from bespoke_gui.launch.runpod.wish import Wish, image_problem, wish_from


@dataclass(frozen=True)
class Quote:
    """The offers that would be tried, in order; each can be driven by the wished image."""

    wish: Wish
    offers: list[Offer]

    @property
    def price(self) -> Price:
        """The price of the first one that is in stock."""
        free = [offer for offer in self.offers if offer.is_free]
        return price_from((free or self.offers)[0], self.wish.count)


@dataclass(frozen=True)
class Cost:
    """What a run would cost. usd: (low, likely, high); time and usd None where nothing is known."""

    price: Price
    steps: int
    time: Estimate | None
    usd: tuple[float, float, float] | None
    cap: str = ""
    is_over: bool = False

    @property
    def words(self) -> str:
        """The cost, its basis and the cap in lines for people."""
        if self.time is None or self.usd is None:
            lines = [f"how long it takes on {self.price.gpu} is not known; {self.price.basis}"]
        else:
            low, likely, high = (money.usd(amount) for amount in self.usd)
            lines = [
                f"{self.steps} steps: {self.time.words}",
                f"{low} to {high}, likely {likely}; {self.price.basis}",
                f"from {self.time.basis}",
            ]
        lines.append(f"it is saved and ended at {self.cap}" if self.cap else "there is no cap")
        if self.is_over:
            lines.append("that is less than it will likely take: it would not get to its end")
        return "\n".join(lines)


def quote(place: Mapping[str, Any]) -> Quote:
    """Ask RunPod for what a wish means now.

    Raises AppError: kind "usage" for a wish that makes no sense or an unknown card, "auth",
    "network", and "capacity" when none of the cards can be used with the image.
    """
    wish = wish_from(dict(place))
    found = catalog.candidates(wish.gpus, live_offers(wish.cloud, wish.count))
    problems = {offer.id: image_problem(wish.image, offer.id) for offer in found}
    usable = [offer for offer in found if not problems[offer.id]]
    if not usable:
        hint = "name other cards, or another image"
        raise AppError(next(iter(problems.values())), hint=hint, kind="capacity")
    return Quote(wish, usable)


def cost_of(spec: RunSpec, quoted: Quote) -> Cost:
    """Return what a training would cost on the first card of a quote that is in stock."""
    price, wish = quoted.price, quoted.wish
    found = forecast_for(spec, price.gpu, price.usd_per_hour)
    cap = money.caps_words(wish.max_usd, wish.max_hours)
    if found is None or found.time is None or found.usd is None:
        return Cost(price, found.plan.total_steps if found else 0, None, None, cap)
    hours = found.time.whole()[1] / 3600
    over_usd = wish.max_usd is not None and found.usd[1] > wish.max_usd
    over_hours = wish.max_hours is not None and hours > wish.max_hours
    return Cost(
        price, found.plan.total_steps, found.time, found.usd, cap, is_over=over_usd or over_hours
    )


def forecast_for(spec: RunSpec, gpu: str, usd_per_hour: float) -> Forecast | None:
    """Return what a training will do and cost on a card, None where it cannot be planned."""
    values = {**spec.config, "pretrained_model_name_or_path": spec.base}
    found, _ = forecast_or_reason(
        values, _images(spec), gpu=gpu, engine=spec.engine, usd_per_hour=usd_per_hour
    )
    return found


def _images(spec: RunSpec) -> int:
    """Images x repeats of a spec, those left out aside."""
    total = 0
    for item in spec.data:
        names = [path.name for path in Path(item.folder).iterdir() if _is_image(path)]
        total += len(set(names) - set(item.excluded)) * item.repeats
    return total


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in TRAINER_SUFFIXES
