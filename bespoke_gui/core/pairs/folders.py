"""The dataset folders of a project: added, changed, taken out; files stay where they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bespoke_gui.core import captions
from bespoke_gui.core.config.train_data import TrainData, as_packaged
from bespoke_gui.core.dataset import named_repeats, scan_folder
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.pairs.follow import FolderMove
from bespoke_gui.core.pairs.operation import Operation, TextEdit, carry_out
from bespoke_gui.core.project import Project, as_text, open_project
from bespoke_gui.core.project_data import prefixes

MOST_REPEATS = 10_000


@dataclass(frozen=True)
class FolderFacts:
    """One dataset folder as a person sees it. problem: why it cannot be read, "" when it can."""

    folder: Path
    repeats: int
    regularisation: bool
    images: int = 0
    captions: int = 0
    excluded: int = 0
    problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the folder as the command line prints it."""
        return {**self.__dict__, "folder": str(self.folder)}


@dataclass(frozen=True)
class ProjectFolders:
    """All dataset folders of a project, and how many images an epoch shows."""

    folders: list[FolderFacts]
    images_per_epoch: int


def describe(project: Project) -> ProjectFolders:
    """Count images, captions and excluded ones in every folder."""
    data = TrainData(project.name)
    found = []
    for folder, repeats, apart in _entries(project):
        facts, names = _facts(project, folder, repeats, apart)
        packaged = as_packaged(folder.resolve().name, names, repeats)
        if apart:
            packaged = TrainData("", regularisation=packaged.folders)
        data.merge(packaged)
        found.append(facts)
    return ProjectFolders(found, data.images)


def add_folder(
    project: Project, folder: Path, repeats: int = 0, regularisation: bool = False
) -> Project:
    """Take a folder of images into the project where it lies. Returns the project as saved.

    repeats: 0 for what the folder's name says, else 1. Raises AppError (usage) for one that is
    there already, holds another one or lies in it, or has no images.
    """
    folder = Path(folder).absolute()
    named = named_repeats(folder.name)
    repeats = repeats or (named[0] if named else 1)
    _require_repeats(repeats)
    if not scan_folder(folder, project.caption_extension).items:
        raise AppError("holds no images", file=folder, hint="name a folder of images")
    for other, _, _ in _entries(project):
        _require_apart(folder, other)
    entries = [*_entries(project), (folder, repeats, regularisation)]
    return _saved(project, entries)


def remove_folder(project: Project, folder: Path) -> Project:
    """Take a folder out of the project; its files stay. Raises AppError (usage)."""
    index = _index(project, folder)
    entries = _entries(project)
    del entries[index]
    return _saved(project, entries)


def change_folder(
    project: Project, folder: Path, repeats: int = 0, regularisation: bool | None = None
) -> Project:
    """Set how often an epoch shows a folder (0: as it is), and what it is for. AppError."""
    index = _index(project, folder)
    entries = _entries(project)
    old, times, apart = entries[index]
    if repeats:
        _require_repeats(repeats)
    entries[index] = (old, repeats or times, apart if regularisation is None else regularisation)
    return _saved(project, entries)


def restore_folders(project: Project, before: Project) -> Project:
    """Undo: give the project the folders that `before` had."""
    return _saved(project, _entries(before))


def _entries(project: Project) -> list[tuple[Path, int, bool]]:
    return [
        *((folder, repeats, False) for folder, repeats in project.dataset_dirs),
        *((folder, repeats, True) for folder, repeats in project.reg_dirs),
    ]


def _saved(project: Project, entries: list[tuple[Path, int, bool]]) -> Project:
    """Write bespoke.toml; the history follows where names get another folder in front."""
    taught = [(folder, repeats) for folder, repeats, apart in entries if not apart]
    if not taught:
        hint = "add another folder first"
        message = "a project needs a folder of images to teach"
        raise AppError(message, file=project.path, hint=hint, kind="usage")
    kept_apart = [(folder, repeats) for folder, repeats, apart in entries if apart]
    changed = replace(open_project(project.folder), dataset_dirs=taught, reg_dirs=kept_apart)
    old, new = prefixes(project), prefixes(changed)
    moved = {old[f]: new[f] for f in old if f in new and old[f] != new[f]}
    file = captions.read(project.path)
    text = as_text(changed)
    after = text.removesuffix("\n") if file.form.final_newline else text
    edits = [TextEdit(project.path, file.text, after)]
    carry_out(project.folder, Operation("folders", edits=edits, folders=_moves(moved, new)))
    return changed


def _moves(moved: dict[str, str], new: dict[Path, str]) -> list[FolderMove]:
    """Say for each folder whose name changed which first parts belong to other folders."""
    return [(old, now, [p for p in new.values() if p != now]) for old, now in moved.items()]


def _facts(
    project: Project, folder: Path, repeats: int, apart: bool
) -> tuple[FolderFacts, list[str]]:
    facts = FolderFacts(folder, repeats, apart)
    try:
        dataset = scan_folder(folder, project.caption_extension)
    except AppError as error:
        return replace(facts, problem=error.message), []
    used = dataset.used
    counts = {"images": len(used), "captions": sum(item.has_caption for item in used)}
    excluded = len(dataset.items) - len(used)
    return replace(facts, **counts, excluded=excluded), [item.name for item in used]


def _index(project: Project, folder: Path) -> int:
    wanted = Path(folder)
    for index, (known, _, _) in enumerate(_entries(project)):
        if known in (wanted, project.folder / wanted) or known.resolve() == wanted.resolve():
            return index
    names = ", ".join(str(known) for known, _, _ in _entries(project))
    hint = f"they are: {names}"
    raise AppError("is no dataset folder of the project", file=folder, hint=hint, kind="usage")


def _require_apart(folder: Path, other: Path) -> None:
    one, two = folder.resolve(), other.resolve()
    reason = ""
    if one == two:
        reason = "is in the project already"
    elif one.is_relative_to(two):
        reason = f"lies in {two.name}, whose images are in the project already"
    elif two.is_relative_to(one):
        reason = f"holds {two.name}, whose images are in the project already"
    if reason:
        hint = "name a folder beside it"
        raise AppError(reason, file=folder, hint=hint, kind="usage")


def _require_repeats(repeats: int) -> None:
    if not 1 <= repeats <= MOST_REPEATS:
        message = f"repeats must be from 1 to {MOST_REPEATS:,}, not {repeats}"
        raise AppError(message, kind="usage")
