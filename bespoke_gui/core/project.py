"""Project: a folder with a bespoke.toml that people can read, and the places of its parts."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.atomic import write_text
from bespoke_gui.core.dataset import CAPTION_EXTENSION, Dataset, Item, caption_finder, scan
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    import tomlkit

SCHEMA = 1
FILE_NAME = "bespoke.toml"
NATIVE_SIZE = 24
BIGGEST = 1 << 20
TEMPLATE = """\
# A Bespoke project. Edit it as you like: comments and order are kept.
schema = 1
name = ""

# Edge of a portrait in its own pixels.
native_size = 24

# Words that call the style; empty when every caption says it in its own way.
trigger = ""

# What stands between two phrases of a caption, and how caption files end.
separator = ","
caption_extension = ".txt"
"""
DATASET_COMMENT = "Images with captions of the same name; an epoch shows each `repeats` times."


@dataclass
class Project:
    """What bespoke.toml says. dataset_dirs: absolute folders and how often an epoch repeats each.

    reg_dirs: the same for regularisation images, which are kept apart from what is taught.
    native_size: edge of an image in its own pixels.
    """

    folder: Path
    name: str
    dataset_dirs: list[tuple[Path, int]] = field(default_factory=list)
    native_size: int = NATIVE_SIZE
    trigger: str = ""
    separator: str = ","
    caption_extension: str = CAPTION_EXTENSION
    reg_dirs: list[tuple[Path, int]] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """The project's file."""
        return self.folder / FILE_NAME

    @property
    def bespoke_dir(self) -> Path:
        """History, cache and lock: the only part in a private format."""
        return self.folder / ".bespoke"

    @property
    def configs_dir(self) -> Path:
        """Training configs."""
        return self.folder / "configs"

    @property
    def prepared_dir(self) -> Path:
        """Resized sets."""
        return self.folder / "prepared"

    @property
    def packages_dir(self) -> Path:
        """Packages for a trainer."""
        return self.folder / "packages"

    @property
    def runs_dir(self) -> Path:
        """Training runs."""
        return self.folder / "runs"

    @property
    def galleries_dir(self) -> Path:
        """Generated images of every epoch."""
        return self.folder / "galleries"

    @property
    def tries_dir(self) -> Path:
        """Prompts tried on epochs and strengths, one folder each."""
        return self.folder / "tries"

    @property
    def protocol_path(self) -> Path:
        """What every epoch is asked."""
        return self.folder / "protocol.toml"

    @property
    def criteria_path(self) -> Path:
        """What counts as success."""
        return self.folder / "criteria.toml"


@dataclass(frozen=True)
class Created:
    """A new project, the images and captions copied into it, and what was odd about the source."""

    project: Project
    images: int
    captions: int
    dataset: Dataset


def find_project(path: Path) -> Project | None:
    """Return the project that `path` belongs to, looking upwards; None when there is none."""
    start = Path(path).absolute()
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return open_project(folder)
    return None


def is_project(folder: Path) -> bool:
    """Say whether `folder` holds a bespoke.toml."""
    return (Path(folder) / FILE_NAME).is_file()


def open_project(folder: Path) -> Project:
    """Read bespoke.toml; raises AppError when it is missing, broken or from a newer version."""
    folder = Path(folder).absolute()
    document = _read(folder / FILE_NAME)
    complete_pairs(folder)
    reader = _Reader(document.unwrap(), folder / FILE_NAME)
    if reader.number("schema", SCHEMA) > SCHEMA:
        raise AppError("was written by a newer Bespoke", file=reader.path, hint="update Bespoke")
    return Project(
        folder=folder,
        name=reader.text("name", folder.name) or folder.name,
        dataset_dirs=reader.datasets(folder),
        native_size=reader.number("native_size", NATIVE_SIZE),
        trigger=reader.text("trigger", ""),
        separator=reader.text("separator", ",") or ",",
        caption_extension=reader.extension(),
        reg_dirs=reader.datasets(folder, regularisation=True),
    )


def complete_pairs(folder: Path) -> None:
    """Complete a renaming or adding of images that was cut off, where one was."""
    if (folder / ".bespoke" / "pairs.json").exists():
        from bespoke_gui.core.pairs.operation import recover

        recover(folder)


