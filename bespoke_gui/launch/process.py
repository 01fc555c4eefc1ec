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
    command: Sequence[str],
    folder: Path,
    log: Path,
    extra_env: Mapping[str, str],
    given: bytes = b"",
) -> tuple[int, float]:
    """Start `command` in its own session, output to the end of `log`; return pid, start time.

    The child keeps running when this process ends or is killed. `given` (less than a pipe holds)
    is what it can read from its input. Raises AppError kind "missing_package" when the program is
    not there.
    """
    with log.open("ab") as output:
        try:
            process = subprocess.Popen(
                list(command), cwd=folder, stdout=output, stderr=subprocess.STDOUT,
                stdin=subprocess.PIPE if given else subprocess.DEVNULL, close_fds=True,
                env={**os.environ, **extra_env}, creationflags=_detached_flags(),
                start_new_session=os.name == "posix",
            )  # fmt: skip
        except OSError as error:
            raise AppError(
                f"cannot be started: {(error.strerror or str(error)).lower()}",
                file=command[0], hint="check the engine Python in the settings",
                kind="missing_package",
            ) from error  # fmt: skip
    if process.stdin is not None:
        with contextlib.suppress(OSError), process.stdin:
            process.stdin.write(given)
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
