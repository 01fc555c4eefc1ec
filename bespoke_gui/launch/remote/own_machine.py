"""Own machine: the provider of runs on a machine that is there anyway, named in the spec."""

from __future__ import annotations

from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.machines import Machine, machine_of
from bespoke_gui.core.rundir import RunDir, read_json
from bespoke_gui.launch.remote.provider import Tell


class OwnMachine:
    """The provider of machines that are there anyway: the one named in the spec's `place`."""

    rents = False
    secrets: tuple[tuple[str, str], ...] = ()

    async def machine(self, run_dir: RunDir, tell: Tell) -> Machine:
        """Return the machine of the spec; AppError kind "bad_config" when it names none."""
        found = machine_of(_place(run_dir).get("machine"))
        if found is None:
            raise AppError("names no machine", file=run_dir.spec_path, kind="bad_config")
        return found

    def private_key(self, run_dir: RunDir) -> str:
        """The machine's own key file or agent is used."""
        return ""

    async def check(self, run_dir: RunDir, tell: Tell) -> None:
        """It costs nothing that could be looked after."""

    async def release(self, run_dir: RunDir, tell: Tell) -> None:
        """It stays where it is."""

    async def hold(self, run_dir: RunDir, tell: Tell, why: str) -> str:
        """It goes on: it costs nothing."""
        return ""

    def limits(self, run_dir: RunDir) -> dict[str, Any]:
        """The run may take as long as it likes, unless `place` says otherwise."""
        hours = _place(run_dir).get("max_hours")
        since = (run_dir.read_job() or {}).get("since")
        if isinstance(hours, (int, float)) and isinstance(since, (int, float)):
            return {"deadline": since + hours * 3600}
        return {}


def _place(run_dir: RunDir) -> dict[str, Any]:
    place = (read_json(run_dir.spec_path) or {}).get("place")
    return place if isinstance(place, dict) else {}
