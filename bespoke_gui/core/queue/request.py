"""Request: the run folder of an entry whose turn has come."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.queue.entry import Entry
from bespoke_gui.core.run_request import (
    data_folders,
    project_data,
    regularisation_data,
    resumed,
    train_spec,
    write_run,
)
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import DataFolder

if TYPE_CHECKING:
    from bespoke_gui.core.project import Project


def run_of(entry: Entry, project: Project) -> RunDir:
    """Return the run of an entry: a new one, or its own told to go on. AppError.

    A folder that an earlier, killed start left without a spec is made anew.
    """
    folder = project.runs_dir / entry.run
    if (folder / "spec.json").is_file():
        run_dir = RunDir(folder)
        return resumed(run_dir) if _has_begun(run_dir) else run_dir
    shutil.rmtree(folder, ignore_errors=True)
    config, data, package = _asked(entry, project, folder)
    spec = train_spec(
        config, data, engine=entry.engine, base=entry.base, name=entry.title, options=entry.options
    )
    spec.place = dict(entry.place)
    return write_run(folder, spec, config.text(), package)


def folder_of(project: Project, kept: str) -> Path:
    """Return a path of the queue's file, which are relative to the project where inside it."""
    return project.folder / kept


def kept_path(project: Project, path: Path) -> str:
    """Return how a path is kept in the queue's file."""
    path = Path(path).absolute()
    inside = path.is_relative_to(project.folder.absolute())
    return (path.relative_to(project.folder.absolute()) if inside else path).as_posix()


def _has_begun(run_dir: RunDir) -> bool:
    return run_dir.events_path.exists() or run_dir.exit_path.exists()


def _asked(
    entry: Entry, project: Project, folder: Path
) -> tuple[TrainingConfig, list[DataFolder], Path | None]:
    if not entry.package:
        path = folder_of(project, entry.config) if entry.config else None
        return TrainingConfig(entry.text, path), _data(entry, project), None
    from bespoke_gui.core.package import open_package

    package = folder_of(project, entry.package)
    contents = open_package(package, folder / "package")
    return contents.config, _named(entry, project) or contents.data, _zip(package)


def _zip(package: Path) -> Path | None:
    return package if package.suffix.lower() == ".zip" else None


def _data(entry: Entry, project: Project) -> list[DataFolder]:
    found = _named(entry, project)
    if found:
        return found + regularisation_data(project.folder)
    found = project_data(project.folder)
    if not found:
        hint = "name the images with --data"
        raise AppError("the project has no images", file=project.folder, hint=hint, kind="no_data")
    return found


def _named(entry: Entry, project: Project) -> list[DataFolder]:
    return [
        item
        for folder, times in entry.data
        for item in data_folders(folder_of(project, str(folder)), int(times))
    ]
