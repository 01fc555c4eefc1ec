"""Place desk: where the next training runs: here, on a saved machine, or on a card to rent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.config.prices import Price
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.machines import Machine
from bespoke_gui.qtmodels import place_work as work
from bespoke_gui.qtmodels.place_work import LOCAL, RUNPOD, SSH, Looked, Market, RentWish
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

MEMORY = "train_place"
WISH = "window"
SAVE_MS = 400
MARKET_MS = 60_000


class PlaceDesk(QObject):
    """Knows the places and asks after them in the background.

    `listed` comes when the saved machines are others, `chosen_changed` when another place is
    chosen or what is asked of it changes, `looked` with a machine's name once it was looked at,
    `market_changed` when prices or the key are others. `key` of a place: "local", "runpod", or
    "ssh:NAME". `checkout` is the folder of sd-scripts on this computer, "" for none.
    """

    listed = Signal()
    chosen_changed = Signal()
    looked = Signal(str)
    market_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.machines: dict[str, Machine] = {}
        self.looks: dict[str, Looked] = {}
        self.looking: set[str] = set()
        self.market: Market | None = None
        self.is_asking = False
        self.key = LOCAL
        self.checkout = work.known_checkout()
        self.wish = _wish_of(session.settings.runpod.get(WISH))
        self._saving = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._saving.timeout.connect(session.save_settings)
        self._again = QTimer(self, interval=MARKET_MS)
        self._again.timeout.connect(self.ask_market)
        session.project_changed.connect(self._on_project)
        self._on_project()

    # -- places -----------------------------------------------------------------------------

    def read(self) -> None:
        """Read the saved machines again."""

        def done(found: list[Machine]) -> None:
            self.machines = {machine.name: machine for machine in found}
            if self.key.startswith(f"{SSH}:") and self.machine is None:
                self.choose(LOCAL)
            self.listed.emit()
            self.chosen_changed.emit()

        run_task(work.saved_machines, done, self._session.show_error, parent=self)

    def choose(self, key: str) -> None:
        """Choose a place by its key."""
        if key != self.key:
            self.key = key
            self._session.view.set(MEMORY, key)
        if key == RUNPOD and self.market is None:
            self.ask_market()
        if key == RUNPOD:
            self._again.start()
        else:
            self._again.stop()
        self.chosen_changed.emit()

    @property
    def backend(self) -> str:
        """The name of the launch backend that is meant."""
        return self.key.partition(":")[0]

    @property
    def machine(self) -> Machine | None:
        """The saved machine that is chosen."""
        return self.machines.get(self.key.partition(":")[2])

    @property
    def place(self) -> dict[str, Any]:
        """What a spec asks of the backend."""
        if self.backend == RUNPOD:
            return self.wish.as_place()
        return {"machine": self.machine.as_dict()} if self.machine else {}

    @property
    def costs(self) -> bool:
        """Whether a training there costs money."""
        machine = self.machine
        return self.backend == RUNPOD or bool(machine and machine.usd_per_hour)

    def problems(self) -> list[Problem]:
        """What stands in the way of a training there."""
        if self.backend == RUNPOD:
            return work.rent_problems(self.wish, self.market)
        machine = self.machine
        return work.machine_problems(machine, self.looks.get(machine.name)) if machine else []

    def gpu(self) -> str:
        """Return the card that time and cost are told for, "" for this computer's."""
        if self.backend == RUNPOD:
            offer = work.first_offer(self.wish, self.market)
            return offer.id if offer else ""
        looked = self.looks.get(self.machine.name) if self.machine else None
        return looked.gpu if looked else ""

    def price(self) -> Price | None:
        """Return what an hour there costs, as far as it is known."""
        machine = self.machine
        if machine is not None and machine.usd_per_hour:
            basis = f"${machine.usd_per_hour:g} an hour as you said"
            return Price(self.gpu(), machine.usd_per_hour, basis, sample=False)
        offer = work.first_offer(self.wish, self.market) if self.backend == RUNPOD else None
        if offer is None:
            return None
        from bespoke_gui.launch.runpod.prices import price_from

        return price_from(offer)

    # -- saved machines ---------------------------------------------------------------------

    def save(self, machine: Machine, then: Callable[[], object]) -> None:
        """Keep a machine, choose it, and call `then`."""

        def done(_: object) -> None:
            self.looks.pop(machine.name, None)
            self.machines[machine.name] = machine
            self.read()
            self.choose(f"{SSH}:{machine.name}")
            then()

        run_task(lambda: work.save_machine(machine), done, self._session.show_error, parent=self)

    def remove(self, name: str) -> None:
        """Forget a machine; nothing there is touched."""
        run_task(lambda: work.remove_machine(name), lambda _: self.read(),
                 self._session.show_error, parent=self)  # fmt: skip

    def look(self, machine: Machine) -> None:
        """Connect to a machine and ask what it has; `looked` follows."""
        if machine.name in self.looking:
            return

        def done(found: Looked) -> None:
            self.looks[machine.name] = found

        def ended() -> None:
            self.looking.discard(machine.name)
            self.looked.emit(machine.name)
            self.chosen_changed.emit()

        self.looking.add(machine.name)
        self.looked.emit(machine.name)
        run_task(lambda: work.look(machine), done, self._session.show_error, None, self, ended)

    def trust(self, machine: Machine, key: str) -> None:
        """Let a machine show this host key from now on, and look at it again."""
        run_task(lambda: work.trust(machine, key), lambda _: self.look(machine),
                 self._session.show_error, parent=self)  # fmt: skip

    # -- renting ----------------------------------------------------------------------------

    def ask_market(self) -> None:
        """Ask for prices and what is free."""
        if self.is_asking:
            return
        cloud = self.wish.cloud

        def done(found: Market) -> None:
            if cloud == self.wish.cloud:
                self.market = found

        def ended() -> None:
            self.is_asking = False
            self.market_changed.emit()
            self.chosen_changed.emit()
            if cloud != self.wish.cloud:
                self.ask_market()

        self.is_asking = True
        self.market_changed.emit()
        run_task(lambda: work.market(cloud), done, self._session.show_error, None, self, ended)

    def keep_key(self, text: str) -> None:
        """Keep the RunPod key where `core.secrets` says, and ask for prices with it."""

        def done(where: str) -> None:
            self._session.notify("good", f"The RunPod key is {where}")
            self.ask_market()

        run_task(lambda: work.keep_key(text), done, self._session.show_error, parent=self)

    def tick(self, card: str, ticked: bool) -> None:
        """Put a card behind the others to be tried, or leave it out."""
        others = tuple(one for one in self.wish.cards if one != card)
        self.ask_for(cards=(*others, card) if ticked else others)

    def ask_for(self, **values: Any) -> None:
        """Change what is to be rented, and remember it."""
        before, self.wish = self.wish, replace(self.wish, **values)
        if self.wish == before:
            return
        runpod = {**self._session.settings.runpod, WISH: asdict(self.wish)}
        self._session.settings.runpod = runpod
        self._saving.start()
        if self.wish.cloud != before.cloud:
            self.ask_market()
        self.chosen_changed.emit()

    def _on_project(self) -> None:
        if self._session.project is not None:
            self.key = self._session.view.get(MEMORY, LOCAL)
            self.read()
            self.choose(self.key)


def _wish_of(kept: object) -> RentWish:
    """Return the wish of an earlier window; what makes no sense is left out."""
    if not isinstance(kept, Mapping):
        return RentWish()
    usual = RentWish()
    found: dict[str, Any] = {}
    for one in fields(RentWish):
        value, default = kept.get(one.name), getattr(usual, one.name)
        if one.name == "cards" and isinstance(value, (list, tuple)):
            found["cards"] = tuple(card for card in value if isinstance(card, str))
        elif one.name in ("max_usd", "max_hours") and one.name in kept:
            found[one.name] = _cap(value)
        elif isinstance(value, type(default)):
            found[one.name] = value
    wish = RentWish(**found)
    return wish if wish.cloud in work.CLOUDS else replace(wish, cloud=work.CLOUDS[0])


def _cap(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if value > 0 else None
