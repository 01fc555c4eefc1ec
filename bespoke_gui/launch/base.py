"""Backends: the places where an engine can run, all seen through the run folder."""

from __future__ import annotations

from typing import Protocol

from bespoke_gui.core.events import Event
from bespoke_gui.core.registry import Registry
from bespoke_gui.core.rundir import RunDir

STATES = ("running", "finished", "failed", "cancelled", "lost")
RUNGS = ("asked", "terminated", "killed", "ended")


class Backend(Protocol):
    """One place. Every method may be called again at any time; none waits for the engine."""

    name: str
    title: str

    def start(self, run_dir: RunDir) -> None:
        """Start the engine of a run folder detached; AppError when that is impossible."""
        ...

    def attach(self, run_dir: RunDir, by_hand: bool = False) -> None:
        """Make sure somebody follows the run; AppError when nobody can. by_hand: a person asks for
        it, so that what was given up is tried again."""
        ...

    def read(self, run_dir: RunDir, offset: int = 0) -> tuple[list[Event], int]:
        """Return the events written since byte `offset`, and the next offset."""
        ...

    def state(self, run_dir: RunDir) -> str:
        """Return one of STATES."""
        ...

    def stop(self, run_dir: RunDir) -> str:
        """Take the next due rung of the cancel ladder and name it (one of RUNGS).

        Call it again, for example every second, until it says "ended".
        """
        ...

    def fetch(self, run_dir: RunDir) -> None:
        """Wait until every finished file is on this machine; AppError says what is missing."""
        ...

    def release(self, run_dir: RunDir) -> None:
        """Give back what costs money, and wait for it; AppError says why that did not work."""
        ...


BACKENDS: Registry[Backend] = Registry("backend", "bespoke_gui.launch")
