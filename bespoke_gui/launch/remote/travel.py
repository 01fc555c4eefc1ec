"""Travel: what the courier needs done on the other machine, and who does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from bespoke_gui.core.machines import Machine
from bespoke_gui.launch.remote.link import Link
from bespoke_gui.launch.remote.local_run import LocalRun


@dataclass(frozen=True)
class Far:
    """A remote run now: whether a supervisor looks after it, its exit.json and its job.json."""

    running: bool
    exit: dict[str, Any] | None
    job: dict[str, Any] = field(default_factory=dict)
    orphaned: bool = False


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
        """Say how the run in the remote `folder` stands."""
        ...

    async def adopt(self, link: Link, folder: str) -> None:
        """Give a run whose supervisor died a new one."""
        ...
