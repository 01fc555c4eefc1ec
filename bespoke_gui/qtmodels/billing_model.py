"""Billing model: every rented machine that costs money now, looked for while the window is open."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core import secrets
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

if TYPE_CHECKING:
    from bespoke_gui.launch.runpod.billing import Bill, Bills

SERVICE = "runpod"
LOOK_MS = 60_000
SOON_MS = 3_000


class BillingModel(QObject):
    """Asks at the start, after every start and end of a run, and every minute while money runs.

    `changed` comes with every answer, `alarm` once, where the first one names a machine that
    nobody looks after. Nothing here waits on the GUI thread.
    """

    changed = Signal()
    alarm = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.bills: list[Bill] = []
        self.problem = ""
        self.at = 0.0
        self.ending: set[str] = set()
        self._is_asking = False
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.ask)
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self.ask)
        session.runs_changed.connect(self._soon.start)
        self.ask()

    def ask(self) -> None:
        """Ask what costs money now."""
        if self._is_asking:
            return

        def ended() -> None:
            self._is_asking = False

        uses = bool(self._session.settings.runpod)
        self._is_asking = True
        run_task(
            lambda: _still_billing(uses), self._take, self._session.show_error, None, self, ended
        )

    def end(self, bill: Bill, discard: bool = False) -> None:
        """End a machine for good; files on it that are not here are lost only with `discard`."""
        name = bill.id or bill.name

        def failed(error: Exception) -> None:
            self._session.show_error(error)

        def ended() -> None:
            self.ending.discard(name)
            self.changed.emit()
            self.ask()

        self.ending.add(name)
        self.changed.emit()
        run_task(lambda: _end(name, discard), self._told, failed, None, self, ended)

    @property
    def unattended(self) -> list[Bill]:
        """Those that nobody looks after."""
        return [bill for bill in self.bills if not bill.followed]

    def _take(self, found: Bills) -> None:
        is_first = not self.at
        self.bills, self.problem, self.at = list(found.bills), found.problem, time.time()
        if self.bills:
            self._timer.start()
        else:
            self._timer.stop()
        self.changed.emit()
        if is_first and self.unattended:
            self.alarm.emit()

    def words(self) -> str:
        """Say in one line what costs money, "" for nothing."""
        if not self.bills:
            return ""
        from bespoke_gui.launch.runpod.money import usd

        count = len(self.bills)
        machines = "a rented machine" if count == 1 else f"{count} rented machines"
        rate = usd(sum(bill.usd_per_hour for bill in self.bills))
        spent = usd(sum(bill.spent_usd for bill in self.bills))
        whose = f"run {self.bills[0].run}" if count == 1 and self.bills[0].run else ""
        alone = len(self.unattended)
        care = "nobody looks after it" if count == 1 else f"nobody looks after {alone} of them"
        parts = [f"Still billing: {machines}, {rate} an hour, {spent} so far", whose]
        parts += [care] if alone else []
        return " · ".join(part for part in parts if part)

    def _told(self, bill: Bill) -> None:
        from bespoke_gui.launch.runpod.money import usd

        text = f"{bill.gpu or 'The machine'} is given back; it cost {usd(bill.spent_usd)}"
        self._session.notify("good", text)
        self._session.runs_changed.emit()


def _still_billing(uses: bool) -> Bills:
    """Ask, unless nothing was ever rented here: nobody's keyring is opened for nothing."""
    from bespoke_gui.launch.runpod import ledger
    from bespoke_gui.launch.runpod.billing import Bills, still_billing

    is_given = bool(os.environ.get(secrets.variable(SERVICE)))
    return still_billing() if uses or is_given or list(ledger.entries()) else Bills()


def _end(name: str, discard: bool) -> Bill:
    from bespoke_gui.launch.runpod.billing import end

    return end(name, discard)
