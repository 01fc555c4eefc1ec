"""Courier run: brings a run to another machine and everything it makes home, whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
import traceback
from typing import Any

import asyncssh

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.machines import Machine
from bespoke_gui.core.processes import start_time
from bespoke_gui.core.rundir import COURIER_CONTROLS, RunDir
from bespoke_gui.launch.remote.connect import connect
from bespoke_gui.launch.remote.ending import Ending, ending_from, ending_of
from bespoke_gui.launch.remote.link import Link, LinkLost
from bespoke_gui.launch.remote.local_run import RESERVE, CannotKeep, LocalRun
from bespoke_gui.launch.remote.patience import BackOff
from bespoke_gui.launch.remote.provider import Provider, release_is_owed
from bespoke_gui.launch.remote.session import Mirrors, Session, first_of
from bespoke_gui.launch.remote.travel import Travel
from bespoke_gui.launch.remote.waits import Waits

MOST_FAULTS = 3
"""Of our own, before a run that did not start yet is ended."""
GONE_FOR_GOOD = ("capacity", "lost")
"""Kinds of errors after which there is no machine to come back to."""


class Ended(Exception):
    """The run is to end now; holds how."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.outcome)
        self.ending = ending


class Stuck(Exception):
    """This computer cannot keep what the run makes, and waiting on costs money; says why."""


