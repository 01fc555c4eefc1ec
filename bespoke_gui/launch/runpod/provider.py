"""Provider: how a courier gets a pod for its run, watches what it costs, and gives it back."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.machines import Machine
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.remote.provider import Tell
from bespoke_gui.launch.remote.waits import Waits, load_waits
from bespoke_gui.launch.runpod import keys, ledger, money
from bespoke_gui.launch.runpod.address import base_url
from bespoke_gui.launch.runpod.api import Api, account
from bespoke_gui.launch.runpod.boot import machine_at
from bespoke_gui.launch.runpod.ledger import Entry
from bespoke_gui.launch.runpod.pods import Pod
from bespoke_gui.launch.runpod.rent import Rental, near, over, vanished
from bespoke_gui.launch.runpod.waits import RentWaits, rent_waits
from bespoke_gui.launch.runpod.wish import sized, wish_of
from bespoke_gui.launch.runpod.words import CONSOLE, SERVICE, ApiError

T = TypeVar("T")


class RunpodProvider:
    """The machines of RunPod. All that waits runs in a thread; see `Provider` for the methods."""

    rents = True
    secrets = ((SERVICE, ""),)

    def __init__(self, waits: Waits | None = None, rent: RentWaits | None = None) -> None:
        self._waits, self._rent = waits, rent
        self._looked = 0.0
        self._deaf = ""
        self._busy = False

    @property
    def waits(self) -> Waits:
        """Patience with machines."""
        return self._waits or load_waits()

    @property
    def rent(self) -> RentWaits:
        """Patience with RunPod."""
        return self._rent or rent_waits()

    async def machine(self, run_dir: RunDir, tell: Tell) -> Machine:
        """Rent and boot, or find again what is rented for this run; its host key is pinned."""
        with self._alone():
            return await _in_thread(lambda told, stop: self._machine(run_dir, told, stop), tell)

    def private_key(self, run_dir: RunDir) -> str:
        """The private key that lets one log in to the run's pod."""
        try:
            return keys.private_key(entry_of(run_dir))
        except OSError as error:
            raise AppError("the key of the rented machine is gone", kind="auth") from error

    async def check(self, run_dir: RunDir, tell: Tell) -> None:
        """Count the cost; at a cap stop the pod, which keeps what lies on it.

        Raises AppError kind "budget" so long before a cap that the run can save, end and be
        fetched, and "lost" when the pod is gone.
        """
        # Renting and giving back look at the pod themselves.
        if self._busy or time.monotonic() - self._looked < self.rent.money:
            return
        self._looked = time.monotonic()
        await _in_thread(lambda told, stop: self._check(run_dir, told, stop), tell)

    async def release(self, run_dir: RunDir, tell: Tell) -> None:
        """End the pod, and see that it is gone; one to be kept is stopped, and its cost said."""
        with self._alone():
            await _in_thread(lambda told, stop: self._release(run_dir, told, stop), tell)

    async def hold(self, run_dir: RunDir, tell: Tell, why: str) -> str:
        """Stop the pod: its cards cost nothing any more, its disk keeps what lies on it."""
        with self._alone():
            return await _in_thread(lambda told, stop: self._hold(run_dir, told, stop, why), tell)

    def limits(self, run_dir: RunDir) -> dict[str, Any]:
        """What the supervisor on the pod keeps to; the deadline by this computer's clock."""
        entry = entry_of(run_dir)
        left, kept = money.seconds_left(entry), money.reserve(entry, self.rent.reserve)
        found: dict[str, Any] = {
            "silent_s": self.rent.silent, "fetch_s": kept, "self_stop": {"url": base_url()},
        }  # fmt: skip
        if left is not None:
            found["deadline"] = time.time() + left - kept
        return found

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    def _machine(self, run_dir: RunDir, tell: Tell, stop: threading.Event) -> Machine:
        wish = wish_of(run_dir)
        api = self._api(stop, run_dir)
        entry = _entry(run_dir)
        entry = replace(entry, max_usd=wish.max_usd, max_hours=wish.max_hours)
        ledger.save(entry)
        tell("job", pod={"id": entry.id, "name": entry.name})
        rental = Rental(api, entry, self.waits, tell, _wants_fetch(run_dir))
        job = run_dir.read_job() or {}
        is_fresh = not (job.get("remote") or {}).get("folder")
        _require_money(run_dir, entry)
        pod = rental.machine(sized(wish, _written(run_dir)), is_fresh)
        if is_fresh:
            tell("job", estimate_usd=_estimated(run_dir, pod))
        return replace(
            machine_at(pod), workdir=wish.workdir,
            python=wish.python, sd_scripts=wish.sd_scripts,
        )  # fmt: skip

    def _check(self, run_dir: RunDir, tell: Tell, stop: threading.Event) -> None:
        entry = _known(run_dir)
        if entry is None or not entry.id or not entry.is_open:
            return
        rental = Rental(self._api(stop), entry, self.waits, tell)
        try:
            pod = rental.look()
        except ApiError as error:
            self._cannot_look(rental, error)
        else:
            self._deaf = ""
            if pod is None:
                rental.gone()
                raise vanished(entry.id)
        self._caps(run_dir, rental)

    def _cannot_look(self, rental: Rental, error: ApiError) -> None:
        """Count on at the last price; the run itself needs no API."""
        rental.count_blindly()
        if error.message != self._deaf:
            text = f"{error.message}; the cost is counted on at the last price known"
            rental.tell("log", level="warning", text=text)
        self._deaf = error.message

    def _caps(self, run_dir: RunDir, rental: Rental) -> None:
        left = money.seconds_left(rental.entry)
        if left is None or rental.entry.stopped or _wants_fetch(run_dir):
            return
        if left <= 0:
            rental.stop(f"the cap of {money.cap_words(rental.entry)} was reached")
            raise over(rental.entry)
        if left <= money.reserve(rental.entry, self.rent.reserve):
            raise near(rental.entry)

    def _release(self, run_dir: RunDir, tell: Tell, stop: threading.Event) -> None:
        entry = _known(run_dir)
        if entry is None or entry.released is not None:
            tell("job", released=True)
            return
        api = self._api(stop)
        rental = Rental(api, entry, self.waits, tell, patience=self.rent.release_try)
        try:
            if wish_of(run_dir).keep_pod and entry.id and not _wants_release(run_dir):
                rental.keep()
                return
            rental.end()
        except ApiError as error:
            raise _still_there(rental.entry, error) from error
        rental.settle()

    def _hold(self, run_dir: RunDir, tell: Tell, stop: threading.Event, why: str) -> str:
        entry = _known(run_dir)
        if entry is None or not entry.id or not entry.is_open:
            return ""
        rental = Rental(self._api(stop), entry, self.waits, tell)
        storage = rental.hold(why)
        return (
            f"the pod {entry.id} is stopped: its disk keeps everything and costs "
            f"{money.usd(storage)} an hour until `bespoke billing --stop {entry.id}`"
        )

    def _api(self, stop: threading.Event, run_dir: RunDir | None = None) -> Api:
        """The account; its pauses end at once when nobody waits any more, or the run is stopped."""

        def pause(seconds: float) -> None:
            end = time.monotonic() + seconds
            while not stop.wait(min(0.2, max(0.0, end - time.monotonic()))):
                if run_dir is not None and run_dir.requested("stop"):
                    raise AppError("stopped while the machine was being rented", kind="cancelled")
                if time.monotonic() >= end:
                    return
            raise AppError("given up", kind="cancelled")

        api = account(pause)
        api.waits = self.rent
        return api


