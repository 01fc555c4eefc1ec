"""Lock: one courier a run; the system gives the lock back when its process dies."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from bespoke_gui.core.filelock import take

NAME = "courier.lock"


@contextlib.contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold the lock of a run folder inside the block; yields False when another process has it."""
    handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield take(handle)
    finally:
        os.close(handle)


def is_held(folder: Path) -> bool:
    """Whether a courier lives."""
    with held(folder) as ours:
        return not ours
