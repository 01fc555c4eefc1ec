"""The config files of a project: new ones, other names, the bin, and writing without loss."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path

from bespoke_gui.core import atomic
from bespoke_gui.core.config.history import FOUND, history_name
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.history import History
from bespoke_gui.core.pairs.bin import new_folder

SUFFIX = ".toml"
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


@dataclass(frozen=True)
class Binned:
    """A config in the project's bin: where it was, and where it is."""

    was: Path
    now: Path


def config_files(folder: Path) -> list[Path]:
    """Return the configs in a folder by name; none where there is no folder."""
    found = folder.glob(f"*{SUFFIX}") if folder.is_dir() else ()
    return sorted(
        (path for path in found if path.is_file() and path.name[0] != "."),
        key=lambda path: path.name.casefold(),
    )


def free_path(folder: Path, stem: str) -> Path:
    """Return a path in `folder` that nothing has: `stem`, else with a number behind it."""
    stem = _UNFIT.sub("_", stem).strip(" .") or "config"
    taken = {path.stem.casefold() for path in config_files(folder)}
    names = (stem if n == 1 else f"{stem}_{n}" for n in range(1, len(taken) + 2))
    return folder / f"{next(name for name in names if name.casefold() not in taken)}{SUFFIX}"


def add_config(project: Path, folder: Path, stem: str, text: str, source: str) -> Path:
    """Write a new config under a free name like `stem`, and begin its history. AppError."""
    path = free_path(folder, stem)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise atomic.write_error(path, error) from error
    write_config(project, path, text.encode("utf-8"), None, source)
    return path


def write_config(project: Path, path: Path, data: bytes, base: bytes | None, source: str) -> None:
    """Write a config over `base`, the bytes it had when it was read (None: there was no file).

    What was there and what is there now is kept in the history of `project`, a folder. Raises
    AppError, kind "conflict", and writes nothing when another program changed the file.
    """

    def require_unchanged() -> None:
        if read_bytes(path) != base:
            raise AppError(
                "was changed by another program meanwhile, nothing was written",
                file=path, hint="load it or keep yours, then save again", kind="conflict",
            )  # fmt: skip

    require_unchanged()
    rows = [(history_name(path), text, of) for text, of in _texts(data, base, source)]
    with History(project) as history:
        history.record_rows(rows[:-1])
        atomic.write_bytes(path, data, require_unchanged)
        history.record_rows(rows[-1:])


def read_bytes(path: Path) -> bytes | None:
    """Return what a file holds, None where there is none. Raises AppError when unreadable."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be read: {reason}", file=path, kind="bad_config") from error


def rename_config(project: Path, path: Path, stem: str) -> Path:
    """Give a config another name; its history goes with it. Raises AppError."""
    stem = stem.strip().removesuffix(SUFFIX).strip()
    if not stem or _UNFIT.search(stem) or stem[0] == ".":
        raise AppError(f"{stem!r} cannot be the name of a file", kind="usage")
    target = path.with_name(f"{stem}{SUFFIX}")
    if target == path:
        return path
    if target.exists() and not target.samefile(path):
        raise AppError("there is such a config already", file=target, kind="usage")
    _move(path, target)
    with History(project) as history:
        history.move_texts(history_name(path), history_name(target))
    return target


def bin_config(project: Path, path: Path) -> Binned:
    """Move a config into the project's bin; its history stays. Raises AppError."""
    try:
        now = new_folder(project) / path.name
    except OSError as error:
        raise atomic.write_error(path, error) from error
    _move(path, now)
    return Binned(path, now)


def unbin_config(binned: Binned) -> Path:
    """Bring a config back, under a free name where something else has its own. AppError."""
    target = binned.was
    if target.exists():
        target = free_path(target.parent, target.stem)
    _move(binned.now, target)
    with contextlib.suppress(OSError):
        binned.now.parent.rmdir()
    return target


def _texts(data: bytes, base: bytes | None, source: str) -> list[tuple[str, str]]:
    texts = [] if base is None else [(base, FOUND)]
    return [(one.decode("utf-8", "replace"), of) for one, of in [*texts, (data, source)]]


def _move(path: Path, target: Path) -> None:
    try:
        path.rename(target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be moved: {reason}", file=path) from error
