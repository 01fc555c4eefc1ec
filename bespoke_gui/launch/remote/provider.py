"""Provider: where the courier gets the machine of a run from, and gives it back to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from bespoke_gui.core.machines import Machine
from bespoke_gui.core.rundir import RunDir

Tell = Callable[..., None]
"""tell(event, **fields) writes one local event, for example tell("stage", name="booting").

tell("job", **fields) changes fields of job.json instead (pod, usd_per_hour, cost_usd, ...).
"""


class Provider(Protocol):
    """One per backend; `rents` says whether its machines cost money until they are given back.

    `secrets` names what it asks `core.secrets` for, as (service, account). Methods raise AppError
    (kinds auth, capacity, budget, network, ...) to end the run with that reason; network trouble
    that may pass is waited out inside.
    """

    rents: bool
    secrets: tuple[tuple[str, str], ...]

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

        Raises AppError kind "budget" when a cap is passed (the run is then stopped, saving) or
        "capacity" when the machine is gone; any other is only said.
        """
        ...

    async def release(self, run_dir: RunDir, tell: Tell) -> None:
        """Give the machine back; may be called again. AppError says why that did not work: it is
        told, and tried again for ever. A machine that is to be kept is told by
        tell("job", kept="WHY")."""
        ...

    async def hold(self, run_dir: RunDir, tell: Tell, why: str) -> str:
        """Stop the machine with everything kept on it; may be called again. Returns what it goes
        on to cost, in words, "" for a machine that costs nothing. AppError: why that did not work.
        """
        ...

    def limits(self, run_dir: RunDir) -> dict[str, Any]:
        """What the supervisor there must keep to: deadline, silent_s, self_stop."""
        ...


def release_is_owed(job: Mapping[str, Any]) -> bool:
    """Whether the machine of an ended run should have been given back and was not."""
    return bool(job.get("release_error")) and not job.get("released")