def save(project: Project) -> None:
    """Write bespoke.toml atomically; comments, order and unknown keys of the old file stay."""
    write_text(project.path, as_text(project))


def as_text(project: Project) -> str:
    """Return bespoke.toml with the project's values, everything else as it is. AppError."""
    import tomlkit

    document = _read(project.path) if project.path.exists() else tomlkit.parse(TEMPLATE)
    document["schema"] = SCHEMA
    for key in ("name", "native_size", "trigger", "separator", "caption_extension"):
        if document.get(key) != getattr(project, key):
            document[key] = getattr(project, key)
    entries = _entries(project)
    if document.unwrap().get("dataset") != entries:
        document["dataset"] = _tables(entries)
    return document.as_string()


def _entries(project: Project) -> list[dict[str, Any]]:
    shown = [(_shown(f, project.folder), n) for f, n in project.dataset_dirs]
    kept_apart = [(_shown(f, project.folder), n) for f, n in project.reg_dirs]
    return [
        *({"folder": name, "repeats": repeats} for name, repeats in shown),
        *({"folder": name, "repeats": n, "regularisation": True} for name, n in kept_apart),
    ]


def create_project(
    folder: Path, images: Path, captions: Path | None = None, name: str = ""
) -> Created:
    """Make a project in `folder` with copies of all images and captions, byte for byte.

    Captions come from `captions` when it is given, else from beside the images. Nothing is moved
    or overwritten; when a copy fails the half-made dataset is taken away again. Raises AppError.
    """
    folder = Path(folder).absolute()
    _require_free(folder)
    source = scan(images)
    if not source.items:
        raise AppError("holds no images", file=images, hint="name the folder with your images")
    find_caption = caption_finder(captions)
    pairs = [(item, find_caption(item)) for item in source.items]
    project = Project(folder, name or folder.name, [(folder / "dataset", 1)])
    new = [part for part in (project.configs_dir, folder) if not part.exists()]
    try:
        project.configs_dir.mkdir(parents=True, exist_ok=True)
        copied = _copy_all(pairs, folder / "dataset")
        save(project)
        _exclude_again(source, folder)
    except OSError as error:
        _take_back(folder / "dataset", new)
        raise _copy_error(folder, error) from error
    except AppError:
        _take_back(folder / "dataset", new)
        raise
    return Created(project, len(pairs), copied, source)


def _exclude_again(source: Dataset, folder: Path) -> None:
    """Exclude the copies of images that were excluded where they came from."""
    from bespoke_gui.core.pairs.exclude import exclude
    from bespoke_gui.core.pairs.target import open_pairs

    names = free_names([item.name for item in source.items])
    listed = [names[item.name] for item in source.items if item.excluded]
    if listed:
        exclude(open_pairs(folder), listed)


def _take_back(dataset: Path, new: list[Path]) -> None:
    """Remove what a failed `create_project` made; it made sure before that nothing was there."""
    shutil.rmtree(dataset, ignore_errors=True)
    for part in new:
        with contextlib.suppress(OSError):
            part.rmdir()


def free_names(names: list[str]) -> dict[str, str]:
    """Give every image name one whose stem is its own, also where case does not count.

    The first keeps its name; `a.jpg` beside `a.png` becomes `a_2.jpg`.
    """
    used: set[str] = set()
    return {name: free_name(name, used) for name in names}


def free_name(name: str, used: set[str]) -> str:
    """Return `name`, or one numbered so that its stem is not in `used`, and add it there."""
    path, number = Path(name), 1
    stem = candidate = path.with_suffix("").as_posix()
    while candidate.casefold() in used:
        number += 1
        candidate = f"{stem}_{number}"
    used.add(candidate.casefold())
    return candidate + path.suffix


def _require_free(folder: Path) -> None:
    for taken in (folder / FILE_NAME, folder / "dataset"):
        if taken.exists():
            raise AppError(
                "is there already, nothing was changed", file=taken, hint="name another folder"
            )


