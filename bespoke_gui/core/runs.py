"""Runs: read run folders back (state, progress, checkpoints) and write the specs of new ones."""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.dataset import folder_repeats
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.events import Event, decode
from bespoke_gui.core.lorafile import file_hash, inspect
from bespoke_gui.core.processes import alive
from bespoke_gui.core.rundir import RunDir, read_json
from bespoke_gui.core.runspec import DataFolder, LoraFile, RunSpec

if TYPE_CHECKING:
    from bespoke_gui.core.config.trainer_config import TrainingConfig
    from bespoke_gui.core.project import Project

SILENT_S = 60.0
ENDED = ("finished", "failed", "cancelled")
ENGINE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
LOST = {
    "kind": "lost",
    "message": "the engine ended without a word",
    "hint": "the end of log.txt may say why; `bespoke train --resume` goes on from the last state",
}


@dataclass(frozen=True)
class Checkpoint:
    """One LoRA file of a run. `epoch` counts completed epochs; `whole` is False for a file
    saved in the middle of one. `learning_rate` is the UNet's at its last step."""

    epoch: int
    path: Path
    sha256: str = ""
    step: int | None = None
    learning_rate: float | None = None
    whole: bool = True


@dataclass(frozen=True)
class RunInfo:
    """A run as its folder tells it; state: running, finished, failed, cancelled or lost."""

    run: str
    folder: Path
    state: str
    spec: dict[str, Any]
    progress: dict[str, Any] = field(default_factory=dict)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    failure: dict[str, str] | None = None
    stage: str = ""
    backend: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what the command line prints."""
        return {
            "run": self.run, "folder": str(self.folder), "state": self.state,
            "engine": self.spec.get("engine", ""), "base": self.spec.get("base", ""),
            "created": self.spec.get("created", ""), "backend": self.backend,
            "stage": self.stage, "progress": self.progress, "failure": self.failure,
            "checkpoints": [checkpoint_dict(item) for item in self.checkpoints],
        }  # fmt: skip


def checkpoint_dict(item: Checkpoint) -> dict[str, Any]:
    """Return one checkpoint as the command line prints it."""
    return {
        "epoch": item.epoch, "path": str(item.path), "sha256": item.sha256, "step": item.step,
        "learning_rate": item.learning_rate, "whole": item.whole,
    }  # fmt: skip


def run_state(run_dir: RunDir) -> str:
    """Running, finished, failed, cancelled or lost: exit.json, then the process, then the beat."""
    ended = _outcome(run_dir)
    if ended:
        return ended
    job = run_dir.read_job() or {}
    if "pid" in job:
        if alive(job["pid"], job.get("started")):
            return "running"
        # It may have ended properly between the two looks.
        return _outcome(run_dir) or "lost"
    return "running" if _beats(run_dir) else "lost"


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
    state = run_state(run_dir)
    events = _events(run_dir)
    return RunInfo(
        run_dir.run, run_dir.folder, state, spec, _last(events, "progress"),
        _checkpoints(run_dir, events), _failure(run_dir, state, events),
        str(_last(events, "stage").get("name", "")),
        str((run_dir.read_job() or {}).get("backend", "")),
    )  # fmt: skip


def list_runs(project: Project | Path) -> list[RunInfo]:
    """All runs of a project (or of a folder of runs), newest first; others are passed over."""
    folder = project if isinstance(project, Path) else project.runs_dir
    if not folder.is_dir():
        return []
    found = [read_run(path) for path in folder.iterdir() if (path / "spec.json").is_file()]
    return sorted(found, key=lambda run: (run.spec.get("created", ""), run.run), reverse=True)


def new_run_id(name: str) -> str:
    """A folder name for a new run: date, time and the name in safe letters."""
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S-%f")[:19]
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60]
    return f"{stamp}-{safe}" if safe else stamp


def learning_rates(folder: Path) -> dict[int, float]:
    """The UNet's learning rate at the last step of each epoch, from the events."""
    return _rates(_events(RunDir(Path(folder))))


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


def _rates(events: Sequence[Event]) -> dict[int, float]:
    rates = {}
    for event in events:
        if event.event == "progress" and isinstance(event.get("lr"), (int, float)):
            rates[int(event.get("epoch", 0))] = float(event.get("lr"))
    return rates


def _checkpoints(run_dir: RunDir, events: Sequence[Event]) -> list[Checkpoint]:
    """Announced checkpoints that still exist, and files that nobody announced."""
    rates = _rates(events)
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
    there = [item for item in found.values() if item.path.is_file()]
    return sorted(there, key=lambda item: (item.epoch, item.whole, item.path.name))


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


