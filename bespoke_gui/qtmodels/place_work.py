"""Places: what a training can run on, what a machine says of itself, what can be rented. No Qt."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bespoke_gui.core import secrets
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.machines import (
    Machine,
    fingerprint,
    load_machines,
    pin,
    pinned_keys,
    unpin,
)
from bespoke_gui.core.machines import remove_machine as remove_machine
from bespoke_gui.core.machines import save_machine as save_machine
from bespoke_gui.launch.sd_scripts import known_checkout as known_checkout
from bespoke_gui.qtmodels import wording

if TYPE_CHECKING:
    from bespoke_gui.launch.remote.probe import Probe
    from bespoke_gui.launch.runpod.catalog import Offer

LOCAL, SSH, RUNPOD = "local", "ssh", "runpod"
CLOUDS = ("secure", "community")
OK, UNKNOWN, CHANGED, FAILED = "ok", "unknown", "changed", "failed"
KEY_WORDS = {
    UNKNOWN: "was never used from here, so its key is not known yet; nothing was sent",
    CHANGED: "shows another key than before; nothing was sent",
}
CLOSE_S = 0.05
HUB_VARIABLE = "HF_TOKEN"
KEY_HINT = "compare its key under Where"


@dataclass(frozen=True)
class Looked:
    """What a look at a machine brought; state: OK, UNKNOWN or CHANGED (its host key), or FAILED.

    words: what it has, or what is wrong; key: the host key it shows, as it would be pinned.
    """

    state: str
    words: str
    hint: str = ""
    key: str = ""
    problems: tuple[Problem, ...] = ()
    gpu: str = ""
    at: float = 0.0

    @property
    def fingerprint(self) -> str:
        """The host key as people compare it."""
        return fingerprint(self.key) if self.key else ""


@dataclass(frozen=True)
class RentWish:
    """What to rent: ids of cards in the order in which they are tried, and what it may cost."""

    cards: tuple[str, ...] = ()
    cloud: str = CLOUDS[0]
    max_usd: float | None = 5.0
    max_hours: float | None = 12.0
    volume: str = ""
    keep_pod: bool = False

    def as_place(self) -> dict[str, Any]:
        """Return what spec.json keeps of it; there is no secret in it."""
        asked = {
            "gpus": list(self.cards), "cloud": self.cloud, "max_usd": self.max_usd,
            "max_hours": self.max_hours, "volume": self.volume, "keep_pod": self.keep_pod,
        }  # fmt: skip
        return {name: value for name, value in asked.items() if value not in (None, "", False)}


@dataclass(frozen=True)
class Volume:
    """A network volume of the account. size: GB; region: the data center it lies in."""

    id: str
    name: str
    size: int
    region: str

    @property
    def names(self) -> tuple[str, str]:
        """What it can be asked for by."""
        return self.id, self.name

    @property
    def words(self) -> str:
        """The volume in one line."""
        return f"{self.name or self.id} · {self.size} GB in {self.region}"


@dataclass(frozen=True)
class Market:
    """What can be rented now, and when that was asked; problem: why it is not known, in words.

    volumes: the network volumes of the account.

    has_key: whether there is a key at all; where: in words, where it is or would be kept.
    """

    offers: tuple[Offer, ...] = ()
    volumes: tuple[Volume, ...] = ()
    problem: str = ""
    has_key: bool = False
    where: str = ""
    at: float = field(default_factory=time.time)


def saved_machines() -> list[Machine]:
    """Return the saved machines by name."""
    return list(load_machines().values())


def look(machine: Machine) -> Looked:
    """Connect to a machine and ask what it has. Takes seconds; never raises.

    A host key that is not pinned, or is another than the pinned one, ends the look at once:
    nothing was sent.
    """
    from bespoke_gui.launch.remote.link import LinkLost

    try:
        return asyncio.run(_look(machine))
    except LinkLost as error:
        return Looked(FAILED, str(error), "check its address and that it is on", at=time.time())
    except AppError as error:
        return Looked(FAILED, error.message, error.hint, at=time.time())


def trust(machine: Machine, key: str) -> None:
    """Let a machine show this host key from now on, and no other."""
    unpin(machine.host, machine.port)
    pin(machine.host, machine.port, key)


def market(cloud: str) -> Market:
    """Ask RunPod what can be rented now. Takes seconds; never raises."""
    from bespoke_gui.launch.runpod import prices
    from bespoke_gui.launch.runpod.words import SERVICE

    where = secrets.describe(secrets.where(SERVICE), SERVICE)
    if not prices.has_key():
        return Market(where=where)
    try:
        offers = tuple(prices.live_offers(cloud))
        return Market(offers, _volumes(), has_key=True, where=where)
    except AppError as error:
        return Market(problem=str(error), has_key=True, where=where)


def _volumes() -> tuple[Volume, ...]:
    from bespoke_gui.launch.runpod import prices

    return tuple(
        Volume(one["id"], str(one.get("name") or ""), _whole(one.get("size")),
               str(one.get("dataCenter") or "?"))
        for one in prices.live_volumes()
    )  # fmt: skip


def _whole(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0


def keep_key(text: str) -> str:
    """Keep the RunPod key and return in words where; raises AppError for what is no key."""
    from bespoke_gui.launch.runpod.words import SERVICE

    return secrets.describe(secrets.set(SERVICE, text), SERVICE)


@dataclass(frozen=True)
class TokenState:
    """Whether there is a token of the Hugging Face hub, in words; ours: it can be forgotten."""

    words: str
    ours: bool


def token_state() -> TokenState:
    """Return where the token of the hub is; may wait for the keyring."""
    from bespoke_gui.launch.remote.lent import HUB

    place = secrets.where(HUB)
    if secrets.get(HUB) is not None:
        return TokenState(
            f"The token is {secrets.describe(place, HUB)}.", place != secrets.ENVIRONMENT
        )
    if os.environ.get(HUB_VARIABLE):
        return TokenState(f"There is a token in the environment, as {HUB_VARIABLE}.", False)
    return TokenState(f"There is none yet; it would be {secrets.describe(place, HUB)}.", False)


def keep_token(text: str) -> None:
    """Keep the token of the hub; raises AppError for what is none."""
    from bespoke_gui.launch.remote.lent import HUB

    secrets.set(HUB, text)


def forget_token() -> None:
    """Forget the token of the hub; raises AppError when the keyring keeps it."""
    from bespoke_gui.launch.remote.lent import HUB

    secrets.forget(HUB)


def machine_problems(machine: Machine, looked: Looked | None) -> list[Problem]:
    """Return what stands in the way of a training on a saved machine."""
    if looked is None:
        hint = "Check connection tells what it has before anything is sent"
        message = f"{machine.name} was not checked yet"
        return [Problem("machine_unchecked", "warning", message, hint=hint)]
    if looked.state != OK:
        words = f"{machine.name} {looked.words}" if looked.key else looked.words
        return [Problem(f"machine_{looked.state}", "error", words, hint=looked.hint)]
    return list(looked.problems)


def rent_problems(wish: RentWish, found: Market | None) -> list[Problem]:
    """Return what stands in the way of renting."""
    if found is None:
        return [Problem("rent_asking", "error", "prices are still being asked for")]
    if not found.has_key:
        hint = "enter it under Where"
        return [Problem("rent_no_key", "error", "there is no RunPod key yet", hint=hint)]
    if found.problem:
        hint = "ask again, or start all the same"
        return [Problem("rent_unknown", "warning", found.problem, hint=hint)]
    return [*_card_problems(wish, found), *_rent_terms(wish, found)]


def _card_problems(wish: RentWish, found: Market) -> Iterator[Problem]:
    known = {offer.id: offer for offer in found.offers}
    if not wish.cards:
        hint = "tick one or more under Where"
        yield Problem("rent_no_card", "error", "no card is ticked", hint=hint)
    elif not any(card in known and known[card].is_free for card in wish.cards):
        words = "none of the ticked cards is free now"
        yield Problem("rent_none_free", "warning", words, hint="tick more cards, or another cloud")


def _rent_terms(wish: RentWish, found: Market) -> Iterator[Problem]:
    if wish.volume and not any(wish.volume in one.names for one in found.volumes):
        words = f"there is no network volume {wish.volume} in the account"
        yield Problem("rent_no_volume", "error", words, hint="choose another, or none")
    if wish.max_usd is None and wish.max_hours is None:
        hint = "a run that hangs would cost money until somebody looks"
        yield Problem("rent_no_cap", "warning", "there is no cap in USD or hours", hint=hint)


def first_offer(wish: RentWish, found: Market | None) -> Offer | None:
    """Return the offer that would be taken now: the first ticked card that is free."""
    known = {offer.id: offer for offer in found.offers} if found else {}
    ticked = [known[card] for card in wish.cards if card in known]
    return next((offer for offer in ticked if offer.is_free), ticked[0] if ticked else None)


def _described(probe: Probe, machine: Machine) -> Looked:
    from bespoke_gui.core.runspec import RunSpec
    from bespoke_gui.launch.remote.probe import problems

    engine = "kohya" if machine.sd_scripts else "lora"
    found = problems(probe, RunSpec(run="", engine=engine, base=""), machine)
    names = [f"{gpu.name.removeprefix('NVIDIA ')}, {gpu.memory_gb:.0f} GB" for gpu in probe.gpus]
    versions = sorted({".".join(map(str, one.version[:2])) for one in probe.pythons})
    parts = [
        " + ".join(names) or "no GPU", f"{wording.size(probe.disk_free)} of disk free",
        f"Python {', '.join(versions)}" if versions else "no Python",
    ]  # fmt: skip
    gpu = probe.gpus[0].name if probe.gpus else ""
    return Looked(OK, " · ".join(parts), "", "", tuple(found), gpu, time.time())


async def _look(machine: Machine) -> Looked:
    from bespoke_gui.launch.remote.bootstrap import find_site, look_at
    from bespoke_gui.launch.remote.connect import connect, server_key
    from bespoke_gui.launch.remote.waits import load_waits

    waits = load_waits()
    try:
        key = await server_key(machine, waits)
        pinned = pinned_keys(machine.host, machine.port)
        if key not in pinned:
            state = CHANGED if pinned else UNKNOWN
            return Looked(state, KEY_WORDS[state], KEY_HINT, key, at=time.time())
        link = await connect(machine, waits)
        try:
            probe = await look_at(link, await find_site(link, machine), machine)
        finally:
            await link.close()
        return _described(probe, machine)
    finally:
        # What asyncssh gave up is closed in the next turns of the loop, which ends here.
        await asyncio.sleep(CLOSE_S)