def _copy_all(pairs: list[tuple[Item, Path | None]], target: Path) -> int:
    """Copy into a folder beside `target`, then give it its name; returns the captions copied."""
    names = free_names([item.name for item, _ in pairs])
    partial = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        partial.mkdir()
        for item, caption in pairs:
            image = partial / names[item.name]
            image.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(item.image, image)
            if caption is not None:
                shutil.copyfile(caption, image.with_suffix(CAPTION_EXTENSION))
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return sum(caption is not None for _, caption in pairs)


def _copy_error(folder: Path, error: OSError) -> AppError:
    reason = (error.strerror or str(error)).lower()
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return AppError(
        f"the project could not be made, nothing is left behind: {reason}",
        file=error.filename or folder,
        hint="free some space" if full else "check your rights to the folders",
        kind="disk_full" if full else "bad_input",
    )


def _read(path: Path) -> tomlkit.TOMLDocument:
    import tomlkit
    import tomlkit.exceptions

    try:
        if path.stat().st_size > BIGGEST:
            raise AppError("is far too large for a project file", file=path)
        return tomlkit.parse(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise AppError(
            f"cannot be read: {(error.strerror or str(error)).lower()}",
            file=path,
            hint="name a project folder, or make one with `bespoke new`",
        ) from error
    except UnicodeDecodeError as error:
        raise AppError("is not UTF-8", file=path, hint="save it as UTF-8") from error
    except (tomlkit.exceptions.TOMLKitError, ValueError, RecursionError) as error:
        raise AppError(
            f"is not readable TOML: {error}", file=path, hint="correct that line"
        ) from error


def _shown(folder: Path, base: Path) -> str:
    """Write a folder inside the project relative to it, so that the project can be moved."""
    try:
        return folder.relative_to(base).as_posix()
    except ValueError:
        return folder.as_posix()


def _tables(entries: list[dict[str, Any]]) -> Any:
    import tomlkit

    tables = tomlkit.aot()
    for index, entry in enumerate(entries):
        table = tomlkit.table()
        if index == 0:
            table.add(tomlkit.comment(DATASET_COMMENT))
        for key, value in entry.items():
            table.add(key, value)
        tables.append(table)
    return tables


class _Reader:
    """Takes values of the right kind out of bespoke.toml, or says which one is wrong."""

    def __init__(self, data: dict[str, Any], path: Path) -> None:
        self.data = data
        self.path = path

    def text(self, key: str, default: str) -> str:
        value = self.data.get(key, default)
        if not isinstance(value, str):
            raise self._wrong(key, value, "a text in quotes")
        return value

    def number(self, key: str, default: int, data: dict[str, Any] | None = None) -> int:
        value = (self.data if data is None else data).get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self._wrong(key, value, "a whole number of 1 or more")
        return value

    def extension(self) -> str:
        value = self.text("caption_extension", CAPTION_EXTENSION)
        if not re.fullmatch(r"\.[\w.-]*\w", value):
            raise self._wrong("caption_extension", value, 'a suffix such as ".txt"')
        return value

    def datasets(self, base: Path, regularisation: bool = False) -> list[tuple[Path, int]]:
        entries = self.data.get("dataset", [{"folder": "dataset"}])
        entries = [entries] if isinstance(entries, dict) else entries
        if not isinstance(entries, list):
            raise self._wrong("dataset", entries, "one or more [[dataset]] sections")
        wanted = [entry for entry in entries if self._is_apart(entry) == regularisation]
        return [self._dataset(entry, base) for entry in wanted]

    def _is_apart(self, entry: Any) -> bool:
        value = entry.get("regularisation", False) if isinstance(entry, dict) else False
        if not isinstance(value, bool):
            raise self._wrong("dataset.regularisation", value, "true or false")
        return value

    def _dataset(self, entry: Any, base: Path) -> tuple[Path, int]:
        folder = entry.get("folder") if isinstance(entry, dict) else entry
        if not isinstance(folder, str) or not folder or "\0" in folder:
            raise self._wrong("dataset.folder", folder, "a folder in quotes")
        return base / folder, self.number("repeats", 1, entry if isinstance(entry, dict) else {})

    def _wrong(self, key: str, value: Any, wanted: str) -> AppError:
        shown = re.sub(r"\s+", " ", repr(value))[:60]
        return AppError(f"{key} = {shown} must be {wanted}", file=self.path, hint="correct it")
