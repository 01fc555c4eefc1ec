"""Atomic writes: a file is either the old one or the whole new one, never half."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from io import BufferedRandom
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError

TEMPORARY = ".bespoke.tmp"
_LONGEST_NAME = 50  # of the old name in the temporary one: file systems stop at 255 bytes


@contextlib.contextmanager
def replacing(
    path: Path,
    before_replace: Callable[[], object] | None = None,
    flush: bool = True,
    flush_name: bool = True,
) -> Iterator[BufferedRandom]:
    """Yield a binary file that takes the place of `path` when the block ends without error.

    It may be read back inside the block. `before_replace` is called when all bytes are safely on
    disk, as the last thing before the old file goes; what it raises keeps the old file. Owner
    and permissions stay. `flush=False` leaves the bytes to `flush_all`: for many files that can
    be made again, of which a loss of power may leave an empty one; `flush_name=False` leaves only
    the folder to `sync_folder`: a loss of power may then leave the old file. Raises AppError with
    kind "disk_full" or "bad_input" when the folder cannot be written; the old file then stays as
    it was and no temporary file is left.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        prefix = f".{path.name[:_LONGEST_NAME]}."
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=TEMPORARY, dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            _be_like(path, temporary)
            if flush:
                os.fsync(file.fileno())
        if before_replace is not None:
            before_replace()
        temporary.replace(path)
        temporary = None
        if flush and flush_name:
            sync_folder(path.parent)
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def write_bytes(
    path: Path,
    data: bytes,
    before_replace: Callable[[], object] | None = None,
    flush: bool = True,
    flush_name: bool = True,
) -> None:
    """Write `data` to `path` atomically (see `replacing`)."""
    with replacing(path, before_replace, flush, flush_name) as file:
        file.write(data)


def flush_all(paths: Iterable[Path]) -> None:
    """Bring files written with `flush=False` to the disk; one that is gone is left out.

    Together they cost a fraction of one by one. Raises AppError as `replacing` does.
    """
    for path in paths:
        try:
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        except FileNotFoundError:
            continue
        except OSError as error:
            raise write_error(path, error) from error


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, newlines untouched, to `path` atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, data: Any) -> None:
    """Write `data` as indented JSON to `path` atomically."""
    write_text(path, json.dumps(data, indent=1, ensure_ascii=False) + "\n")


def sync_folder(folder: Path) -> None:
    """Have the names in `folder` survive a power cut too, where the system can do that."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep(folder: Path, older_than: float = 3600.0) -> list[Path]:
    """Remove what writes that were killed left in `folder`; return what was removed.

    Only our own temporary files, and only after so many seconds: a younger one may be in use.
    """
    removed = []
    for path in folder.glob(f".*{TEMPORARY}"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > older_than:
                path.unlink()
                removed.append(path)
    return removed


def _be_like(path: Path, temporary: Path) -> None:
    """Give a file the mode and owner of the one it will replace; else what the umask allows."""
    try:
        old = path.stat()
    except OSError:
        temporary.chmod(0o666 & ~_UMASK)
        return
    new = temporary.stat()
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        with contextlib.suppress(OSError):  # only root may give files away
            os.chown(temporary, old.st_uid, old.st_gid)
    temporary.chmod(stat.S_IMODE(old.st_mode))


def _read_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


# Asked once: asking means setting it, which other threads would see.
_UMASK = _read_umask()


def write_error(path: Path, error: OSError) -> AppError:
    """Return what to tell about a file that could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return AppError(
            "the disk is full, nothing was written",
            file=path,
            hint="free some space and try again",
            kind="disk_full",
        )
    reason = error.strerror or str(error)
    hint = "check that the folder exists and you may write to it"
    return AppError(f"cannot be written: {reason.lower()}", file=path, hint=hint)
