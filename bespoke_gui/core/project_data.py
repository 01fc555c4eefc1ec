"""All dataset folders of a project read as one, each name beginning with its folder's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bespoke_gui.core.dataset import Dataset, from_listing, scan_folder
from bespoke_gui.core.dataset_files import Listing
from bespoke_gui.core.project import Project


def prefixes(project: Project, folders: Sequence[Path] = ()) -> dict[Path, str]:
    """Return what the names of each dataset folder begin with: "" where there is only one.

    Else it is the folder as seen from the project, or its own name when it lies elsewhere, with
    a number where another folder has that name already.
    """
    folders = folders or [folder for folder, _ in project.dataset_dirs]
    if len(folders) == 1:
        return {folders[0]: ""}
    found: dict[Path, str] = {}
    for folder in folders:
        name = wanted = _name(folder, project.folder)
        number = 1
        while name in found.values():
            number += 1
            name = f"{wanted} {number}"
        found[folder] = name
    return found


def scan_project(project: Project) -> Dataset:
    """Read all dataset folders of a project as one; raises AppError when one is no folder."""
    folders = prefixes(project)
    return _joined(project, [scan_folder(folder, project.caption_extension) for folder in folders])


def project_dataset(project: Project, listings: Sequence[Listing]) -> Dataset:
    """Return the dataset of files that are known, one listing a folder, its images in order."""
    return _joined(project, [from_listing(each, project.caption_extension) for each in listings])


def _joined(project: Project, parts: Sequence[Dataset]) -> Dataset:
    if len(parts) == 1:
        return parts[0]
    whole = Dataset(project.folder)
    for part, prefix in zip(parts, prefixes(project).values(), strict=True):
        whole.items += [replace(item, name=f"{prefix}/{item.name}") for item in part.items]
        whole.problems += [replace(p, file=f"{prefix}/{p.file}") for p in part.problems]
    return whole


def _name(folder: Path, base: Path) -> str:
    try:
        name = folder.relative_to(base).as_posix()
    except ValueError:
        name = folder.name
    return folder.name if name == "." else name