def data_folders(folder: Path) -> list[DataFolder]:
    """The folders to train on below `folder`, absolute.

    `<N>_<name>` folders as sd-scripts reads them; without one, every folder that holds images,
    once each. Raises AppError kind "no_data" when there is no image at all.
    """
    folder = Path(folder).absolute()
    children = [path for path in sorted(folder.glob("*")) if _has_images(path)]
    found = [
        DataFolder(str(path), *repeats)
        for path in children
        if (repeats := folder_repeats(path.name)) is not None
    ]
    if not found:
        found = [DataFolder(str(path)) for path in _image_folders(folder)]
    if not found:
        raise AppError(
            "holds no images", file=folder, hint="give the folder with --data", kind="no_data"
        )
    return found


def _image_folders(folder: Path) -> list[Path]:
    below = (path for path in sorted(folder.rglob("*")) if not path.name.startswith("."))
    return [path for path in (folder, *below) if _has_images(path)]


def _has_images(folder: Path) -> bool:
    return folder.is_dir() and any(
        path.suffix.lower() in ENGINE_SUFFIXES for path in folder.iterdir()
    )


def project_data(folder: Path) -> list[DataFolder]:
    """The dataset of the project around `folder`; nothing where there is no project."""
    from bespoke_gui.core.project import find_project

    project = find_project(folder)
    found = []
    for path, repeats in project.dataset_dirs if project else ():
        for item in data_folders(path):
            found.append(DataFolder(item.folder, item.repeats * repeats, item.class_word))
    return found


def train_spec(
    config: TrainingConfig,
    data: Sequence[DataFolder],
    *,
    engine: str = "lora",
    base: str = "",
    name: str = "",
    options: Mapping[str, Any] | None = None,
) -> RunSpec:
    """The request for a training. The base is `base`, else what the config names."""
    values = dict(config.values)
    title = name or str(values.get("output_name") or "lora")
    chosen = base or str(values.get("pretrained_model_name_or_path") or "embedded")
    return RunSpec(
        run=new_run_id(title), engine=engine, base=chosen, config=values, data=list(data),
        output="outputs", options=dict(options or {}),
    )  # fmt: skip


def sample_spec(
    sources: Sequence[Path],
    protocol: Mapping[str, Any],
    out: Path,
    *,
    base: str = "",
    engine: str = "sample",
    options: Mapping[str, Any] | None = None,
) -> RunSpec:
    """The request for a gallery of runs or LoRA files; epoch 0 (LoRA off) comes first."""
    loras = [LoraFile(0), *lora_files(sources)]
    chosen = base or str(protocol.get("base") or "embedded")
    return RunSpec(
        run=new_run_id(Path(out).name), engine=engine, base=chosen, protocol=dict(protocol),
        loras=loras, output=str(Path(out).absolute()), options=dict(options or {}),
    )  # fmt: skip


def lora_files(sources: Sequence[Path]) -> list[LoraFile]:
    """The epochs of runs and LoRA files; a file without a recorded epoch takes the next number.

    Raises AppError when a source is neither, or a run has no checkpoint yet.
    """
    found: dict[int, LoraFile] = {}
    for source in sources:
        files = _run_loras(source) if Path(source).is_dir() else [_single_lora(source)]
        for item in files:
            if item.epoch in found or item.epoch < 1:
                item.epoch = max(found, default=0) + 1
            found[item.epoch] = item
    return [found[epoch] for epoch in sorted(found)]


def _run_loras(folder: Path) -> list[LoraFile]:
    if not (Path(folder) / "spec.json").is_file():
        return _folder_loras(Path(folder))
    run = read_run(folder)
    found = [
        LoraFile(item.epoch, str(item.path), item.sha256 or file_hash(item.path),
                 item.learning_rate)
        for item in whole_epochs(run)
    ]  # fmt: skip
    if not found:
        raise AppError("has no checkpoint yet", file=folder, hint="wait for the first epoch")
    return found


def _folder_loras(folder: Path) -> list[LoraFile]:
    found = [_single_lora(path) for path in sorted(folder.glob("*.safetensors"))]
    if not found:
        raise AppError("is neither a run nor a folder of LoRA files", file=folder)
    return found


def _single_lora(path: Path) -> LoraFile:
    info = inspect(path)
    return LoraFile(info.epoch or 0, str(Path(path).absolute()), file_hash(path))
