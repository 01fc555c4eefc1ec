"""Process: start a program that outlives us, and end it with everything it started."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.processes import start_time, tree


def spawn(
    command: Sequence[str], folder: Path, log: Path, extra_env: Mapping[str, str]
) -> tuple[int, float]:
    """Start `command` in its own session, output to the end of `log`; return pid, start time.

    The child keeps running when this process ends or is killed. Raises AppError kind
    "missing_package" when the program is not there.
    """
    with log.open("ab") as output:
        try:
            process = subprocess.Popen(
                list(command), cwd=folder, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, env={**os.environ, **extra_env}, close_fds=True,
                creationflags=_detached_flags(), start_new_session=os.name == "posix",
            )  # fmt: skip
        except OSError as error:
            raise AppError(
                f"cannot be started: {(error.strerror or str(error)).lower()}",
                file=command[0], hint="check the engine Python in the settings",
                kind="missing_package",
            ) from error  # fmt: skip
    started = start_time(process.pid) or 0.0
    # Waiting in a thread takes the dead child away at once, so it never looks alive.
    threading.Thread(target=process.wait, name=f"wait-{process.pid}", daemon=True).start()
    return process.pid, started


def terminate(pid: int, started: object) -> int:
    """Ask the whole process tree to end; return how many processes were asked."""
    return _each(pid, started, "terminate")


def kill(pid: int, started: object) -> int:
    """End the whole process tree by force; return how many processes there were."""
    return _each(pid, started, "kill")


def _each(pid: int, started: object, method: str) -> int:
    processes = tree(pid, started)
    for process in processes:
        with contextlib.suppress(psutil.Error):
            getattr(process, method)()
    return len(processes)


def _detached_flags() -> int:
    if sys.platform != "win32":
        return 0
    return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
