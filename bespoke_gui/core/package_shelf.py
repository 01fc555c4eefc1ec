"""The packages of a project: which there are, and a bin from which each comes back."""

from __future__ import annotations

import contextlib
import errno
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.package_integrity import sha256_of
from bespoke_gui.core.package_log import log_of

BIN = "bin/packages"


@dataclass(frozen=True)
class Shelved:
    """A package on disk. made: seconds since 1970; log: the Markdown beside it."""

    path: Path
    bytes: int
    made: float
    sha256: str = ""
    log: Path | None = None


@dataclass(frozen=True)
class Binned:
    """What was moved to the bin: (where it was, where it is)."""

    moves: tuple[tuple[Path, Path], ...]

    @property
    def name(self) -> str:
        """The package's name."""
        return next(was.name for was, _ in self.moves if was.suffix == ".zip")


def packages_in(folder: Path, known: dict[Shelved, str] | None = None) -> list[Shelved]:
    """Return the packages of a folder, the newest first.

    known: hashes of packages by what they are without one; those are not computed again.
    """
    found = []
    with contextlib.suppress(OSError):
        for path in folder.glob("*.zip"):
            with contextlib.suppress(OSError, AppError):
                stat = path.stat()
                plain = Shelved(path, stat.st_size, stat.st_mtime)
                digest = (known or {}).get(plain) or sha256_of(path)
                if known is not None:
                    known[plain] = digest
                log = log_of(path)
                log = log if log.is_file() else None
                found.append(replace(plain, sha256=digest, log=log))
    return sorted(found, key=lambda package: package.made, reverse=True)


def bin_package(path: Path, bespoke_dir: Path) -> Binned:
    """Move a package and its log to the project's bin; raises AppError."""
    target = bespoke_dir / BIN / f"{time.time_ns()}"
    moves = [(source, target / source.name) for source in (path, log_of(path)) if source.exists()]
    if not moves:
        raise AppError("is not there any more", file=path)
    try:
        target.mkdir(parents=True)
        _move(moves)
    except OSError as error:
        raise _refused(path, error) from error
    return Binned(tuple(moves))


def binned_in(bespoke_dir: Path, folder: Path) -> list[Binned]:
    """Return the packages in the bin, the last moved first; `folder` is where they came from."""
    found = []
    with contextlib.suppress(OSError):
        for place in sorted((bespoke_dir / BIN).iterdir(), reverse=True):
            moves = [(folder / path.name, path) for path in sorted(place.iterdir(), reverse=True)]
            if moves:
                found.append(Binned(tuple(moves)))
    return found


def take_back(binned: Binned) -> None:
    """Undo `bin_package`; raises AppError when something lies there by now."""
    for was, _ in binned.moves:
        if was.exists():
            raise AppError("is there again, nothing was moved", file=was, hint="rename it first")
    try:
        _move([(now, was) for was, now in binned.moves])
        binned.moves[0][1].parent.rmdir()
    except OSError as error:
        raise _refused(binned.moves[0][0], error) from error


def _move(moves: list[tuple[Path, Path]]) -> None:
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            shutil.move(source, target)
            done.append((source, target))
    except OSError:
        for source, target in done:
            shutil.move(target, source)
        raise


def _refused(path: Path, error: OSError) -> AppError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = (error.strerror or str(error)).lower()
    hint = "free some space" if full else "check your rights to the folder"
    return AppError(f"was not moved: {reason}", file=path, hint=hint)
