"""Provider: where the courier gets the machine of a run from, and gives it back to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from bespoke_gui.core.machines import Machine
from bespoke_gui.core.rundir import RunDir

Tell = Callable[..., None]
"""tell(event, **fields) writes one local event, for example tell("stage", name="booting").

tell("job", **fields) changes fields of job.json instead (pod, usd_per_hour, cost_usd, ...).
"""


class Provider(Protocol):
    """One per backend. Methods raise AppError (kinds auth, capacity, budget, network, ...) to end
    the run with that reason; network trouble that may pass is waited out inside.
    """

    async def machine(self, run_dir: RunDir, tell: Tell) -> Machine:
        """Rent and boot, or find again what is rented for this run; pin its host key.

        Called before every connection: a machine that moved (new port after a restart) is told
        anew. The spec's `place` holds what the person asked for, job.json what was got so far.
        """
        ...

    def private_key(self, run_dir: RunDir) -> str:
        """The per-run private key (OpenSSH text), "" where the machine's own keys are used."""
        ...

    async def check(self, run_dir: RunDir, tell: Tell) -> None:
        """Look after the money; called every few seconds, connected or not.

        Raises AppError kind "budget" when a cap is passed or "capacity" when the machine is gone.
        """
        ...

    async def release(self, run_dir: RunDir, tell: Tell) -> None:
        """Give the machine back; may be called again. AppError says why that did not work."""
        ...

    def limits(self, run_dir: RunDir) -> dict[str, Any]:
        """What the supervisor there must keep to: deadline, silent_s, self_stop."""
        ...
