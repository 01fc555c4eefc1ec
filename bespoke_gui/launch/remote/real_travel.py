"""Real travel: prepares the machine, sends the run, starts its supervisor, asks how it stands."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from bespoke_gui.core import secrets
from bespoke_gui.core.machines import Machine
from bespoke_gui.core.runspec import load_spec
from bespoke_gui.launch.remote.bootstrap import prepare_machine
from bespoke_gui.launch.remote.link import Link
from bespoke_gui.launch.remote.local_run import LocalRun
from bespoke_gui.launch.remote.pack_run import pack_run
from bespoke_gui.launch.remote.start import (
    RemoteState,
    remote_state,
    send_run,
    start_guard,
    start_supervisor,
)

HUB = "huggingface"
"""Service of the key that fetches base models which need one."""


class RealTravel:
    """The remote side as it is; see `Travel`."""

    async def send(
        self, link: Link, local: LocalRun, machine: Machine, limits: dict[str, Any]
    ) -> dict[str, Any]:
        """Prepare, upload, start. The run's images are packed into a folder that goes again."""
        spec = load_spec(local.dir.spec_path)
        ready = await prepare_machine(link, spec, machine, local.tell)
        if limits.get("self_stop"):
            await start_guard(link, ready, spec.run, limits)
        local.emit("stage", name="uploading")
        with tempfile.TemporaryDirectory(prefix="bespoke-run-") as scratch:
            packed = await asyncio.to_thread(pack_run, local.dir, Path(scratch))
            folder = await send_run(link, ready, packed, local.tell)
        # From here on something of this run may live there, even if we hear no answer.
        local.note(remote={"folder": folder})
        job = await start_supervisor(link, ready, packed.spec.run, limits, _lent())
        return {"folder": folder, "pid": job.get("pid"), "started": job.get("started")}

    async def state(self, link: Link, folder: str) -> RemoteState:
        """Say how the run stands; one whose supervisor died is given a new one first."""
        return await remote_state(link, folder)


def _lent() -> dict[str, str]:
    key = secrets.get(HUB)
    return {"HF_TOKEN": key} if key else {}
