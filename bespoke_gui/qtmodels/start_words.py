"""What is asked before money is spent, and before a run is stopped, in words. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels import run_place, wording
from bespoke_gui.qtmodels.place_desk import PlaceDesk
from bespoke_gui.qtmodels.place_work import RUNPOD
from bespoke_gui.qtmodels.train_work import Preflight

Choices = list[tuple[str, str]]


def place_words(desk: PlaceDesk) -> str:
    """Return where a training would start, as a tooltip says it."""
    if desk.backend == RUNPOD:
        price = desk.price()
        if price is None:
            return "Rents a card at RunPod and starts there"
        card = price.gpu.removeprefix("NVIDIA ")
        return f"Rents a {card} at ${price.usd_per_hour:.2f} an hour and starts there"
    return f"Starts on {desk.machine.name}" if desk.machine else "Starts on this computer"


def start_question(
    desk: PlaceDesk, first: Problem | None, result: Preflight | None
) -> tuple[str, str, Choices] | None:
    """Return the one question before a start, None where there is nothing to ask.

    first: the first finding that stands in the way.
    """
    money = money_words(desk, result) if desk.costs else ""
    if first is not None:
        text = "\n\n".join(filter(None, (f"{first.message}\n{first.hint}".strip(), money)))
        words = "Rent and start all the same" if desk.backend == RUNPOD else "Start all the same"
        return "Start in spite of errors?", text, [("back", "Look at it"), ("start", words)]
    if not money:
        return None
    if desk.backend == RUNPOD:
        return "Rent a machine and start?", money, [("start", "Rent and start")]
    return f"Start on {desk.place['machine']['name']}?", money, [("start", "Start")]


def money_words(desk: PlaceDesk, result: Preflight | None) -> str:
    """Return what a training would cost, with the basis of that, and how it ends."""
    lines, price = [], desk.price()
    if price is not None:
        lines.append(f"{price.gpu.removeprefix('NVIDIA ')}: ${price.usd_per_hour:.2f} an hour.")
    forecast = result.forecast if result else None
    if forecast is not None and forecast.time is not None and forecast.usd:
        low, _, high = forecast.usd
        span = f"{wording.duration(forecast.time.low)} to {wording.duration(forecast.time.high)}"
        basis = forecast.time.basis.split(";")[0].split(" (")[0]
        lines.append(f"Estimate: ${low:.2f} to ${high:.2f} ({span}), {basis}.")
    else:
        lines.append("How long it takes on this card is not known, so neither is the cost.")
    return "\n".join([*lines, *_rent_words(desk)])


def _rent_words(desk: PlaceDesk) -> list[str]:
    if desk.backend != RUNPOD:
        return []
    wish = desk.wish
    others = ", ".join(card.removeprefix("NVIDIA ") for card in wish.cards[1:])
    caps = [f"${wish.max_usd:.2f}"] if wish.max_usd else []
    caps += [f"{wish.max_hours:g} h"] if wish.max_hours else []
    cap = f"It is saved and ended at {' or '.join(caps)}." if caps else "There is no cap."
    end = "The machine is given back once every checkpoint is here and verified."
    if wish.keep_pod:
        end = "Afterwards the machine is only stopped: its disk goes on costing money."
    return [f"Tried after it: {others}." if others else "", cap, end]


def stop_question(job: Mapping[str, Any], generates: bool) -> tuple[str, Choices]:
    """Return the text and the choices before a run is stopped."""
    if generates:
        return "The pictures so far are kept.", [("stop", "Stop generating")]
    kept = "The checkpoints so far are kept, and the run can go on from here later."
    if not run_place.bills(job):
        return kept, [("stop", "Save and stop now"), ("epoch", "Stop after this epoch")]
    rate = job.get("usd_per_hour")
    costs = f" The machine costs ${rate:.2f} an hour." if isinstance(rate, (int, float)) else ""
    text = f"{kept}{costs} It is given back once every file is here and verified."
    return text, [
        ("stop", "Save, stop and give it back"),
        ("epoch", "After this epoch"),
        ("leave", "Leave it running"),
    ]


def release_question(job: Mapping[str, Any], state: str) -> tuple[str, Choices]:
    """Return the text and the choices before a rented machine is given back at once."""
    missing = job.get("missing")
    names = [str(name) for name in missing] if isinstance(missing, list) else []
    lost = "Nothing is missing here."
    if names:
        lost = f"{wording.count(len(names), 'file')} not here yet would be lost: {names[0]}"
        lost += " and others." if len(names) > 1 else "."
    if state == "running":
        lost = f"The training ends at once, without saving. {lost}"
    choices = [("release", "Give it back now")]
    return lost, [("fetch", "Fetch what is missing first"), *choices] if names else choices
