"""Place steps: what can be done at once about a finding that no edit of the config mends. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels.place_work import RUNPOD, RentWish

if TYPE_CHECKING:
    from bespoke_gui.launch.runpod.catalog import Offer
    from bespoke_gui.qtmodels.place_desk import PlaceDesk


@dataclass(frozen=True)
class Step:
    """One button: its words, what they mean, and the order to carry out with its value."""

    words: str
    tip: str
    order: str
    value: Any = None


LOOK = Step("Check connection", "Connect and ask what the machine has", "look")
AGAIN = Step("Try again", "Connect and ask what the machine has", "look")
TRUST = Step("Compare its key…", "Shows the key, and asks whether to trust it", "trust")
EDIT = Step("Edit the machine…", "Change address, key, folders, Python or number of GPUs", "edit")
WHERE = Step("Choose another place", "Opens the list of places", "where")
KEY = Step("Enter the key", "Go to the field for the RunPod key", "key")
MARKET = Step("Ask again", "Ask RunPod for prices and what is free", "market")
BROWSE = Step("Choose a folder…", "Choose a folder with a base model", "browse")
TOKEN = Step("Hugging Face token…", "Keep the token that gated models need", "token")
CHECKOUT = Step("Choose the folder…", "Choose a folder with kohya's sd-scripts", "checkout")
BUILT_IN = Step("Use the built-in trainer", "Train with Bespoke's own trainer", "trainer", "lora")
NO_VOLUME = Step("Without a volume", "Work on a disk of the machine's own", "volume", "")
CLEAN = Step("Clean up…", "See what earlier runs left on the machine, and remove it", "clean")
RUNS = Step("Open the folder", "Show the folder of runs, to take away what is not needed", "runs")
USUAL = RentWish()
_SAME: dict[str, tuple[Step, ...]] = {
    "machine_unchecked": (LOOK,),
    "machine_unknown": (TRUST,),
    "machine_changed": (TRUST, WHERE),
    "machine_failed": (AGAIN, EDIT),
    "no_gpu": (AGAIN, WHERE),
    "few_gpus": (EDIT,),
    "one_gpu_used": (EDIT,),
    "old_driver": (AGAIN, WHERE),
    "no_venv": (AGAIN, EDIT),
    "no_python": (EDIT,),
    "missing_packages": (AGAIN, EDIT),
    "little_disk": (CLEAN, AGAIN, WHERE),
    "little_disk_here": (RUNS, WHERE),
    "rent_no_key": (KEY,),
    "rent_unknown": (MARKET,),
    "rent_no_volume": (NO_VOLUME,),
    "missing_base": (BROWSE,),
    "unfit_base": (BROWSE,),
    "base_fetched": (TOKEN,),
    "embedded_kohya": (BUILT_IN, BROWSE),
    "no_checkout": (CHECKOUT, BUILT_IN),
}


def steps_for(problem: Problem, places: PlaceDesk, values: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return what can be done about a finding; values: the options of the config."""
    maker = _MADE.get(problem.code)
    return maker(places, values) if maker else _SAME.get(problem.code, ())


def _cheapest(
    places: PlaceDesk, values: Mapping[str, Any], but: tuple[str, ...] = ()
) -> Offer | None:
    """The cheapest card that is free and holds a training of this size."""
    from bespoke_gui.core.config.speeds import memory_measured, shape_of

    needed = memory_measured(shape_of(values))
    offers = places.market.offers if places.market else ()
    fitting = (one for one in offers if one.is_free and one.memory >= needed and one.id not in but)
    return min(fitting, key=lambda one: one.usd_per_hour, default=None)


def _rent(words: str, offer: Offer | None, before: tuple[str, ...] = ()) -> tuple[Step, ...]:
    if offer is None:
        return (WHERE,)
    button = f"{words} {offer.name}, ${offer.usd_per_hour:.2f} an hour"
    tip = f"{offer.id}, {offer.memory} GB: the cheapest that is free and holds this training"
    return (Step(button, tip, "cards", (*before, offer.id)),)


def _no_card(places: PlaceDesk, values: Mapping[str, Any]) -> tuple[Step, ...]:
    return _rent("Take", _cheapest(places, values))


def _none_free(places: PlaceDesk, values: Mapping[str, Any]) -> tuple[Step, ...]:
    cards = places.wish.cards
    return (*_rent("Also try", _cheapest(places, values, cards), cards), MARKET)


def _no_cap(places: PlaceDesk, values: Mapping[str, Any]) -> tuple[Step, ...]:
    words = f"End it at ${USUAL.max_usd:g} or {USUAL.max_hours:g} h"
    return (Step(words, "At either the run is saved and the machine stopped", "caps"),)


def _too_little(places: PlaceDesk, values: Mapping[str, Any]) -> tuple[Step, ...]:
    if places.backend != RUNPOD:
        return (WHERE,)
    return _rent("Rent", _cheapest(places, values, places.wish.cards))


_MADE: dict[str, Callable[[PlaceDesk, Mapping[str, Any]], tuple[Step, ...]]] = {
    "rent_no_card": _no_card,
    "rent_none_free": _none_free,
    "rent_no_cap": _no_cap,
    "too_little_memory": _too_little,
}
