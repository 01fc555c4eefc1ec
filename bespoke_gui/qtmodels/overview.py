"""Overview: how far a project is, stage by stage, read from its folders in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.core.dataset import Dataset
from bespoke_gui.core.prepared.folder import prepared_size
from bespoke_gui.core.project import Project
from bespoke_gui.qtmodels import wording

if TYPE_CHECKING:
    from bespoke_gui.core.runs import RunInfo


@dataclass(frozen=True)
class Stage:
    """One stage of the loop.

    state: "done", "todo", "busy" or "attention". figure: the number to look at, with `unit`.
    action: what to do here next, in words for a button.
    """

    panel: str
    title: str
    state: str
    figure: str
    unit: str
    detail: str
    action: str


@dataclass(frozen=True)
class Overview:
    """All stages in order; `next` is the one to work on now."""

    stages: list[Stage] = field(default_factory=list)

    @property
    def next(self) -> Stage | None:
        """The first stage that needs something; a running training counts as such."""
        waiting = [stage for stage in self.stages if stage.state != "done"]
        return waiting[0] if waiting else (self.stages[-1] if self.stages else None)


def read_overview(project: Project, dataset: Dataset) -> Overview:
    """Look into a project's folders; what cannot be read counts as not there."""
    from bespoke_gui.core.runs import list_runs

    readers: list[Callable[[], Stage]] = [
        lambda: _captions(project, dataset),
        lambda: _prepared(project),
        lambda: _packages(project),
        lambda: _runs(list_runs(project)),
        lambda: _galleries(project),
    ]
    return Overview([read() for read in readers])


def _captions(project: Project, dataset: Dataset) -> Stage:
    used = dataset.used
    images, captions = len(used), sum(item.has_caption for item in used)
    missing = images - captions
    lossy, snapshot = _lost_since(project, dataset)
    state = "attention"
    if not images:
        detail, action = "No images yet", "Add images to the dataset folder"
    elif missing:
        detail = f"{_count(missing, 'image')} without a caption"
        action = "Write the missing captions"
    elif lossy:
        detail = f"{_count(lossy, 'caption')} lost words since “{snapshot}”"
        action = "Look at the lost words"
    else:
        state, detail, action = "done", "Every image has a caption", "Review the captions"
    return Stage("captions", "Captions", state, str(captions), f"of {images}", detail, action)


def _lost_since(project: Project, dataset: Dataset) -> tuple[int, str]:
    """Return how many captions lost words since the newest snapshot a person named, and its name.

    Whoever is content with the captions as they are takes a new snapshot.
    """
    from bespoke_gui.core.caption_diff import compare_captions
    from bespoke_gui.core.captions import read_all, texts
    from bespoke_gui.core.history import History

    with History(project.folder) as history:
        named = [snapshot for snapshot in history.snapshots() if not snapshot.automatic]
        if not named:
            return 0, ""
        newest = max(named, key=lambda snapshot: snapshot.created)
        now = texts(read_all(dataset))
        before = history.load(newest.name, now)
    changes = compare_captions({name: before[name] for name in before if name in now}, now)
    return sum(change.lossy for change in changes.files.values()), newest.name


def _prepared(project: Project) -> Stage:
    sets = _newest_first(project.prepared_dir, lambda p: (p / "manifest.json").is_file())
    detail = f"Newest: {sets[0].name}{_size_of(sets[0])}" if sets else "Not prepared yet"
    state = "done" if sets else "todo"
    return _stage("prepare", "Prepare", state, len(sets), "set", detail, "Prepare the images")


def _packages(project: Project) -> Stage:
    files = _newest_first(project.packages_dir, lambda p: p.suffix == ".zip")
    detail = "No package yet"
    if files:
        detail = f"Newest: {files[0].name}, {wording.size(files[0].stat().st_size)}"
    state = "done" if files else "todo"
    return _stage("prepare", "Package", state, len(files), "package", detail, "Build the package")


def _runs(runs: list[RunInfo]) -> Stage:
    finished = [run for run in runs if run.state == "finished"]
    active = [run for run in runs if run.state == "running"]
    if active:
        detail, state, action = f"{active[0].run} is running", "busy", "Watch the training"
    elif finished:
        detail, state, action = f"{len(finished)} finished", "done", "Train again"
    else:
        detail = f"Last run: {runs[0].state}" if runs else "Not trained yet"
        state, action = "todo", "Start a training"
    return _stage("train", "Train", state, len(runs), "run", detail, action)


def _galleries(project: Project) -> Stage:
    folders = _newest_first(project.galleries_dir, Path.is_dir)
    detail = f"Newest: {folders[0].name}" if folders else "No epochs to look at yet"
    state = "done" if folders else "todo"
    action = "Look at the epochs"
    return _stage("gallery", "Gallery", state, len(folders), "gallery", detail, action)


def _stage(
    panel: str, title: str, state: str, count: int, noun: str, detail: str, action: str
) -> Stage:
    unit = _count(count, noun).split(" ", 1)[1]
    return Stage(panel, title, state, str(count), unit, detail, action)


def _newest_first(folder: Path, wanted: Callable[[Path], bool]) -> list[Path]:
    try:
        found = [p for p in folder.iterdir() if not p.name.startswith(".") and wanted(p)]
        return sorted(found, key=lambda p: p.stat().st_mtime, reverse=True)
    except OSError:
        return []


def _size_of(prepared: Path) -> str:
    size = prepared_size(prepared)
    return f", {size} px" if size else ""


def _count(number: int, noun: str) -> str:
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number} {noun if number == 1 else plural}"
