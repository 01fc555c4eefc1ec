"""Run folder: the one protocol between app and engine, the same local and remote."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.events import Event, decode, encode

CONTROLS = ("stop", "pause", "save", "sample", "stop_after_epoch")
COURIER_CONTROLS = ("release", "fetch")
"""Asked of the courier of a run elsewhere, never of its engine."""


class RunDir:
    """Paths and small reads and writes of one run folder."""

    def __init__(self, folder: Path, exit_name: str = "exit.json") -> None:
        self.folder = Path(folder)
        self._exit_name = exit_name

    def __fspath__(self) -> str:
        return str(self.folder)

    @property
    def run(self) -> str:
        """The run's id: the name of its folder."""
        return self.folder.name

    @property
    def spec_path(self) -> Path:
        return self.folder / "spec.json"

    @property
    def events_path(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def log_path(self) -> Path:
        return self.folder / "log.txt"

    @property
    def exit_path(self) -> Path:
        return self.folder / self._exit_name

    @property
    def job_path(self) -> Path:
        return self.folder / "job.json"

    @property
    def heartbeat_path(self) -> Path:
        return self.folder / "heartbeat"

    @property
    def outputs(self) -> Path:
        return self.folder / "outputs"

    @property
    def control(self) -> Path:
        return self.folder / "control"

    def create(self) -> RunDir:
        """Make the folder and its sub-folders; raises AppError when a run is already there."""
        if self.spec_path.exists():
            raise AppError(
                "there is already a run in this folder", file=self.folder, hint="choose another"
            )
        self.outputs.mkdir(parents=True, exist_ok=True)
        self.control.mkdir(exist_ok=True)
        return self

    def emit(self, event: str, **fields: Any) -> None:
        """Append one event; a single write, so that a reader never sees two lines mixed."""
        line = (encode(event, **fields) + "\n").encode("utf-8")
        handle = os.open(self.events_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)

    def tail(self, offset: int = 0) -> tuple[list[Event], int]:
        """Return the whole lines written since byte `offset` as events, and the next offset."""
        try:
            with self.events_path.open("rb") as file:
                file.seek(offset)
                chunk = file.read()
        except OSError:
            return [], offset
        end = chunk.rfind(b"\n") + 1
        lines = chunk[:end].decode("utf-8", "replace").splitlines()
        return [decode(line) for line in lines if line.strip()], offset + end

    def request(self, control: str) -> None:
        """Ask the engine for one of CONTROLS, or the courier for one of its own."""
        if control not in (*CONTROLS, *COURIER_CONTROLS):
            raise ValueError(f"unknown control {control!r}")
        self.control.mkdir(parents=True, exist_ok=True)
        (self.control / control).touch()

    def withdraw(self, control: str) -> None:
        """Take a request back (for example end a pause)."""
        (self.control / control).unlink(missing_ok=True)

    def requested(self, control: str) -> bool:
        """Say whether a control file is there."""
        return (self.control / control).exists()

    def beat(self) -> None:
        """Show that the engine is alive."""
        self.heartbeat_path.touch()

    def write_exit(self, outcome: str, **fields: Any) -> None:
        """Write exit.json, the last thing an engine does. Outcome: finished, failed, cancelled."""
        write_json(self.exit_path, {"outcome": outcome, "time": round(time.time(), 3), **fields})

    def read_exit(self) -> dict[str, Any] | None:
        """Return exit.json, or None while the run has not ended."""
        return read_json(self.exit_path)

    def read_job(self) -> dict[str, Any] | None:
        """Return job.json (backend, pid and start time, or pod id), or None."""
        return read_json(self.job_path)


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the object in a JSON file, or None when it is missing or unreadable."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None
