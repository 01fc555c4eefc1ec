"""What a set is prepared from, and what people decided about its images."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from bespoke_gui.core.dataset import Dataset, scan
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.imagefile import read_bytes
from bespoke_gui.core.prepared.off_grid import (
    ASK,
    read_decisions,
    require_action,
    write_decisions,
)
from bespoke_gui.core.prepared.one import sha256_of
from bespoke_gui.core.prepared.records import Decision
from bespoke_gui.core.project import Project, find_project, is_project, open_project
from bespoke_gui.core.project_data import prefixes, scan_project


def source_of(path: Path) -> tuple[Dataset, Project | None]:
    """Return the images of a project or folder, and the project whose dataset they are.

    Raises AppError when `path` is neither.
    """
    if is_project(path):
        project = open_project(path)
        return scan_project(project), project
    dataset = scan(path)
    project = find_project(path)
    return dataset, project if project is not None and _is_dataset(project, path) else None


def decide(
    dataset: Dataset, project: Project | None, actions: Mapping[str, str]
) -> dict[str, Decision]:
    """Return the decisions that hold for `dataset`, by its names, with `actions` added.

    New ones are kept in the project for the files as they are. Raises AppError (usage) for an
    image that is not there.
    """
    prefix = _prefix(dataset, project)
    kept = read_decisions(project.folder) if project is not None else {}
    for name, action in actions.items():
        require_action(action, name)
        item = dataset.by_name.get(name)
        if item is None:
            raise AppError("there is no such image in the set", file=name, kind="usage")
        digest = hashlib.sha256(read_bytes(item.image)).hexdigest()
        kept[prefix + name] = Decision(action, digest)
    if project is not None and actions:
        write_decisions(project.folder, kept)
    names = ((name, name.removeprefix(prefix)) for name in kept if name.startswith(prefix))
    return {inside: kept[name] for name, inside in names}


def holding(project: Project) -> dict[str, Decision]:
    """Return a project's decisions about images that are as they were then. Raises AppError."""
    items = scan_project(project).by_name
    return {
        name: decision
        for name, decision in read_decisions(project.folder).items()
        if name in items and decision.holds(sha256_of(items[name].image))
    }


def remember(
    project: Project, images: Mapping[str, Path], actions: Mapping[str, str]
) -> dict[str, Decision]:
    """Keep what was decided about images (files by name) and return all that holds.

    "ask" takes a decision back. Raises AppError.
    """
    kept = read_decisions(project.folder)
    for name, path in images.items():
        if actions[name] == ASK:
            kept.pop(name, None)
        else:
            require_action(actions[name], name)
            kept[name] = Decision(actions[name], hashlib.sha256(read_bytes(path)).hexdigest())
    write_decisions(project.folder, kept)
    return holding(project)


def _prefix(dataset: Dataset, project: Project | None) -> str:
    """Return what the project's names of these images begin with, beyond the dataset's own."""
    if project is None or dataset.folder == project.folder:
        return ""
    folder = dataset.folder.resolve()
    found = {known.resolve(): prefix for known, prefix in prefixes(project).items()}
    return f"{found[folder]}/" if found.get(folder) else ""


def _is_dataset(project: Project, path: Path) -> bool:
    return Path(path).resolve() in {folder.resolve() for folder, _ in project.dataset_dirs}
