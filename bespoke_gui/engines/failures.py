"""Failures: turn any exception of an engine into a kind, one line and a hint."""

from __future__ import annotations

import errno

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.events import FAILURES

Failure = tuple[str, str, str]

_OOM = ("out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory")
_FULL = ("no space left", "disk quota", "enospc")
_NETWORK = ("connection", "timed out", "name resolution", "max retries", "offline mode")


def classify(error: BaseException) -> Failure:
    """Return (kind, message, hint); the kind is one of events.FAILURES."""
    if isinstance(error, AppError):
        kind = error.kind if error.kind in FAILURES else "bad_config"
        where = f"{error.file}: " if error.file else ""
        return kind, where + error.message, error.hint
    for rule in (_memory, _package, _disk, _network):
        found = rule(error)
        if found:
            return found
    hint = "the end of log.txt says where; please report it"
    return "engine_crash", f"unexpected {type(error).__name__}: {_line(error)}", hint


def _memory(error: BaseException) -> Failure | None:
    named = type(error).__name__ == "OutOfMemoryError" or isinstance(error, MemoryError)
    if not named and not _says(error, _OOM):
        return None
    hint = "lower train_batch_size or the resolution, or turn gradient_checkpointing on"
    return "oom", f"the memory is not enough: {_line(error) or 'out of memory'}", hint


def _package(error: BaseException) -> Failure | None:
    if not isinstance(error, ImportError):
        return None
    name = error.name or _line(error)
    return "missing_package", f"the engine lacks {name}", "run `bespoke engine install`"


def _disk(error: BaseException) -> Failure | None:
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if not full and not _says(error, _FULL):
        return None
    return "disk_full", "the disk is full", "free some space and resume the run"


def _network(error: BaseException) -> Failure | None:
    if not isinstance(error, (ConnectionError, TimeoutError)) and not _says(error, _NETWORK):
        return None
    return "network", f"the network failed: {_line(error)}", "check the connection and try again"


def _says(error: BaseException, words: tuple[str, ...]) -> bool:
    if not isinstance(error, (RuntimeError, OSError)):
        return False
    text = str(error).lower()
    return any(word in text for word in words)


def _line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else ""
