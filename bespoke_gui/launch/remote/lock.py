"""Lock: one courier a run; the system gives the lock back when its process dies."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

NAME = "courier.lock"


@contextlib.contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold the lock of a run folder inside the block; yields False when another process has it."""
    handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield _lock(handle)
    finally:
        os.close(handle)


def is_held(folder: Path) -> bool:
    """Whether a courier lives."""
    with held(folder) as ours:
        return not ours


def _lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
