"""Processes: is the one we started still there? A number alone proves nothing, it is reused."""

from __future__ import annotations

import contextlib
import os

import psutil

TOLERANCE_S = 2.0


def start_time(pid: int) -> float | None:
    """When process `pid` started (seconds since 1970), or None when there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None


def find(pid: object, started: object) -> psutil.Process | None:
    """Return the living process with this number and start time, else None."""
    if not isinstance(pid, int) or pid <= 0 or not isinstance(started, (int, float)):
        return None
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < TOLERANCE_S
        if same and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def alive(pid: object, started: object) -> bool:
    """Say whether the process with this number and start time still runs."""
    return find(pid, started) is not None


def tree(pid: int, started: object) -> list[psutil.Process]:
    """The process, its descendants, and whatever else still lives in its session.

    A grandchild whose parent has died belongs to nobody's children any more; on POSIX the
    session that the engine was started in still finds it.
    """
    found: dict[int, psutil.Process] = {}
    root = find(pid, started)
    if root is not None:
        with contextlib.suppress(psutil.Error):
            found = {child.pid: child for child in root.children(recursive=True)}
        found[root.pid] = root
    for process in _session(pid, started):
        found.setdefault(process.pid, process)
    return [process for process in found.values() if _living(process)]


def _reused(pid: int, started: object) -> bool:
    """Whether the number now belongs to a process that we did not start."""
    now = start_time(pid)
    if now is None:
        return False
    return not isinstance(started, (int, float)) or abs(now - started) >= TOLERANCE_S


def _session(pid: int, started: object) -> list[psutil.Process]:
    if not hasattr(os, "getsid") or _reused(pid, started):
        return []
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == pid:
                found.append(process)
    return found


def _living(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE
    return False
