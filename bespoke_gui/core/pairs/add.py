"""Add images to a dataset: copies with their captions, all or none; nothing is overwritten."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bespoke_gui.core.dataset import (
    CAPTION_EXTENSION,
    IMAGE_SUFFIXES,
    named_repeats,
    natural_key,
    scan_folder,
)
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.excluded import joined
from bespoke_gui.core.pairs import names
from bespoke_gui.core.pairs.exclude import exclude
from bespoke_gui.core.pairs.operation import Operation, begin, carry_out, end
from bespoke_gui.core.pairs.target import Pairs, Place

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Found:
    """An image that is to be added: its relative name there, its file, and its caption's."""

    name: str
    image: Path
    caption: Path | None
    excluded: bool = False


@dataclass
class Added:
    """What was added, by new name, and the captions copied along.

    renamed: new names of images whose own was taken. duplicates: images left out because the
    same bytes are there already, each with the image that holds them.
    """

    images: dict[str, Path] = field(default_factory=dict)
    captions: int = 0
    renamed: dict[str, str] = field(default_factory=dict)
    duplicates: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def add(
    pairs: Pairs,
    paths: Iterable[Path],
    into: str = "",
    duplicates: bool = False,
    progress: Progress | None = None,
) -> Added:
    """Copy images, and folders of them, into a dataset folder with the captions beside them.

    into: the folder, by its prefix, where the project has several. duplicates: add images too
    whose very bytes are there already. What cannot be read is a problem, the rest goes on. Raises
    AppError when nothing can be written; nothing is then added.
    """
    place = _place(pairs, into)
    report = Added()
    found = list(_find(place, [Path(path) for path in paths], pairs.extension, report.problems))
    if not duplicates:
        found = _new_ones(pairs, found, report)
    wanted = _free_names(place, found, report)
    if wanted:
        _copy(pairs, place, wanted, report, progress)
    listed = [name for name, one in wanted.items() if one.excluded]
    exclude(pairs, [joined(place.prefix, name) for name in listed])
    return report


def _place(pairs: Pairs, into: str) -> Place:
    if not into:
        return pairs.places[0]
    for place in pairs.places:
        if into.rstrip("/") in (place.prefix, place.folder.name, str(place.folder)):
            return place
    hint = f"choose one of: {', '.join(place.prefix for place in pairs.places)}"
    raise AppError(f"{into} is no dataset folder", file=pairs.home, hint=hint, kind="usage")


def _find(
    place: Place, paths: list[Path], extension: str, problems: list[Problem]
) -> Iterator[Found]:
    seen: set[Path] = set()
    for path in paths:
        for one in _at(place, path, extension, problems):
            real = one.image.resolve()
            if real.is_relative_to(place.folder.resolve()):
                message = "lies in the dataset already"
                problems.append(Problem("already_there", "info", message, str(one.image)))
            elif real not in seen:
                seen.add(real)
                yield one


def _at(place: Place, path: Path, extension: str, problems: list[Problem]) -> Iterator[Found]:
    if path.is_dir():
        yield from _in_folder(place, path, extension, problems)
    elif not path.exists():
        problems.append(Problem("not_there", "error", "is not there", str(path), "check the path"))
    elif path.suffix.lower() in IMAGE_SUFFIXES:
        yield Found(path.name, path, _caption(path, extension))
    elif path.suffix.lower() not in (extension, *_EXTENSIONS):
        message, hint = "is no image", f"images end with {', '.join(sorted(IMAGE_SUFFIXES))}"
        problems.append(Problem("no_image", "error", message, str(path), hint))


def _in_folder(
    place: Place, path: Path, extension: str, problems: list[Problem]
) -> Iterator[Found]:
    if place.folder.resolve().is_relative_to(path.resolve()):
        message = "holds the dataset itself"
        hint = "name the folder with the new images"
        problems.append(Problem("holds_dataset", "error", message, str(path), hint))
        return
    try:
        dataset = scan_folder(path, extension)
    except AppError as error:
        problems.append(Problem("unreadable", "error", error.message, str(path), error.hint))
        return
    if not dataset.items:
        problems.append(Problem("no_images", "warning", "holds no images", str(path)))
    # The number in front of a folder's name says how often its images are shown: it stays.
    prefix = path.resolve().name if named_repeats(path.resolve().name) else ""
    for item in dataset.items:
        caption = item.caption if item.has_caption else _caption(item.image, extension)
        yield Found(joined(prefix, item.name), item.image, caption, item.excluded)


