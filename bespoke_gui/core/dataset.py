"""Dataset: images with same-stem captions in a folder, found without decoding a single image."""

from __future__ import annotations

import functools
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import repeat
from pathlib import Path, PurePosixPath

from bespoke_gui.core import excluded as exclusions
from bespoke_gui.core.dataset_files import (
    IMAGE_SUFFIXES,
    TRAINER_SUFFIXES,
    Listing,
    list_files,
    reason,
    shown,
)
from bespoke_gui.core.errors import AppError, Problem

__all__ = ["IMAGE_SUFFIXES", "TRAINER_SUFFIXES", "Dataset", "Item", "scan", "shown"]

CAPTION_EXTENSION = ".txt"
_DIGITS = re.compile(r"(\d+)")
_REPEATS = re.compile(r"(\d+)(?:_(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Item:
    """One image and its caption.

    name: path relative to the dataset folder, with `/` and suffix.
    image_file, caption_file: where both are, or where the caption would be; `has_caption` says
    whether it is there. They are texts: 100,000 of them cost a fraction of as many paths.
    excluded: listed in an excluded.txt, so kept out of prepared sets, packages and training.
    """

    name: str
    image_file: str
    caption_file: str
    has_caption: bool
    excluded: bool = False

    @property
    def image(self) -> Path:
        """The image's path."""
        return Path(self.image_file)

    @property
    def caption(self) -> Path:
        """The caption's path, or where it is expected."""
        return Path(self.caption_file)

    @property
    def stem(self) -> str:
        """The file name without folder and suffix, as it is on disk."""
        return self.image.stem


@dataclass
class Dataset:
    """What one folder holds, in natural order, and what is wrong with the file names."""

    folder: Path
    items: list[Item] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @functools.cached_property
    def captions(self) -> int:
        """How many images have a caption file; ask only when `items` are complete."""
        return sum(item.has_caption for item in self.items)

    def caption_folders(self) -> list[Path]:
        """Return the folders that hold captions, or would."""
        found = {os.path.dirname(item.caption_file) for item in self.items}  # noqa: PTH120 - speed
        return sorted(map(Path, found))

    @functools.cached_property
    def by_name(self) -> dict[str, Item]:
        """The images by their name; ask only when `items` are complete."""
        return {item.name: item for item in self.items}

    @property
    def used(self) -> list[Item]:
        """The images that are not excluded."""
        return [item for item in self.items if not item.excluded]

    @functools.cached_property
    def excluded(self) -> frozenset[str]:
        """The names of excluded images; ask only when `items` are complete."""
        return frozenset(item.name for item in self.items if item.excluded)

    def look_over(self) -> Dataset:
        """Work out ahead what a window will ask for."""
        _ = self.by_name, self.excluded, self.captions
        return self


def scan(folder: Path, caption_extension: str = CAPTION_EXTENSION) -> Dataset:
    """Find all images below `folder` with their captions; hidden files and folders are left out.

    Excluded images are there, flagged; in a prepared set also those whose source is excluded by
    now. Raises AppError when `folder` is not a readable folder. Same-stem images, captions without
    an image, and folders or lists that cannot be read are findings of the dataset.
    """
    from bespoke_gui.core.prepared.sources import excluded_files

    dataset = scan_folder(folder, caption_extension)
    by_now = excluded_files(dataset.folder)
    if by_now:
        items = dataset.items
        dataset.items = [replace(i, excluded=i.excluded or i.name in by_now) for i in items]
    return dataset


def scan_folder(folder: Path, caption_extension: str = CAPTION_EXTENSION) -> Dataset:
    """Do what `scan` does, without asking what a prepared set was made from."""
    folder = Path(folder)
    require_folder(folder)
    listing = list_files(folder, caption_extension)
    listing.images.sort(key=natural_key)
    return from_listing(listing, caption_extension)


def from_listing(listing: Listing, caption_extension: str = CAPTION_EXTENSION) -> Dataset:
    """Return the dataset of files that are known, its images in the order of the listing.

    Lists of excluded images are read; nothing else is asked of the disk.
    """
    dataset = Dataset(listing.folder, problems=list(listing.problems))
    names, captions = listing.images, set(listing.captions)
    listed = _listed(listing, captions, dataset.problems)
    stems = [name[: name.rfind(".")] for name in names]
    wanted = [stem + caption_extension for stem in stems]
    there = [caption in captions for caption in wanted]
    files = _caption_files(listing, wanted, there, caption_extension)
    left_out = [name in listed for name in names] if listed else repeat(False)
    dataset.items = list(map(Item, names, listing.paths(names), files, there, left_out))
    lonely = captions.difference(wanted)
    dataset.problems += _same_stem(names, stems) + _orphans(dataset.items, lonely)
    return dataset


def _caption_files(
    listing: Listing, wanted: list[str], there: list[bool], extension: str
) -> list[str]:
    """Return where each image's caption is, or would be: beside it, whatever its bytes are."""
    if not listing.odd:
        return listing.paths(wanted)
    beside = [_stem(path) + extension for path in listing.paths(listing.images)]
    known = zip(listing.paths(wanted), beside, there, strict=True)
    return [path if is_there else expected for path, expected, is_there in known]


def _listed(listing: Listing, captions: set[str], problems: list[Problem]) -> set[str]:
    """Return the excluded images; a list is no caption, unless an image is called like it."""
    if not listing.lists:
        return set()
    lists = set(listing.lists)
    for name in listing.images:
        prefix, last = exclusions.split(name)
        if prefix in lists and _stem(last).casefold() == "excluded":
            lists.discard(prefix)
            problems.append(_taken_for_caption(prefix, last))
    names = {prefix: exclusions.joined(prefix, exclusions.FILE_NAME) for prefix in sorted(lists)}
    captions -= set(names.values())
    paths = map(Path, listing.paths(list(names.values())))
    found = exclusions.Lists(dict(zip(names, paths, strict=True)))
    listed = found.excluded(listing.images)
    problems += found.problems
    return listed


def _taken_for_caption(prefix: str, image: str) -> Problem:
    message = f"is taken for the caption of {image}, so it excludes nothing"
    where = exclusions.joined(prefix, exclusions.FILE_NAME)
    return Problem("bad_exclusions", "warning", message, where, "rename that image")


def natural_key(name: str) -> tuple[str, str]:
    """Sort key under which `lad_9` comes before `lad_10`; ties are broken by the exact name."""
    return _DIGITS.sub(_number_key, name.casefold()), name


def _number_key(match: re.Match[str]) -> str:
    """Return a text that sorts like the number: how long it is, then its digits."""
    digits = str(int(match[0]))
    return f"\0{chr(len(digits))}{digits}"


def folder_repeats(name: str) -> tuple[int, str] | None:
    """Read `<N>_<class>` as the trainer does; None when the trainer would skip the folder.

    Method: sd-scripts config_util.py, extract_dreambooth_params (N < 1 is skipped as well).
    """
    match = _REPEATS.fullmatch(name)
    if match is None or int(match[1]) < 1:
        return None
    return int(match[1]), match[2] or ""


def named_repeats(name: str) -> tuple[int, str] | None:
    """Read `<N>_<class>` where a person clearly meant it: `384` alone is a size, not repeats."""
    found = folder_repeats(name)
    return found if found and found[1] else None


def caption_name(image: str, extension: str) -> str:
    """Return where the trainer looks for the caption of `image` (a name or path with `/`)."""
    return f"{PurePosixPath(image).with_suffix('')}{extension}"


def caption_finder(folder: Path | None) -> Callable[[Item], Path | None]:
    """Return how to find an item's caption: in `folder`, or beside the image when that is None.

    In `folder` the same relative name comes first, then a stem that only one caption there has.
    Raises AppError when `folder` is no folder.
    """
    if folder is None:
        return lambda item: item.caption if item.has_caption else None
    named = _captions_by_stem(Path(folder))

    def find(item: Item) -> Path | None:
        stem = PurePosixPath(item.name).with_suffix("")
        return named.get(str(stem)) or named.get(stem.name)

    return find


def _captions_by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise AppError("there is no such folder of captions", file=folder, hint="check the path")
    found = sorted(p for p in folder.rglob(f"*{CAPTION_EXTENSION}") if p.is_file())
    by_name = {shown(p.relative_to(folder).with_suffix("").as_posix()): p for p in found}
    stems = Counter(p.stem for p in found)
    return {**{shown(p.stem): p for p in found if stems[p.stem] == 1}, **by_name}


def require_folder(folder: Path) -> None:
    """Raise AppError where there is no folder that can be read."""
    if not folder.exists():
        raise AppError("there is no such folder", file=folder, hint="check the path")
    if not folder.is_dir():
        raise AppError("is a file, a folder of images is needed", file=folder)
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise AppError(
            f"cannot be read: {reason(error)}", file=folder, hint="check your rights to it"
        ) from error


def _stem(name: str) -> str:
    """Return an image's relative name without its suffix; it has one."""
    return name[: name.rfind(".")]


def _same_stem(names: list[str], stems: list[str]) -> list[Problem]:
    stems = [stem.casefold() for stem in stems]
    if len(set(stems)) == len(stems):
        return []
    groups: dict[str, list[str]] = defaultdict(list)
    for stem, name in zip(stems, names, strict=True):
        groups[stem].append(name)
    return [
        Problem(
            "same_stem",
            "warning",
            f"has the same name as {', '.join(names[:-1])}: they share one caption",
            names[-1],
            "rename one of them and give it a caption of its own",
        )
        for names in groups.values()
        if len(names) > 1
    ]


def _orphans(items: list[Item], lonely: set[str]) -> list[Problem]:
    wanted = {_stem(item.name).casefold(): item for item in items} if lonely else {}
    found = []
    for name in sorted(lonely, key=natural_key):
        item = wanted.get(_stem(name).casefold())
        if item is None or item.has_caption:
            found.append(_without_image(name))
        else:
            found.append(_wrong_case(name, item))
    return found


def _without_image(name: str) -> Problem:
    return Problem(
        "caption_without_image",
        "warning",
        "is a caption without an image",
        name,
        "add the image or take the caption away",
    )


def _wrong_case(name: str, item: Item) -> Problem:
    return Problem(
        "caption_wrong_case",
        "error",
        f"differs from {item.name} in upper and lower case: the trainer would not find it",
        name,
        f"rename it to {item.caption.name}",
    )
