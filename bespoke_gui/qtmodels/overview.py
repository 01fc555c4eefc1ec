"""Overview: how far a project is, stage by stage, read from its folders in the background."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.core.dataset import Dataset
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.prepared.folder import prepared_size
from bespoke_gui.core.project import Project
from bespoke_gui.qtmodels import wording

if TYPE_CHECKING:
    from bespoke_gui.core.runs import RunInfo


@dataclass(frozen=True)
class Stage:
    """One stage of the loop.

    state: "done", "todo", "busy" or "attention". figure: the number to look at, with `unit`.
    action: what to do here next, in words for a button. panel: the place to do it, where it has
    pages as "panel/page". why: what it is good for, where that depends on the state.
    """

    panel: str
    title: str
    state: str
    figure: str
    unit: str
    detail: str
    action: str
    why: str = ""


@dataclass(frozen=True)
class Overview:
    """All stages in order; `next` is the one to work on now."""

    stages: list[Stage] = field(default_factory=list)

    @property
    def next(self) -> Stage | None:
        """The first stage that needs a person, else the first that is not done.

        A running training counts as not done.
        """
        waiting = [stage for stage in self.stages if stage.state == "attention"]
        waiting = waiting or [stage for stage in self.stages if stage.state != "done"]
        return waiting[0] if waiting else (self.stages[-1] if self.stages else None)


def read_overview(project: Project, dataset: Dataset) -> Overview:
    """Look into a project's folders; what cannot be read counts as not there."""
    from bespoke_gui.core.runs import list_runs

    readers: list[Callable[[], Stage]] = [
        lambda: _images(project, dataset),
        lambda: _captions(project, dataset),
        lambda: _prepared(project),
        lambda: _packages(project),
        lambda: _runs(list_runs(project)),
        lambda: _galleries(project),
    ]
    return Overview([read() for read in readers])


def _images(project: Project, dataset: Dataset) -> Stage:
    from bespoke_gui.core.health.summary import read_summary

    images = len(dataset.used)
    found = read_summary(project.bespoke_dir, dataset)
    state, action, why = "todo", "Look at the images", ""
    if not images:
        state, detail, action = "attention", "No images yet", "Add images to the dataset folder"
    elif found is None:
        detail = "Not looked at yet"
    elif found.unreadable or found.twice:
        state = "attention"
        bad, twice = found.unreadable, found.twice
        parts = [f"{bad} cannot be read" * bool(bad), f"{twice} there twice" * bool(twice)]
        detail = ", ".join(part for part in parts if part)
        why = "An unreadable image is not learned; one that is there twice counts double."
    else:
        state, action = "done", "Look again"
        detail = f"{_count(found.near, 'pair')} nearly alike" if found.near else "Nothing is odd"
    panel = "prepare/health" if images else "captions"
    unit = "image" if images == 1 else "images"
    return Stage(panel, "Images", state, str(images), unit, detail, action, why)


def _captions(project: Project, dataset: Dataset) -> Stage:
    used = dataset.used
    images, captions = len(used), sum(item.has_caption for item in used)
    missing = images - captions
    lossy, snapshot = _lost_since(project, dataset)
    state, why = "attention", ""
    if not images:
        state, detail, action = "todo", "No images yet", "Write captions"
    elif missing:
        detail = f"{_count(missing, 'image')} without a caption"
        action = "Write the missing captions"
    elif lossy:
        detail = f"{_count(lossy, 'caption')} lost words since “{snapshot}”"
        action = "Look at the lost words"
        why = (
            "What a caption no longer says is not learned. Put the words back, or take a snapshot "
            "if they were meant to go."
        )
    else:
        state, detail, action = "done", "Every image has a caption", "Review the captions"
    panel = "captions/changes" if why else "captions"
    return Stage(panel, "Captions", state, str(captions), f"of {images}", detail, action, why)


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
    return _stage(
        "prepare/resize", "Prepare", state, len(sets), "set", detail, "Prepare the images"
    )


def _packages(project: Project) -> Stage:
    files = _newest_first(project.packages_dir, lambda p: p.suffix == ".zip")
    detail = "No package yet"
    if files:
        detail = f"Newest: {files[0].name}, {wording.size(files[0].stat().st_size)}"
    state = "done" if files else "todo"
    action = "Build the package"
    return _stage("prepare/package", "Package", state, len(files), "package", detail, action)


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
    picked = _picked(folders[0]) if folders else None
    state, action, detail = "todo", "Look at the epochs", "No epochs to look at yet"
    if picked is not None:
        state, detail = "done", f"Epoch {picked} picked in {folders[0].name}"
    elif folders:
        detail, action = f"{folders[0].name}: no epoch picked yet", "Pick an epoch"
    return _stage("gallery", "Gallery", state, len(folders), "gallery", detail, action)


def _picked(gallery: Path) -> int | None:
    """Return the epoch that was picked in a gallery, None when none was or it cannot be read."""
    from bespoke_gui.core.gallery_decision import read_decision

    with contextlib.suppress(AppError, ValueError, KeyError, TypeError):
        decision = read_decision(gallery)
        return decision.epoch if decision else None
    return None


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
    """Return the size of a set's images, unless its name says it."""
    size = prepared_size(prepared)
    return f", {size} px" if size and str(size) not in prepared.name else ""


def _count(number: int, noun: str) -> str:
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number} {noun if number == 1 else plural}"
