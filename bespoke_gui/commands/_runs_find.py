"""Finding runs by the names people give on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.runs import RunInfo


def find_run(name: str, project: Path) -> RunInfo:
    """Return the run in folder `name`, or the run of that id in the project around `project`.

    The name alone, without the time before it, means the newest run of that name.
    """
    from bespoke_gui.core.runs import list_runs, read_run, title_of

    if (Path(name) / "spec.json").is_file():
        return read_run(Path(name))
    runs = list_runs(runs_folder(project))
    found = [info for info in runs if info.run == name]
    found = found or [info for info in runs if title_of(info.run) == name]
    if not found:
        raise AppError(f"there is no run {name}", hint="bespoke runs list shows all")
    return found[0]


def runs_folder(folder: Path) -> Path:
    """Return where the runs of the project around `folder` lie, or those of the folder itself."""
    from bespoke_gui.core.project import find_project

    project = find_project(folder)
    if project:
        return project.runs_dir
    return folder / "runs" if (folder / "runs").is_dir() else folder
