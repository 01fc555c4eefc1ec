"""Run context: how an engine speaks to the app and hears from it, through the run folder."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import RunSpec


class Cancelled(Exception):
    """The user asked the engine to end; what was done is saved. str() says how far it came."""


class RunContext:
    """The run folder and spec of one engine, with its events and controls."""

    def __init__(self, run_dir: RunDir, spec: RunSpec) -> None:
        self.run_dir = run_dir
        self.spec = spec
        self.terminated = False
        self._warned: set[str] = set()

    @property
    def folder(self) -> Path:
        return self.run_dir.folder

    def emit(self, event: str, **fields: Any) -> None:
        """Append one event."""
        self.run_dir.emit(event, **fields)

    def stage(self, name: str) -> None:
        """Say what is being done now."""
        self.emit("stage", name=name)

    def info(self, text: str) -> None:
        """Say something that needs no action."""
        self.emit("log", level="info", text=text)

    def warn(self, text: str) -> None:
        """Say something the user should know, once per run."""
        if text not in self._warned:
            self._warned.add(text)
            self.emit("log", level="warning", text=text)

    @property
    def stopping(self) -> bool:
        """Whether the run shall save and end (control/stop, or a terminate signal)."""
        return self.terminated or self.run_dir.requested("stop")

    def check(self, where: str = "") -> None:
        """Raise Cancelled when the run shall end; for places where there is nothing to save."""
        if self.stopping:
            raise Cancelled(where)

    def take(self, control: str) -> bool:
        """Say whether `control` was asked for, and mark it as heard."""
        if not self.run_dir.requested(control):
            return False
        self.run_dir.withdraw(control)
        return True

    @property
    def pausing(self) -> bool:
        """Whether the run shall wait."""
        return self.run_dir.requested("pause")

    def wait_while_paused(self, poll_s: float = 0.2) -> None:
        """Sleep until the pause is withdrawn or the run shall end."""
        self.stage("paused")
        while self.pausing and not self.stopping:
            time.sleep(poll_s)

    def resolve(self, path: str) -> Path:
        """A path of the spec: absolute, or relative to the run folder."""
        given = Path(path)
        return given if given.is_absolute() else self.folder / given