class CourierRun:
    """One run elsewhere, from the first connection (or any later one) to exit.json."""

    def __init__(self, run_dir: RunDir, provider: Provider, travel: Travel, waits: Waits) -> None:
        self.dir = run_dir
        self.provider = provider
        self.travel = travel
        self.waits = waits
        self.local = LocalRun(run_dir, waits)
        self.mirrors: Mirrors | None = None
        self.back_off = BackOff(self.local)
        self._over_budget: AppError | None = None
        self._machine: Machine | None = None
        self._said = ""
        self._exited = False
        self._faults = 0

    # -- the whole ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Follow the run to its end; after that only do what is asked for by control files."""
        try:
            await first_of(self._whole(), self._watch_this_computer())
        except Stuck as error:
            await self._hold(str(error))

    async def _whole(self) -> None:
        process = {"pid": os.getpid(), "started": start_time(os.getpid())}
        await self.local.persist(lambda: self.local.note(courier=process, courier_trouble=""))
        self.local.hold_reserve()
        again = self.dir.read_exit() is not None
        decided = ending_from(self.local.job.get("ending"))
        if decided and not again:
            await self._give_back(decided)
        elif not again or self.dir.requested("fetch"):
            await self._finish(await self._ending(again), again)
        elif self.dir.requested("release") or release_is_owed(self.local.job):
            await self._release()
        for name in COURIER_CONTROLS:
            self.dir.withdraw(name)
        self.local.drop_reserve()

    async def _ending(self, again: bool) -> Ending:
        """How it ended; `again`: it had ended before, and only what is missing is wanted."""
        try:
            return await first_of(
                self._bring_home(again), self._look_after_money(), self._listen(again)
            )
        except Ended as error:
            return error.ending
        except AppError as error:
            return self._failed(error)

    async def _bring_home(self, again: bool) -> Ending:
        """Connect, send what was not sent, follow; again and again until the run has ended."""
        while True:
            try:
                return await self._one_connection()
            except LinkLost as error:
                await self.local.persist(lambda error=error: self.back_off.lost(str(error)))
                if (again or not self._started) and self.back_off.lasts > self.waits.give_up:
                    raise AppError(str(error), hint="check the machine and its network",
                                   kind="network") from error  # fmt: skip
            except CannotKeep:
                await self.local.persist(self.local.rewrite)
            except AppError as error:
                # Before the start it ends the run. Later the run there goes on without us.
                if again or not self._started or error.kind in GONE_FOR_GOOD:
                    raise
                await self.local.persist(lambda error=error: self.back_off.refused(error))
            except (Ended, asyncio.CancelledError):
                raise
            except Exception as error:
                traceback.print_exc()
                self._faults += 1
                if self._faults >= MOST_FAULTS and (again or not self._started):
                    raise AppError(f"unexpected {type(error).__name__}: {error}",
                                   hint="see courier.log in the run folder, and report it",
                                   kind="engine_crash") from error  # fmt: skip
                await self.local.persist(lambda error=error: self.back_off.lost(repr(error)))
            await self.back_off.wait(lambda: self.dir.requested("fetch"))

    async def _one_connection(self) -> Ending:
        if not self._started:
            self._stage("connecting")
        self._machine = machine = await self.provider.machine(self.dir, self.local.tell)
        link = await connect(machine, self.waits, self.provider.private_key(self.dir))
        try:
            await self.local.persist(lambda: self._note_connected(machine))
            if not await self._is_there(link):
                await self._send(link, machine)
            return await self._follow(link)
        finally:
            await link.close()

    async def _follow(self, link: Link) -> Ending:
        folder = self.local.job["remote"]["folder"]
        if self.mirrors is None:
            self.mirrors = Mirrors(self.local, folder)
        said = await Session(link, self.mirrors, self.travel).follow()
        there = await self._announced(link)
        return ending_of(said, self.mirrors.fetcher, there, self._where())

    # -- the start ----------------------------------------------------------------------------

    @property
    def _started(self) -> bool:
        """Whether something of this run may live on the machine."""
        return bool((self.local.job.get("remote") or {}).get("folder"))

    async def _is_there(self, link: Link) -> bool:
        """Whether this very start of the run stands there; we may have died while starting it."""
        remote = self.local.job.get("remote") or {}
        if not remote.get("folder"):
            return False
        if remote.get("pid"):
            return True
        attempt = self.local.job.get("attempt", "")
        limits = await link.read(f"{remote['folder']}/limits.json")
        if not attempt or attempt.encode() not in limits:
            return False
        return bool((await self.travel.state(link, remote["folder"])).job)

    async def _send(self, link: Link, machine: Machine) -> None:
        limits = {
            "asked_s": self.waits.asked, "terminated_s": self.waits.terminated,
            **self.provider.limits(self.dir), "attempt": self.local.job.get("attempt", ""),
        }  # fmt: skip
        remote = await self.travel.send(link, self.local, machine, limits)
        await self.local.persist(lambda: self.local.note(remote=remote))

    def _stage(self, name: str) -> None:
        """Tell a stage, each only once in a row."""
        if self._said != name:
            self._said = name
            self.local.emit("stage", name=name)

    def _note_connected(self, machine: Machine) -> None:
        shown = {
            "name": machine.name, "host": machine.host, "port": machine.port,
            "user": machine.login, "workdir": machine.workdir,
        }  # fmt: skip
        self.local.note(machine=shown)
        self.back_off.connected()

    # -- meanwhile ----------------------------------------------------------------------------

    async def _look_after_money(self) -> None:
        """Have the provider look at the money; a passed cap stops the run, saving what it has."""
        while True:
            await asyncio.sleep(self.waits.money)
            self.local.beat()
            try:
                await self.provider.check(self.dir, self.local.tell)
            except AppError as error:
                if error.kind != "budget" or not self._started:
                    raise
                if self._over_budget is None:
                    self._over_budget = error
                    await self.local.persist(
                        lambda error=error: self.local.say(str(error), "warning")
                    )
                    self.dir.request("stop")

    async def _watch_this_computer(self) -> None:
        """Do not pay for a machine that only waits for this computer to be able to write."""
        while True:
            await asyncio.sleep(self.waits.controls)
            lasts = self.local.trouble_lasts
            if self.provider.rents and lasts > self.waits.local_grace and not self.local.far_works:
                raise Stuck(self.local.trouble)

    async def _listen(self, again: bool) -> None:
        """Hear what no engine can be told: stop before the start or out of reach, and release."""
        while True:
            await asyncio.sleep(self.waits.controls)
            self.local.beat()
            if self.dir.requested("release") and self.provider.rents:
                raise Ended(self._given_up("the machine was given back"))
            if again or not self.dir.requested("stop"):
                continue
            if not self._started:
                words = {"kind": "cancelled", "message": "stopped before the training began"}
                raise Ended(Ending("cancelled", words, believed=False))
            if self.local.job.get("rung") == "":
                await self.local.persist(lambda: self.local.note(rung="asked"))
            if self.back_off.lasts > self.waits.give_up:
                raise Ended(self._given_up("stopped, but the machine cannot be reached"))

    def _given_up(self, why: str) -> Ending:
        """Words for a run of which something may still be there."""
        missing = self.mirrors.fetcher.missing() if self.mirrors else []
        left = ", ".join(sorted(missing)[:5]) or "whatever was not saved here yet"
        hint = f"on {self._where()}: {left}; `bespoke runs fetch` tries to bring it"
        words = {"kind": "cancelled", "message": why, "hint": hint, "missing": missing}
        return Ending("cancelled", words, believed=False)

    # -- the end ------------------------------------------------------------------------------

    async def _hold(self, why: str) -> None:
        """Stop the machine with everything on it, and say so as well as this computer still can."""
        minutes = self.waits.local_grace / 60
        message = f"this computer could not keep what the run made for {minutes:.3g} min: {why}"
        delay = self.waits.back_off
        while True:
            try:
                kept = await self.provider.hold(self.dir, self.local.tell, message)
                break
            except AppError as error:
                sys.stderr.write(f"the machine is not stopped yet: {error}\n")
            await asyncio.sleep(delay)
            delay = min(2 * delay, self.waits.back_off_most)
        if kept:
            message += f"; {kept}"
        sys.stderr.write(f"{message}\n")
        hint = f"mend that, then `bespoke runs fetch {self.dir.folder}` starts it again and goes on"
        with contextlib.suppress(AppError, OSError):
            self._note_held(message, hint)

    def _note_held(self, message: str, hint: str) -> None:
        self.local.drop_reserve()
        missing = sorted(self._not_here())
        words = {"kind": "disk_full", "message": message, "hint": hint}
        self.local.note(held=message, missing=missing)
        self.local.emit("failed", **words)
        self.dir.write_exit("failed", **words, missing=missing)

    async def _announced(self, link: Link) -> set[str]:
        """Checkpoints the engine told of that are no part of the manifest but lie there."""
        assert self.mirrors is not None
        folder, names = self.mirrors.folder, self.mirrors.fetcher.unlisted()
        return {name for name in names if await link.size(f"{folder}/{name}") is not None}

    def _failed(self, error: AppError) -> Ending:
        """What ended the run from outside; what had not come here by then is named."""
        missing = sorted(self._not_here())
        file = f"{error.file}: " if error.file else ""
        words: dict[str, Any] = {
            "kind": error.kind, "message": f"{file}{error.message}", "hint": error.hint,
        }  # fmt: skip
        if missing:
            words["missing"] = missing
            words["message"] += f"; not here: {', '.join(missing)}"
        elif self._started and error.kind in GONE_FOR_GOOD:
            words["message"] += "; what it made since the last checkpoint here is lost with it"
        return Ending("failed", words, believed=False)

    def _not_here(self) -> set[str]:
        """Files the machine told of, finished ones and announced ones, that are not here."""
        if self.mirrors is None:
            return set()
        fetcher = self.mirrors.fetcher
        return {*fetcher.missing(), *(one for one in fetcher.unlisted() if self._lacks(one))}

    def _lacks(self, name: str) -> bool:
        return not (self.dir.folder / name).is_file()

    async def _finish(self, ending: Ending, again: bool) -> None:
        """Say how it ended, give the machine back, and write exit.json last."""
        ending = self._by_budget(ending)
        missing = ending.fields.get("missing", [])
        if again and ending.fields.get("kind") == "network":
            text = f"still not here: {ending.fields.get('message', '')}"
            await self.local.persist(lambda: self.local.say(text, "warning"))
            return
        await self._say_ending(ending)
        await self.local.persist(lambda: self.local.note(missing=missing, held=""))
        # Whoever comes after a kill from here on must not ask a machine that may be given back.
        decided = {"outcome": ending.outcome, "fields": ending.fields}
        await self.local.persist(lambda: self.local.note(ending=decided))
        await self._give_back(ending)

    async def _give_back(self, ending: Ending) -> None:
        """Give the machine back, where nothing more is wanted of it, and write exit.json."""
        gone = ending.fields.get("kind") in GONE_FOR_GOOD
        ready = not ending.fields.get("missing") or gone or self.dir.requested("release")
        if ready and not self.local.job.get("released"):
            await self._release(ending)
        await self._write_exit(ending)

    async def _say_ending(self, ending: Ending) -> None:
        """The last event of the run: what the machine said, or what is known better here."""
        if self.mirrors is not None:
            await self.mirrors.events.settle(ending.believed)
        if ending.believed:
            return
        said = {name: ending.fields.get(name, "") for name in ("kind", "message", "hint")}
        failed = ending.outcome == "failed"
        event = ("failed", said) if failed else ("done", {"outcome": ending.outcome, **said})
        await self.local.persist(lambda: self.local.emit(event[0], **event[1]))

    def _by_budget(self, ending: Ending) -> Ending:
        """A run that was stopped for the money failed for that reason."""
        if self._over_budget is None or ending.outcome != "cancelled":
            return ending
        error = self._over_budget
        fields = {**ending.fields, "kind": "budget", "message": error.message, "hint": error.hint}
        return Ending("failed", fields, believed=False)

    async def _write_exit(self, ending: Ending) -> None:
        if self._exited:
            return
        self._exited = True
        fields = {name: value for name, value in ending.fields.items() if value != ""}
        (self.dir.folder / RESERVE).unlink(missing_ok=True)
        await self.local.persist(lambda: self.dir.write_exit(ending.outcome, **fields))

    async def _release(self, ending: Ending | None = None) -> None:
        """Give the machine back; when that does not work soon the run ends before it does, what
        may still cost money is said, and it is tried for ever."""
        if self.provider.rents:
            self._stage("releasing")
        began, delay = time.monotonic(), self.waits.back_off
        while True:
            try:
                await self.provider.release(self.dir, self.local.tell)
            except AppError as error:
                text = f"the machine is not given back yet and may still cost money: {error}"
                await self.local.persist(lambda text=text: self._say_once(text))
                if ending and time.monotonic() - began > self.waits.release:
                    await self._write_exit(ending)
                await asyncio.sleep(delay)
                delay = min(2 * delay, self.waits.back_off_most)
                continue
            if not self.local.job.get("kept"):
                await self.local.persist(lambda: self.local.note(released=True, release_error=""))
            return

    def _say_once(self, text: str) -> None:
        if self.local.job.get("release_error") != text:
            self.local.note(release_error=text)
            self.local.say(text, "error")

    def _where(self) -> str:
        machine = self._machine
        folder = (self.local.job.get("remote") or {}).get("folder", "")
        return f"{machine.address if machine else 'the machine'} in {folder}"


async def carry(run_dir: RunDir, provider: Provider, travel: Travel, waits: Waits) -> None:
    """Be the courier of one run, in this process, to its end."""
    asyncio.get_running_loop().set_exception_handler(_forgotten)
    courier = CourierRun(run_dir, provider, travel, waits)
    with contextlib.suppress(asyncio.CancelledError):
        await courier.run()


def _forgotten(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A lost connection fails all that was under way in it; the first of them has told us."""
    if not isinstance(context.get("exception"), (asyncssh.Error, OSError)):
        loop.default_exception_handler(context)