_EXTENSIONS = (CAPTION_EXTENSION, ".caption")


def _caption(image: Path, extension: str) -> Path | None:
    beside = (image.with_name(image.stem + end) for end in (extension, *_EXTENSIONS))
    return next((path for path in beside if path.is_file()), None)


def _new_ones(pairs: Pairs, found: list[Found], report: Added) -> list[Found]:
    """Leave out images whose bytes are there already, in the dataset or among the new ones."""
    by_size: dict[int, list[tuple[str, Path]]] = defaultdict(list)
    for name, item in pairs.items().items():
        by_size[_size(item.image)].append((name, item.image))
    new = []
    digests: dict[Path, str] = {}
    for one in found:
        same_size = by_size[_size(one.image)]
        twin = next((n for n, p in same_size if _same_bytes(one.image, p, digests)), None)
        if twin is None:
            new.append(one)
            same_size.append((one.name, one.image))
        else:
            report.duplicates[str(one.image)] = twin
    return new


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _same_bytes(one: Path, other: Path, known: dict[Path, str]) -> bool:
    for path in (one, other):
        if path not in known:
            try:
                with path.open("rb") as file:
                    known[path] = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError:
                known[path] = f"unreadable: {path}"
    return known[one] == known[other]


def _free_names(place: Place, found: list[Found], report: Added) -> dict[str, Found]:
    """Give each image a name whose stem is free in its folder, whatever case and suffix."""
    taken: dict[str, set[str]] = {}
    wanted: dict[str, Found] = {}
    for one in sorted(found, key=lambda one: natural_key(one.name)):
        path = PurePosixPath(one.name)
        prefix = "" if str(path.parent) == "." else str(path.parent)
        if prefix not in taken:
            taken[prefix] = {*_stems(place.folder / prefix), "excluded"}
        stem = _free(path.stem, taken[prefix])
        taken[prefix].add(names.fold(stem))
        name = joined(prefix, stem + path.suffix)
        wanted[name] = one
        if stem != path.stem:
            report.renamed[joined(place.prefix, name)] = one.image.name
    return wanted


def _stems(folder: Path) -> set[str]:
    """Return the stems of all files there: a caption without an image keeps its name too."""
    if not folder.is_dir():
        return set()
    return {names.fold(path.stem) for path in folder.iterdir() if not path.name.startswith(".")}


def _free(stem: str, taken: set[str]) -> str:
    numbered = (stem if n == 1 else f"{stem}_{n}" for n in range(1, len(taken) + 3))
    return next(name for name in numbered if names.fold(name) not in taken)


def _copy(
    pairs: Pairs,
    place: Place,
    wanted: dict[str, Found],
    report: Added,
    progress: Progress | None,
) -> None:
    """Copy all into a hidden folder beside their places, then give them their names as one."""
    operation = Operation("add")
    operation.stage = place.folder / f".bespoke-{operation.id}"
    begin(pairs.home, operation)
    try:
        for done, (name, one) in enumerate(wanted.items(), 1):
            moves = _staged(place, operation.stage, name, one, pairs.extension, report)
            operation.moves += moves
            if moves:
                report.images[joined(place.prefix, name)] = one.image
                report.captions += len(moves) - 1
            if progress is not None:
                progress(done, len(wanted), name)
    except BaseException:
        end(pairs.home, operation)
        raise
    carry_out(pairs.home, operation, begun=True)


def _staged(
    place: Place, stage: Path, name: str, one: Found, extension: str, report: Added
) -> list[tuple[Path, Path]]:
    """Copy one pair; return the moves that give both files their names, the caption first."""
    image = PurePosixPath(name)
    files = [(one.image, name)]
    if one.caption is not None:
        files.insert(0, (one.caption, str(image.with_name(image.stem + extension))))
    moves = []
    for source, target in files:
        try:
            names.copy_new(source, stage / target)
        except OSError as error:
            if getattr(error, "filename", None) not in (source, str(source)):
                raise AppError(_why(error), file=place.folder, hint="nothing was added") from error
            problem = Problem("unreadable", "error", f"cannot be read: {_why(error)}", str(source))
            report.problems.append(problem)
            return []
        moves.append((stage / target, place.folder / target))
    return moves


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
