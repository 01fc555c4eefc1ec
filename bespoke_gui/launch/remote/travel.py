"""Travel: what the courier needs done on the other machine, and who does it."""

from __future__ import annotations

from typing import Any, Protocol

from bespoke_gui.core.machines import Machine
from bespoke_gui.launch.remote.link import Link
from bespoke_gui.launch.remote.local_run import LocalRun


class Far(Protocol):
    """A remote run now: whether it goes on, its exit.json and the supervisor's job.json."""

    @property
    def running(self) -> bool: ...

    @property
    def exit(self) -> dict[str, Any] | None: ...

    @property
    def job(self) -> dict[str, Any]: ...


class Travel(Protocol):
    """The remote side of one run. Everything may raise LinkLost, and AppError to end the run."""

    async def send(
        self, link: Link, local: LocalRun, machine: Machine, limits: dict[str, Any]
    ) -> dict[str, Any]:
        """Prepare the machine, upload the run and start it; return {folder, pid, started}.

        Called again after a lost link: what was done before is not done twice.
        """
        ...

    async def state(self, link: Link, folder: str) -> Far:
        """Say how the run in the remote `folder` stands, and give it a new supervisor where the
        old one died."""
        ...
