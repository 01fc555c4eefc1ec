"""All captions of a project, dataset or caption folder, by relative path, with their history."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from bespoke_gui.core import captions as store
from bespoke_gui.core.bulk import BulkReport, restore
from bespoke_gui.core.caption_suffixes import orphaned_suffixes, wrong_suffixes
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.dataset import natural_key, scan
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.excluded import FILE_NAME, split
from bespoke_gui.core.history import History
from bespoke_gui.core.project import Project, complete_pairs, find_project, is_project
from bespoke_gui.core.project_data import prefixes
from bespoke_gui.core.spelling_project import FILE_NAME as DICTIONARY

MISSING = Problem(
    "missing_caption",
    "warning",
    "is not there; the trainer would use the class word of the folder",
    hint="write a caption for this image",
)


@dataclass
class CaptionSet:
    """Captions by path relative to `folder`, with `/` and the suffix of the caption file.

    `home` is the folder that keeps the history: the project's where there is one. `orphans`
    are captions without an image in a folder that does hold images.
    """

    folder: Path
    captions: dict[str, Caption]
    home: Path
    separator: str = ","
    suffix: str = ".txt"
    orphans: set[str] = field(default_factory=set)

    @property
    def texts(self) -> dict[str, str | None]:
        """The text of every caption that can be read, None where an image has none."""
        return store.texts(self.captions)

    @property
    def problems(self) -> list[Problem]:
        """What was wrong with the files, each named by its relative path."""
        missing = [(name, c.path) for name, c in self.captions.items() if c.missing]
        elsewhere = wrong_suffixes(missing, self.suffix)
        found = [
            replace(p, file=name)
            for name, caption in self.captions.items()
            for p in [
                *caption.problems,
                *([elsewhere.get(name, MISSING)] if caption.missing else []),
            ]
        ]
        return found + self._others()

    def _others(self) -> list[Problem]:
        """Return caption files of another suffix, where no image asks for them."""
        if is_project(self.folder) or any(c.missing for c in self.captions.values()):
            return []
        return orphaned_suffixes(self.folder, self.suffix, self.captions)

    def history(self) -> History:
        """Open the history these captions belong to."""
        return History(self.home)

    def restore(self, history: History, name: str) -> BulkReport:
        """Bring a snapshot back (see `bulk.restore`)."""
        return restore(self.folder, history, name, self.captions, self.suffix)


def open_captions(path: Path) -> CaptionSet:
    """Read all captions below a project, dataset folder or plain folder of caption files.

    Raises AppError when `path` is no folder or its project file is broken. A file that cannot
    be read is a problem of that caption.
    """
    path = Path(path)
    if not path.is_dir():
        hint = "name a project, a dataset or a folder of caption files"
        raise AppError("is not a folder", file=path, hint=hint)
    project = find_project(path)
    if project is not None and path.absolute() == project.folder:
        return _of_project(project)
    inside = project is not None and _is_dataset(path, project)
    if not inside:
        complete_pairs(path)
    suffix = project.caption_extension if project and inside else ".txt"
    separator = project.separator if project and inside else ","
    found, orphans = _read(path, suffix)
    home = project.folder if project and inside else path
    return CaptionSet(path, found, home, separator, suffix, orphans)


def _of_project(project: Project) -> CaptionSet:
    """Read the dataset folders; with several of them each name begins with its folder's."""
    folders = [folder for folder, _ in project.dataset_dirs]
    suffix, separator = project.caption_extension, project.separator
    if len(folders) == 1:
        found, orphans = _read(folders[0], suffix)
        return CaptionSet(folders[0], found, project.folder, separator, suffix, orphans)
    base = CaptionSet(project.folder, {}, project.folder, separator, suffix)
    for folder, prefix in prefixes(project).items():
        found, orphans = _read(folder, suffix)
        base.captions |= {f"{prefix}/{name}": caption for name, caption in found.items()}
        base.orphans |= {f"{prefix}/{name}" for name in orphans}
    return base


def _read(folder: Path, suffix: str) -> tuple[dict[str, Caption], set[str]]:
    found = store.read_folder(folder, suffix)
    items = scan(folder, suffix).items
    wanted = {Path(item.name).with_suffix(suffix).as_posix(): item for item in items}
    orphans = set(found) - set(wanted) if items else set()
    for name in [name for name in orphans if split(name)[1] in (FILE_NAME, DICTIONARY)]:
        orphans.discard(name)
        del found[name]
    for name in set(wanted) - set(found):
        found[name] = Caption(wanted[name].caption)
    return {name: found[name] for name in sorted(found, key=natural_key)}, orphans


def _is_dataset(path: Path, project: Project) -> bool:
    return any(path.absolute() == folder.absolute() for folder, _ in project.dataset_dirs)
