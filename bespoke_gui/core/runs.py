"""Runs: read run folders back: state, progress, checkpoints, and why one failed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.events import HELD_OUT_LOSS, Event, decode
from bespoke_gui.core.lorafile import inspect
from bespoke_gui.core.processes import alive
from bespoke_gui.core.rundir import RunDir, read_json

if TYPE_CHECKING:
    from bespoke_gui.core.project import Project

JOB = ".run"
"""Folder inside a gallery in which its generation runs."""

SILENT_S = 60.0
ELSEWHERE = ("ssh", "runpod")
"""Backends whose runs are on other machines."""
ENDED = ("finished", "failed", "cancelled")
LOST = {
    "kind": "lost",
    "message": "the engine ended without a word",
    "hint": "the end of log.txt may say why; `bespoke train --resume` goes on from the last state",
}


@dataclass(frozen=True)
class Checkpoint:
    """One LoRA file of a run. `epoch` counts completed epochs; `whole` is False for a file
    saved in the middle of one. `learning_rate` is the UNet's at its last step; `held_out_loss`:
    the loss on images that are not taught, None where none were held out."""

    epoch: int
    path: Path
    sha256: str = ""
    step: int | None = None
    learning_rate: float | None = None
    whole: bool = True
    held_out_loss: float | None = None


@dataclass(frozen=True)
class RunInfo:
    """A run as its folder tells it; state: running, finished, failed, cancelled or lost.

    device: the name of the card it ran on, "cpu" without one, "" where the engine did not say.
    elsewhere: what the courier of a run on another machine tells (machine, link, missing, ...).
    held_out_losses: by epoch, 0 for before the training; empty where no images were held out.
    """

    run: str
    folder: Path
    state: str
    spec: dict[str, Any]
    progress: dict[str, Any] = field(default_factory=dict)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    failure: dict[str, str] | None = None
    stage: str = ""
    backend: str = ""
    device: str = ""
    held_out_losses: dict[int, float] = field(default_factory=dict)
    elsewhere: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return what the command line prints."""
        return {
            "run": self.run, "folder": str(self.folder), "state": self.state,
            "engine": self.spec.get("engine", ""), "base": self.spec.get("base", ""),
            "created": self.spec.get("created", ""), "backend": self.backend,
            "device": self.device, "elsewhere": self.elsewhere,
            "stage": self.stage, "progress": self.progress, "failure": self.failure,
            "checkpoints": [checkpoint_dict(item) for item in self.checkpoints],
            "held_out_losses": {str(epoch): loss for epoch, loss in self.held_out_losses.items()},
        }  # fmt: skip


def checkpoint_dict(item: Checkpoint) -> dict[str, Any]:
    """Return one checkpoint as the command line prints it."""
    return {
        "epoch": item.epoch, "path": str(item.path), "sha256": item.sha256, "step": item.step,
        "learning_rate": item.learning_rate, "whole": item.whole,
        "held_out_loss": item.held_out_loss,
    }  # fmt: skip


def run_state(run_dir: RunDir) -> str:
    """Running, finished, failed, cancelled or lost: exit.json, then the process, then the beat."""
    ended = _outcome(run_dir)
    if ended:
        return ended
    job = run_dir.read_job() or {}
    if is_elsewhere(job):
        # Its courier may be gone, the machine out of reach: the run goes on all the same.
        return "running"
    if "pid" in job:
        if alive(job["pid"], job.get("started")):
            return "running"
        # It may have ended properly between the two looks.
        return _outcome(run_dir) or "lost"
    return "running" if _beats(run_dir) else "lost"


def is_elsewhere(job: Mapping[str, Any] | None) -> bool:
    """Whether a run with this job.json is on another machine, followed by a courier."""
    return (job or {}).get("backend") in ELSEWHERE


def _elsewhere(job: Mapping[str, Any]) -> dict[str, Any]:
    """job.json of a run on another machine, without what only couriers need."""
    own = ("backend", "attempt", "courier")
    return {k: v for k, v in job.items() if k not in own} if is_elsewhere(job) else {}


def _outcome(run_dir: RunDir) -> str:
    ended = run_dir.read_exit()
    if ended is None:
        return ""
    return ended["outcome"] if ended.get("outcome") in ENDED else "failed"


def _beats(run_dir: RunDir) -> bool:
    try:
        return time.time() - run_dir.heartbeat_path.stat().st_mtime < SILENT_S
    except OSError:
        return False


def read_run(folder: Path) -> RunInfo:
    """Read one run folder; raises AppError when there is no run in it."""
    run_dir = RunDir(Path(folder).absolute())
    spec = read_json(run_dir.spec_path)
    if spec is None:
        raise AppError("is no run folder", file=folder, hint="it needs a spec.json")
    state, job = run_state(run_dir), run_dir.read_job() or {}
    events = _events(run_dir)
    return RunInfo(
        run_dir.run, run_dir.folder, state, spec, _last(events, "progress"),
        _checkpoints(run_dir, events), _failure(run_dir, state, events),
        str(_last(events, "stage").get("name", "")),
        str(job.get("backend", "")), _metric(events, "device"), _held_out_losses(events),
        _elsewhere(job),
    )  # fmt: skip


