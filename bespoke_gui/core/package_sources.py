"""What goes into a package: images sorted by their future `<repeats>_<name>` folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bespoke_gui.core.config.train_data import is_trainer_image
from bespoke_gui.core.dataset import CAPTION_EXTENSION, Item, caption_name, named_repeats, scan
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.package_layout import class_name, safe_name
from bespoke_gui.core.project import find_project, free_name, is_project, open_project


@dataclass(frozen=True)
class Source:
    """Images that go into one `<repeats>_<class_word>` folder."""

    repeats: int
    class_word: str
    items: list[Item]

    @property
    def folder(self) -> str:
        """The folder's name."""
        return f"{self.repeats}_{self.class_word}"


def sources_of(
    folder: Path, repeats: int, class_word: str, extension: str, problems: list[Problem]
) -> list[Source]:
    """Sort the images of a dataset, or of all datasets of a project, by their future folder.

    Excluded images are left out. Raises AppError for a folder that cannot be read.
    """
    if is_project(folder):
        project = open_project(folder)
        parts = project.dataset_dirs
        extension = project.caption_extension
        class_word = class_word or project.name
    else:
        parts = [(folder, 0)]
        times, word = _defaults(folder)
        repeats, class_word = repeats or times, class_word or word
    return [
        source
        for part, times in parts
        for source in _grouped(part, repeats or times, class_name(class_word), extension, problems)
    ]


def regularisation_of(folder: Path, named: Path | None, problems: list[Problem]) -> list[Source]:
    """Return the regularisation images of the project that `folder` is or belongs to.

    Without any there, those of `named`: the reg_data_dir of the config where it is on this machine.
    """
    project = open_project(folder) if is_project(folder) else find_project(folder)
    parts = project.reg_dirs if project else []
    extension = project.caption_extension if project else CAPTION_EXTENSION
    if not parts and named is not None and named.is_dir():
        parts = [(named, 1)]
    return [
        source
        for part, times in parts
        for source in _grouped(
            part,
            times if times > 1 or not named_repeats(part.name) else 0,
            class_name(part.name),
            extension,
            problems,
        )
    ]


def _defaults(folder: Path) -> tuple[int, str]:
    """Repeats and class word of a folder that names none: its project's, or 1 and its own name."""
    own, project = folder.resolve().name, find_project(folder)
    if named_repeats(own) or project is None:
        return 0, own
    repeats = project.dataset_dirs[0][1] if len(project.dataset_dirs) == 1 else 1
    return repeats, project.name


def _grouped(
    folder: Path, repeats: int, class_word: str, extension: str, problems: list[Problem]
) -> Iterator[Source]:
    dataset = scan(folder, extension)
    problems += dataset.problems
    own = named_repeats(folder.resolve().name)
    default = (repeats or (own[0] if own else 1), own[1] if own else class_word)
    groups: dict[tuple[int, str], list[Item]] = {}
    for item in dataset.used:
        if not is_trainer_image(item.name):
            problems.append(_left_out(item))
            continue
        top = item.name.split("/")[0] if "/" in item.name else ""
        numbered = named_repeats(top)
        key = numbered or default
        groups.setdefault(key, []).append(item)
    for (times, word), items in groups.items():
        yield Source(times, safe_name(word), items)


def _left_out(item: Item) -> Problem:
    return Problem(
        "format_not_read",
        "warning",
        "is left out: the trainer looks for .png, .jpg, .jpeg, .webp and .bmp only",
        item.name,
        "save it as PNG",
    )


def members_of(sources: Iterable[Source], base: str) -> dict[str, Path]:
    """Return the files of all sources by the names they get below `base`, captions along."""
    members: dict[str, Path] = {}
    taken: dict[str, set[str]] = {}
    for source in sources:
        folder = f"{base}/{source.folder}"
        used = taken.setdefault(folder, set())
        for item in source.items:
            # Two names may become one when folders and odd letters go, so each is checked.
            given = free_name(flat_name(item.name), used)
            members[f"{folder}/{given}"] = item.image
            if item.has_caption:
                caption = caption_name(given, item.caption.name.removeprefix(item.stem))
                members[f"{folder}/{caption}"] = item.caption
    return members


def flat_name(name: str) -> str:
    """Return a file name without folders: the trainer does not look into those of `<N>_<name>`."""
    parts = name.split("/")
    inside = parts[1:] if named_repeats(parts[0]) and len(parts) > 1 else parts
    return safe_name("_".join(inside))


def flat_names(names: Iterable[str]) -> dict[str, str]:
    """Return the flat name of each image of a set; two that would become one are numbered."""
    used: set[str] = set()
    return {name: free_name(flat_name(name), used) for name in names}
