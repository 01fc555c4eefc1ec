"""Package tree: the files of a zip or folder, by name, read safely whoever made it."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from bespoke_gui.core.errors import AppError, Problem

MAX_FILES = 200_000
MAX_TOTAL = 16 << 30
MAX_MEMBER = 256 << 20
MAX_RATIO = 200
SMALL = 1 << 20
_FAILURES = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError,
    NotImplementedError, LookupError, OverflowError, MemoryError, OSError,
)  # fmt: skip
_REPAIR = "make the package again"


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
    return frozenset(
        str(parent)
        for name in names
        for parent in PurePosixPath(name).parents
        if str(parent) != "."
    )


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
                f"is not a readable zip: {_reason(error)}", file=path, hint=_REPAIR
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
            raise AppError(f"is larger than {limit >> 20} MB", file=name, hint=_REPAIR)
        try:
            with self._zip.open(entry) as file:
                return file.read()
        except _FAILURES as error:
            raise AppError(f"is damaged: {_reason(error)}", file=name, hint=_REPAIR) from error

    def _take(self, entries: list[zipfile.ZipInfo]) -> None:
        bomb = _bomb(entries, self.path)
        if bomb:
            self.problems.append(bomb)
            return
        for entry in entries:
            problem = _unsafe(entry, self._entries)
            if problem:
                self.problems.append(problem)
            elif not entry.is_dir():
                self._entries[entry.filename] = entry


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
                self.problems.append(Problem("link", "error", message, name, _REPAIR))
            elif path.is_file():
                yield name, path


def _bomb(entries: list[zipfile.ZipInfo], path: Path) -> Problem | None:
    """Judge the declared sizes before a byte is unpacked."""
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_FILES:
        reason = f"holds {len(entries)} files"
    elif total > MAX_TOTAL:
        reason = f"would unpack to {total / 1e9:.0f} GB"
    elif packed > path.stat().st_size:
        reason = "has members that overlap"
    elif any(_ratio(entry) > MAX_RATIO for entry in entries):
        reason = f"has a member that grows more than {MAX_RATIO} times"
    else:
        return None
    return Problem("zip_bomb", "error", f"{reason}; it is not opened", str(path), _REPAIR)


def _ratio(entry: zipfile.ZipInfo) -> float:
    return entry.file_size / max(1, entry.compress_size) if entry.file_size > SMALL else 1.0


def _unsafe(entry: zipfile.ZipInfo, known: dict[str, zipfile.ZipInfo]) -> Problem | None:
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    if _leaves(entry.orig_filename) or _leaves(name):
        found = "unsafe_name", "would be written outside the folder it is extracted to"
    elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        found = "link", "is a link or a device; a package holds plain files only"
    elif entry.flag_bits & 1:
        found = "encrypted", "is encrypted; a trainer cannot ask for the password"
    elif name in known:
        found = "duplicate_name", "is in the zip twice"
    else:
        return None
    return Problem(found[0], "error", found[1], ascii(name)[1:-1], _REPAIR)


def _leaves(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    drive = len(name) > 1 and name[1] == ":"
    odd = "\\" in name or any(ord(sign) < 32 for sign in name)
    return odd or drive or name.startswith("/") or ".." in parts


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())