def list_runs(project: Project | Path) -> list[RunInfo]:
    """All runs of a project (or of a folder of runs), newest first; others are passed over."""
    folder = project if isinstance(project, Path) else project.runs_dir
    if not folder.is_dir():
        return []
    found = [read_run(path) for path in folder.iterdir() if (path / "spec.json").is_file()]
    return sorted(found, key=lambda run: (run.spec.get("created", ""), run.run), reverse=True)


def title_of(run: str) -> str:
    """Return the id of a run without the time at its beginning."""
    parts = run.split("-", 3)
    return parts[3] if len(parts) == 4 and parts[0].isdigit() and parts[1].isdigit() else run


def held_out_losses(folder: Path) -> dict[int, float]:
    """The loss on images that are not taught, by epoch (0: before the training), from the events.

    Empty where the folder is no run or its training held none out.
    """
    return _held_out_losses(_events(RunDir(Path(folder))))


def whole_epochs(run: RunInfo) -> list[Checkpoint]:
    """The checkpoints that end an epoch, one an epoch, in order."""
    by_epoch = {item.epoch: item for item in run.checkpoints if item.whole}
    return [by_epoch[epoch] for epoch in sorted(by_epoch)]


def _events(run_dir: RunDir) -> list[Event]:
    """All events but the chatter; a long run's log lines are not even parsed."""
    try:
        lines = run_dir.events_path.read_bytes().split(b"\n")[:-1]
    except OSError:
        return []
    return [decode(line.decode("utf-8", "replace")) for line in lines if line.strip()]


def _last(events: Sequence[Event], kind: str) -> dict[str, Any]:
    return next((event.data for event in reversed(events) if event.event == kind), {})


def _metric(events: Sequence[Event], name: str) -> str:
    found = (e.get("value") for e in events if e.event == "metric" and e.get("name") == name)
    return str(next(found, ""))


def _rates(events: Sequence[Event]) -> dict[int, float]:
    rates = {}
    for event in events:
        if event.event == "progress" and isinstance(event.get("lr"), (int, float)):
            rates[int(event.get("epoch", 0))] = float(event.get("lr"))
    return rates


def _held_out_losses(events: Sequence[Event]) -> dict[int, float]:
    losses = {}
    for event in events:
        measured = event.event == "metric" and event.get("name") == HELD_OUT_LOSS
        if measured and isinstance(event.get("value"), (int, float)):
            losses[int(event.get("epoch") or 0)] = float(event.get("value"))
    return losses


def _checkpoints(run_dir: RunDir, events: Sequence[Event]) -> list[Checkpoint]:
    """Announced checkpoints that still exist, and files that nobody announced."""
    rates, losses = _rates(events), _held_out_losses(events)
    found: dict[Path, Checkpoint] = {}
    for event in events:
        if event.event != "checkpoint" or not event.get("path"):
            continue
        path = run_dir.folder / str(event.get("path"))
        epoch = int(event.get("epoch") or 0)
        whole = "-step" not in path.stem
        found[path] = Checkpoint(
            epoch, path, str(event.get("sha256", "")), event.get("step"),
            rates.get(epoch) if whole else None, whole,
        )  # fmt: skip
    for path in sorted(run_dir.outputs.glob("*.safetensors")):
        if path not in found:
            _add_unannounced(found, path, rates)
    there = [_measured(item, losses) for item in found.values() if item.path.is_file()]
    # One saved in the middle of an epoch comes after the end of the epoch before.
    return sorted(there, key=lambda item: (item.epoch, not item.whole, item.path.name))


def _measured(item: Checkpoint, losses: Mapping[int, float]) -> Checkpoint:
    """Add the held-out loss of the epoch that a checkpoint ends."""
    return replace(item, held_out_loss=losses.get(item.epoch)) if item.whole else item


def _add_unannounced(found: dict[Path, Checkpoint], path: Path, rates: Mapping[int, float]) -> None:
    try:
        epoch = inspect(path).epoch
    except AppError:
        return
    if epoch is not None:
        whole = "-step" not in path.stem
        found[path] = Checkpoint(epoch, path, "", None, rates.get(epoch) if whole else None, whole)


def _failure(run_dir: RunDir, state: str, events: Sequence[Event]) -> dict[str, str] | None:
    if state == "lost":
        return dict(LOST)
    if state not in ("failed", "cancelled"):
        return None
    ended = {**_last(events, "failed"), **(run_dir.read_exit() or {})}
    return {name: str(ended.get(name, "")) for name in ("kind", "message", "hint")}
