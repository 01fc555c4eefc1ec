"""Real travel: prepares the machine, sends the run, starts its supervisor, asks how it stands."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.machines import Machine
from bespoke_gui.core.runspec import load_spec
from bespoke_gui.launch.remote.bootstrap import find_site, prepare_machine
from bespoke_gui.launch.remote.lent import lent
from bespoke_gui.launch.remote.link import Link, LinkLost
from bespoke_gui.launch.remote.local_run import LocalRun
from bespoke_gui.launch.remote.pack_run import Packed, pack_run
from bespoke_gui.launch.remote.start import (
    RemoteState,
    remote_state,
    send_run,
    start_guard,
    start_supervisor,
)

"""Service of the key that fetches base models which need one."""


class RealTravel:
    """The remote side as it is; see `Travel`. What was packed is kept for the next connection:
    the hash of gigabytes of weights takes its time."""

    def __init__(self) -> None:
        self._packed: Packed | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    async def send(
        self, link: Link, local: LocalRun, machine: Machine, limits: dict[str, Any]
    ) -> dict[str, Any]:
        """Prepare, upload, start. A machine that costs money is guarded from the first moment."""
        spec = load_spec(local.dir.spec_path)
        site = await find_site(link, machine)
        if limits.get("self_stop"):
            await start_guard(link, site, spec.run, limits)
        place = f"{site.root}/runs/{spec.run}"
        async with _in_contact(link, place, local.waits.contact):
            ready = await prepare_machine(link, spec, machine, local.tell)
            local.emit("stage", name="uploading")
            packed = await self._pack(local)
            folder = await send_run(link, ready, packed, local.tell)
        # From here on something of this run may live there, even if we hear no answer.
        local.note(remote={"folder": folder})
        job = await start_supervisor(link, ready, packed.spec.run, limits, lent(spec))
        self._forget()
        return {"folder": folder, "pid": job.get("pid"), "started": job.get("started")}

    async def state(self, link: Link, folder: str) -> RemoteState:
        """Say how the run stands; one whose supervisor died is given a new one first."""
        return await remote_state(link, folder)

    async def _pack(self, local: LocalRun) -> Packed:
        if self._packed is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="bespoke-run-")
            self._packed = await asyncio.to_thread(pack_run, local.dir, Path(self._scratch.name))
        return self._packed

    def _forget(self) -> None:
        if self._scratch is not None:
            self._scratch.cleanup()
        self._packed = self._scratch = None


@contextlib.asynccontextmanager
async def _in_contact(link: Link, folder: str, every_s: float) -> AsyncIterator[None]:
    """Show the guard that somebody is at work there, as long as this lasts."""

    async def touch() -> None:
        with contextlib.suppress(LinkLost, AppError):
            while True:
                await link.write(f"{folder}/contact", b"")
                await asyncio.sleep(every_s)

    task = asyncio.ensure_future(touch())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
