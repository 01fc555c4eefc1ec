"""Remote backend: a run elsewhere, seen and steered through its local folder and its courier."""

from __future__ import annotations

import time
import uuid
from typing import Any

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.events import Event
from bespoke_gui.core.rundir import CONTROLS, COURIER_CONTROLS, RunDir
from bespoke_gui.core.runs import run_state
from bespoke_gui.launch import courier
from bespoke_gui.launch.remote import lock
from bespoke_gui.launch.remote.provider import Provider
from bespoke_gui.launch.remote.waits import load_waits

POLL_S = 0.1
ENDING_S = 5.0
KEPT = ("machine", "pod")
"""Fields of job.json that a resumed run goes on with: its files lie there."""


class RemoteBackend:
    """Runs engines on machines that a provider has. Nothing here speaks to a machine itself."""

    def __init__(self, name: str, title: str, provider: Provider) -> None:
        self.name = name
        self.title = title
        self.provider = provider

    def start(self, run_dir: RunDir) -> None:
        """Write job.json and start the courier, which does all the rest."""
        before = run_dir.read_job() or {}
        if before and self.state(run_dir) == "running":
            raise AppError("is running already", file=run_dir.folder, hint="attach to it")
        _require_alone(run_dir)
        for control in (*CONTROLS, *COURIER_CONTROLS):
            run_dir.withdraw(control)
        run_dir.exit_path.unlink(missing_ok=True)
        kept = {name: before[name] for name in KEPT if name in before}
        fresh = {"attempt": uuid.uuid4().hex, "since": round(time.time(), 3), "rung": ""}
        link = {"link": "", "missing": [], "released": False}
        write_json(run_dir.job_path, {"backend": self.name, **kept, **fresh, **link})
        self.attach(run_dir, by_hand=True)

    def attach(self, run_dir: RunDir, by_hand: bool = False) -> None:
        """Make sure that a courier follows the run."""
        courier.attach(run_dir, self.provider, by_hand)

    def read(self, run_dir: RunDir, offset: int = 0) -> tuple[list[Event], int]:
        """Return new events and the next byte offset."""
        return run_dir.tail(offset)

    def state(self, run_dir: RunDir) -> str:
        """Return running until exit.json is here."""
        return run_state(run_dir)

    def stop(self, run_dir: RunDir) -> str:
        """Ask; the supervisor there climbs the ladder, the courier tells which rung is reached."""
        if self.state(run_dir) != "running":
            return "ended"
        is_new = not run_dir.requested("stop")
        run_dir.request("stop")
        self.attach(run_dir, by_hand=is_new)
        return str((run_dir.read_job() or {}).get("rung") or "asked")

    def fetch(self, run_dir: RunDir) -> None:
        """Wait until every finished file is here; AppError says what is missing and why."""
        held = (run_dir.read_job() or {}).get("held")
        if self.state(run_dir) != "running" and not self._missing(run_dir) and not held:
            return
        reached = self._ask(run_dir, "fetch")
        missing = self._missing(run_dir)
        if missing or not reached:
            what = f"not here yet: {', '.join(missing[:5])}" if missing else "cannot be reached"
            hint = "the end of the run's log says why; try again"
            raise AppError(what, file=run_dir.folder, hint=hint, kind="network")

    def release(self, run_dir: RunDir) -> None:
        """Give the machine back now; what is not here by then is lost with a rented one."""
        job = run_dir.read_job() or {}
        if not self.provider.rents or job.get("released"):
            return
        self._ask(run_dir, "release")
        job = run_dir.read_job() or {}
        if not job.get("released"):
            why = str(job.get("release_error") or job.get("kept") or "it was not answered")
            raise AppError(why, file=run_dir.folder, hint="try again", kind="network")

    def _missing(self, run_dir: RunDir) -> list[str]:
        found: Any = (run_dir.read_job() or {}).get("missing")
        return [str(name) for name in found] if isinstance(found, list) else []

    def _ask(self, run_dir: RunDir, control: str) -> bool:
        """Ask the courier and wait until it has done it; False when it gets no further."""
        run_dir.request(control)
        patience = load_waits().give_up
        end = time.monotonic() + patience
        self.attach(run_dir, by_hand=True)
        while run_dir.requested(control):
            self._attach_or_withdraw(run_dir, control)
            job = run_dir.read_job() or {}
            if job.get("link") not in ("lost", "reconnecting") and not job.get("release_error"):
                end = time.monotonic() + patience
            if time.monotonic() > end:
                run_dir.withdraw(control)
                return False
            time.sleep(POLL_S)
        return True

    def _attach_or_withdraw(self, run_dir: RunDir, control: str) -> None:
        try:
            self.attach(run_dir)
        except AppError:
            run_dir.withdraw(control)
            raise


def _require_alone(run_dir: RunDir) -> None:
    """See that the courier of an earlier start is gone; it outlives exit.json by a moment."""
    end = time.monotonic() + ENDING_S
    while lock.is_held(run_dir.folder):
        if time.monotonic() > end:
            hint = "wait until its machine has been given back"
            raise AppError("is still being ended", file=run_dir.folder, hint=hint)
        time.sleep(POLL_S)
