"""Package tree: the files of a zip or folder, by name, read safely whoever made it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.package_zip import NO_DATE, Member, first_difference, order
from bespoke_gui.core.package_zipcheck import (
    REPAIR,
    bomb,
    disagreements,
    files_that_are_folders,
    miscounted,
    rare_methods,
    unsafe,
)

MAX_MEMBER = 256 << 20
_FAILURES = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError,
    NotImplementedError, LookupError, OverflowError, MemoryError, OSError,
)  # fmt: skip


class Tree(Protocol):
    """The files of a package. `problems` of severity "error" mean it must not be extracted."""

    path: Path
    problems: list[Problem]

    def names(self) -> list[str]:
        """Relative names of all files, with `/`, sorted."""
        ...

    def read(self, name: str, limit: int = MAX_MEMBER) -> bytes:
        """Return a file's bytes; raises AppError when it is damaged or larger than `limit`."""
        ...


def open_tree(path: Path) -> Tree:
    """Open a zip or folder; raises AppError when it is neither."""
    path = Path(path)
    if path.is_dir():
        return FolderTree(path)
    if not path.exists():
        raise AppError("there is no such package", file=path, hint="check the path")
    return ZipTree(path)


def folders(names: list[str]) -> frozenset[str]:
    """Return every folder that extracting `names` makes."""
    found: set[str] = set()
    for name in names:
        folder = name.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(found)


class ZipTree:
    """A zip file. Nothing in it is trusted: names, sizes, links and repeated entries are judged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._entries: dict[str, zipfile.ZipInfo] = {}
        try:
            self._zip = zipfile.ZipFile(path)
        except _FAILURES as error:
            raise AppError(
                f"is not a readable zip: {_reason(error)}", file=path, hint=REPAIR
            ) from error
        self._take(self._zip.infolist())

    def __enter__(self) -> ZipTree:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def names(self) -> list[str]:
        return sorted(self._entries)

    def read(self, name: str, limit: int = MAX_MEMBER) -> bytes:
        entry = self._entries[name]
        if entry.file_size > limit:
            raise AppError(f"is larger than {limit >> 20} MB", file=name, hint=REPAIR)
        try:
            with self._zip.open(entry) as file:
                return file.read()
        except _FAILURES as error:
            raise AppError(f"is damaged: {_reason(error)}", file=name, hint=REPAIR) from error

    def members(self) -> list[Member]:
        """All entries of the zip as Bespoke would have ordered them."""
        found = [Member(e.filename, e.CRC, e.file_size) for e in self._zip.infolist()]
        return sorted(found, key=lambda member: order(member.name))

    def stray_byte(self) -> str:
        """Say where the zip differs from the one Bespoke writes of its files; "" if nowhere."""
        with self.path.open("rb") as file:
            found = first_difference(file, self.members())
        return f"byte {found[0]}, {found[1]}" if found else ""

    @property
    def is_repacked(self) -> bool:
        """Whether another program wrote it: most entries are compressed or bear a date."""
        entries = self._zip.infolist()
        ours = sum(e.compress_type == 0 and e.date_time == NO_DATE for e in entries)
        return ours * 2 < len(entries)

    def _take(self, entries: list[zipfile.ZipInfo]) -> None:
        found = bomb(entries, self.path)
        if found:
            self.problems.append(found)
            return
        for entry in entries:
            problem = unsafe(entry, self._entries)
            if problem:
                self.problems.append(problem)
            elif not entry.is_dir():
                self._entries[entry.filename] = entry
        self.problems += files_that_are_folders(self.names(), folders(self.names()))
        self.problems += rare_methods(list(self._entries.values()))
        with self.path.open("rb") as file:
            count = miscounted(file, len(self._zip.comment), len(entries))
            self.problems += [replace(count, file=str(self.path))] if count else []
            self.problems += disagreements(file, list(self._entries.values()))


class FolderTree:
    """A folder. One that is itself the package counts with its name, as in the zip."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        inside = any(path.glob("*.toml")) or (path / "training_data").is_dir()
        self._base = path.resolve().parent if inside else path.resolve()
        self._files = dict(self._walk(path.resolve()))

    @property
    def base(self) -> Path:
        """The folder that stands for /workspace."""
        return self._base

    def names(self) -> list[str]:
        return sorted(self._files)

    def read(self, name: str, limit: int = MAX_MEMBER) -> bytes:
        path = self._files[name]
        try:
            if path.stat().st_size > limit:
                raise AppError(f"is larger than {limit >> 20} MB", file=name)
            return path.read_bytes()
        except OSError as error:
            raise AppError(f"cannot be read: {_reason(error)}", file=name) from error

    def _walk(self, root: Path) -> Iterator[tuple[str, Path]]:
        for path in sorted(root.rglob("*")):
            name = path.relative_to(self._base).as_posix()
            if path.is_symlink():
                message = "is a link; a package holds plain files only"
                self.problems.append(Problem("link", "error", message, name, REPAIR))
            elif path.is_file():
                yield name, path


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())