def entry_of(run_dir: RunDir) -> Entry:
    """Return what was written down about a run's pod; raises AppError when nothing was."""
    entry = _known(run_dir)
    if entry is None:
        raise AppError("no machine was rented for this run", file=run_dir.folder, kind="lost")
    return entry


def _known(run_dir: RunDir) -> Entry | None:
    pod = (run_dir.read_job() or {}).get("pod")
    name = pod.get("name") if isinstance(pod, dict) else None
    if isinstance(name, str):
        return ledger.load(name)
    # A courier that was killed between the two writes.
    folder = Path(run_dir.folder).absolute()
    found = [one for one in ledger.entries() if Path(one.folder) == folder and not one.released]
    return found[-1] if found else None


def _entry(run_dir: RunDir) -> Entry:
    """The entry of a run's pod, a new one where the last pod was given back."""
    known = _known(run_dir)
    if known is not None and known.released is None:
        return known
    return ledger.new_entry(run_dir.run, Path(run_dir.folder).absolute())


def _require_money(run_dir: RunDir, entry: Entry) -> None:
    """Do not start a pod again that was stopped at a cap, unless somebody asks to fetch."""
    left = money.seconds_left(entry) if entry.id else None
    if left is not None and left <= 0 and not _wants_fetch(run_dir):
        raise over(entry)


def _estimated(run_dir: RunDir, pod: Pod) -> list[float] | None:
    """USD (low, likely, high) that the run will cost on this pod, None where nothing is known."""
    from bespoke_gui.core.runspec import load_spec
    from bespoke_gui.launch.runpod.quote import forecast_for

    try:
        found = forecast_for(load_spec(run_dir.spec_path), pod.gpu, pod.usd_per_hour)
    except (AppError, OSError):
        return None
    return list(found.usd) if found and found.usd else None


def _written(run_dir: RunDir) -> int:
    """Return the bytes that a run writes, 0 for one whose config cannot be planned with."""
    from bespoke_gui.core.runspec import load_spec
    from bespoke_gui.launch.remote.probe import written

    try:
        return written(load_spec(run_dir.spec_path))
    except AppError:
        return 0


def _wants_release(run_dir: RunDir) -> bool:
    return (run_dir.control / "release").exists()


def _wants_fetch(run_dir: RunDir) -> bool:
    return (run_dir.control / "fetch").exists()


def _still_there(entry: Entry, error: ApiError) -> AppError:
    rate = f"{money.usd(entry.price)} an hour" if entry.price else "money"
    return AppError(
        f"{error.message}: the pod {entry.id or entry.name} still costs {rate}",
        hint=f"end it at {CONSOLE}/pods, or with a new key: bespoke billing --stop {entry.name}",
        kind=error.kind,
    )


async def _in_thread(work: Callable[[Tell, threading.Event], T], tell: Tell) -> T:
    """Run in a thread what waits; `tell` is called in the loop, and cancelling ends the waits."""
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def told(*args: Any, **fields: Any) -> None:
        loop.call_soon_threadsafe(functools.partial(tell, *args, **fields))

    # A pod that is just being made must be known before anybody goes on to give it back.
    working = loop.run_in_executor(None, work, told, stop)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([working])
        working.exception()
        raise
