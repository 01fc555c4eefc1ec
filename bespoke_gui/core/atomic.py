"""Atomic writes: a file is either the old one or the whole new one, never half."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from io import BufferedRandom
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BufferedRandom]:
    """Yield a binary file that takes the place of `path` when the block ends without error.

    It may be read back inside the block. Raises AppError with kind "disk_full" or "bad_input"
    when the folder cannot be written; the old file then stays as it was and no temporary file
    is left.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode_for(path))
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise _write_error(path, error) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path` atomically."""
    with replacing(path) as file:
        file.write(data)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, newlines untouched, to `path` atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, data: Any) -> None:
    """Write `data` as indented JSON to `path` atomically."""
    write_text(path, json.dumps(data, indent=1, ensure_ascii=False) + "\n")


def _mode_for(path: Path) -> int:
    """Keep the mode of an existing file; a new one gets what the umask allows."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _write_error(path: Path, error: OSError) -> AppError:
    import errno

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
