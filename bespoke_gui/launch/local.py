"""Local backend: the engine as a detached process on this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.events import Event
from bespoke_gui.core.processes import tree
from bespoke_gui.core.rundir import CONTROLS, RunDir, read_json
from bespoke_gui.core.runs import run_state
from bespoke_gui.core.runspec import load_spec
from bespoke_gui.launch import engine_env, process
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.remote.lent import lent

FORCED = "ended by force; the last checkpoint and state are kept"


@dataclass
class LocalBackend:
    """Runs engines on this machine. `asked_s` and `terminated_s` are the ladder's patience."""

    asked_s: float = 30.0
    terminated_s: float = 10.0
    name: str = "local"
    title: str = "This computer"

    def start(self, run_dir: RunDir) -> None:
        """Start `python -m bespoke_gui.engines RUN_DIR` and write job.json."""
        if self.state(run_dir) == "running":
            raise AppError("is running already", file=run_dir.folder, hint="attach to it")
        engine = (read_json(run_dir.spec_path) or {}).get("engine", "")
        python = engine_env.python_for(str(engine))
        _clear(run_dir)
        command = [str(python), "-m", "bespoke_gui.engines", str(run_dir.folder)]
        # The keys it needs are for its own process alone.
        environment = {**engine_env.environment(python), **lent(load_spec(run_dir.spec_path))}
        pid, started = process.spawn(command, run_dir.folder, run_dir.log_path, environment)
        write_json(run_dir.job_path, {"backend": self.name, "pid": pid, "started": started})

    def attach(self, run_dir: RunDir, by_hand: bool = False) -> None:
        """The engine writes into the run folder itself."""

    def read(self, run_dir: RunDir, offset: int = 0) -> tuple[list[Event], int]:
        """Return new events and the next byte offset."""
        return run_dir.tail(offset)

    def state(self, run_dir: RunDir) -> str:
        """Return running, finished, failed, cancelled or lost."""
        return run_state(run_dir)

    def stop(self, run_dir: RunDir) -> str:
        """Ask; `asked_s` later terminate the tree; `terminated_s` later kill it."""
        job = run_dir.read_job() or {}
        if self.state(run_dir) != "running":
            return self._ended(run_dir, job)
        now = time.time()
        if "asked" not in job:
            run_dir.request("stop")
            return self._note(run_dir, job, "asked", now)
        if "terminated" not in job:
            if now - job["asked"] < self.asked_s:
                return "asked"
            process.terminate(job["pid"], job["started"])
            return self._note(run_dir, job, "terminated", now)
        if now - job["terminated"] < self.terminated_s:
            return "terminated"
        process.kill(job["pid"], job["started"])
        return self._note(run_dir, job, "killed", now)

    def fetch(self, run_dir: RunDir) -> None:
        """Outputs are here already."""

    def release(self, run_dir: RunDir) -> None:
        """Nothing here costs money."""

    def _note(self, run_dir: RunDir, job: dict[str, Any], rung: str, now: float) -> str:
        write_json(run_dir.job_path, {**job, rung: now})
        return rung

    def _ended(self, run_dir: RunDir, job: dict[str, Any]) -> str:
        if "asked" in job:
            _sweep(job)
            if run_dir.read_exit() is None:
                run_dir.write_exit("cancelled", kind="cancelled", message=FORCED)
        return "ended"


def _sweep(job: dict[str, Any]) -> None:
    """Remove what a dead engine left running in its session."""
    if tree(int(job["pid"]), job["started"]):
        process.kill(int(job["pid"]), job["started"])


def _clear(run_dir: RunDir) -> None:
    """Forget requests and the end of an earlier start of the same run."""
    for control in CONTROLS:
        run_dir.withdraw(control)
    for path in (run_dir.exit_path, run_dir.job_path):
        path.unlink(missing_ok=True)


BACKENDS.add("local", LocalBackend())
