"""File lock: one program at a time; the system frees it when its holder dies, whatever happens."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bespoke_gui.core import atomic
from bespoke_gui.core.errors import AppError

POLL_S = 0.02
WAIT_S = 15.0


@contextlib.contextmanager
def locked(path: Path, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold the lock `path`, an empty file that stays, while the block runs.

    Threads of one program wait for each other too. Raises AppError kind "conflict" when another
    program has it for `wait_s` seconds.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise atomic.write_error(path, error) from error
    try:
        _wait(handle, path, wait_s)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, path: Path, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while not take(handle):
        if time.monotonic() > until:
            hint = "try again in a moment"
            raise AppError("is held by another program", file=path, hint=hint, kind="conflict")
        time.sleep(POLL_S)


def take(handle: int) -> bool:
    """Lock an open file until it is closed; False at once when another has it."""
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
