"""Dataset: images with same-stem captions in a folder, found without decoding a single image."""

from __future__ import annotations

import functools
import os
import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from bespoke_gui.core import excluded as exclusions
from bespoke_gui.core.errors import AppError, Problem

TRAINER_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
IMAGE_SUFFIXES = TRAINER_SUFFIXES | {".gif", ".tif", ".tiff"}
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

    @property
    def captions(self) -> int:
        """How many images have a caption file."""
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
    _require_folder(folder)
    dataset = Dataset(folder)
    images, captions, lists = _collect(folder, caption_extension, dataset.problems)
    listed = _listed(images, captions, lists, dataset.problems)
    for name in sorted(images, key=natural_key):
        image, stem = images[name], _stem(name)
        found = captions.get(stem + caption_extension)
        expected = found or image[: len(stem) - len(name)] + caption_extension
        dataset.items.append(Item(name, image, expected, found is not None, name in listed))
    dataset.problems += _same_stem(dataset.items) + _orphans(dataset.items, captions)
    return dataset


def _listed(
    images: dict[str, str],
    captions: dict[str, str],
    lists: dict[str, Path],
    problems: list[Problem],
) -> set[str]:
    """Return the excluded images; a list is no caption, unless an image is called like it."""
    for name in images:
        prefix, last = exclusions.split(name)
        if Path(last).stem.casefold() == "excluded" and lists.pop(prefix, None):
            message = f"is taken for the caption of {last}, so it excludes nothing"
            where = exclusions.joined(prefix, exclusions.FILE_NAME)
            problems.append(
                Problem("bad_exclusions", "warning", message, where, "rename that image")
            )
    for prefix in lists:
        captions.pop(exclusions.joined(prefix, exclusions.FILE_NAME), None)
    found = exclusions.Lists(lists)
    listed = found.excluded(images)
    problems += found.problems
    return listed


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


def _require_folder(folder: Path) -> None:
    if not folder.exists():
        raise AppError("there is no such folder", file=folder, hint="check the path")
    if not folder.is_dir():
        raise AppError("is a file, a folder of images is needed", file=folder)
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise AppError(
            f"cannot be read: {_reason(error)}", file=folder, hint="check your rights to it"
        ) from error


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _collect(
    folder: Path, extension: str, problems: list[Problem]
) -> tuple[dict[str, str], dict[str, str], dict[str, Path]]:
    """Return images and captions by relative name, and lists of excluded ones by their folder."""
    images: dict[str, str] = {}
    captions: dict[str, str] = {}
    lists: dict[str, Path] = {}
    ending = extension.lower()
    for path, name in _files(folder, problems):
        lower = name.lower()
        if posixpath.basename(name) == exclusions.FILE_NAME:
            lists[exclusions.split(name)[0]] = Path(path)
        if posixpath.splitext(lower)[1] in IMAGE_SUFFIXES:
            images[name] = path
        elif lower.endswith(ending):
            captions[name] = path
    return images, captions, lists


def _files(folder: Path, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    """Yield every visible file below `folder` with its relative name; links to folders stay out."""

    def report(error: OSError) -> None:
        where = _relative(Path(str(error.filename)), folder)
        problems.append(
            Problem("unreadable_folder", "error", f"cannot be read: {_reason(error)}", where)
        )

    for base, folders, names in os.walk(folder, onerror=report):
        folders[:] = [name for name in folders if not name.startswith(".")]
        prefix = _relative(Path(base), folder)
        lead = f"{prefix}/" if prefix else ""
        for name in names:
            if not name.startswith("."):
                yield os.path.join(base, name), shown(lead + name)  # noqa: PTH118 - half the time


def _stem(name: str) -> str:
    """Return a relative name without its suffix."""
    return posixpath.splitext(name)[0]


def shown(name: str) -> str:
    """Return a file name as text that can be written; bytes that are no UTF-8 are escaped."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _relative(path: Path, folder: Path) -> str:
    relative = path.relative_to(folder).as_posix()
    return "" if relative == "." else relative


def _same_stem(items: list[Item]) -> list[Problem]:
    groups: dict[str, list[str]] = defaultdict(list)
    for item in items:
        groups[_stem(item.name).casefold()].append(item.name)
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


def _orphans(items: list[Item], captions: dict[str, str]) -> list[Problem]:
    used = {item.caption_file for item in items if item.has_caption}
    lonely = [name for name, path in captions.items() if path not in used]
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
