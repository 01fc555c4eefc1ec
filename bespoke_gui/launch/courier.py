"""Courier: a process of its own that keeps a local run folder equal to the run on another machine.

`python -m bespoke_gui.launch.courier RUN_DIR` (in the packed app: `bespoke-gui --courier RUN_DIR`).
It outlives the window; when it dies, `attach` starts it again and it goes on at the exact byte.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path

from bespoke_gui.core import secrets
from bespoke_gui.core.atomic import write_error
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import COURIER_CONTROLS, RunDir
from bespoke_gui.core.runspec import load_spec
from bespoke_gui.launch import engine_env, process
from bespoke_gui.launch.remote import lock, restarts
from bespoke_gui.launch.remote.lent import services
from bespoke_gui.launch.remote.provider import Provider, release_is_owed
from bespoke_gui.launch.remote.waits import load_waits

WORD = "--courier"
LOG = restarts.LOG


def attach(run_dir: RunDir, provider: Provider, by_hand: bool = False) -> None:
    """Make sure that a courier follows the run, where there is something left to do.

    by_hand: a person asks. Raises AppError in one line for one that dies again and again, which
    is no longer started without that.
    """
    try:
        if is_needed(run_dir) and not lock.is_held(run_dir.folder):
            _start(run_dir, provider, by_hand)
    except OSError as error:
        raise write_error(run_dir.folder, error) from error


def _start(run_dir: RunDir, provider: Provider, by_hand: bool) -> None:
    folder = run_dir.folder
    if by_hand:
        restarts.forget(folder)
    starts, waits = restarts.starts_of(folder), load_waits()
    if starts.is_starting:
        return
    if starts.tries >= waits.courier_tries:
        raise restarts.give_up(run_dir, waits)
    if not starts.is_too_soon(waits):
        restarts.note_start(folder, starts.tries + 1, *_spawned(run_dir, provider))


def _spawned(run_dir: RunDir, provider: Provider) -> tuple[int, float]:
    environment = engine_env.environment(Path(sys.executable))
    words, log = _handed_over(run_dir, provider), run_dir.folder / LOG
    return process.spawn(command(run_dir), run_dir.folder, log, environment, words)


def is_needed(run_dir: RunDir) -> bool:
    """Whether the run has not ended, or something was asked for after its end."""
    if run_dir.read_exit() is None:
        return True
    asked = any(run_dir.requested(name) for name in COURIER_CONTROLS)
    return asked or release_is_owed(run_dir.read_job() or {})


def command(run_dir: RunDir) -> list[str]:
    """The words that start a courier."""
    if getattr(sys, "frozen", False):
        return [sys.executable, WORD, str(run_dir.folder)]
    return [sys.executable, "-m", __name__, str(run_dir.folder)]


def _handed_over(run_dir: RunDir, provider: Provider) -> bytes:
    """What only this process remembers, for the courier's standard input; b"" for nothing."""
    needed = [*provider.secrets, *_lent(run_dir)]
    kept = [
        [service, account, secrets.get(service, account)]
        for service, account in needed
        if secrets.where(service, account) == secrets.MEMORY
    ]
    known = [entry for entry in kept if entry[2]]
    return (json.dumps(known) + "\n").encode() if known else b""


def _lent(run_dir: RunDir) -> list[tuple[str, str]]:
    """The secrets the engine there will need; none where the spec cannot be read."""
    with contextlib.suppress(AppError):
        return [(service, "") for service in services(load_spec(run_dir.spec_path)).values()]
    return []


def main(folder: Path) -> int:
    """Be the courier of the run in `folder`; at once over where there is one already."""
    run_dir = RunDir(Path(folder).absolute())
    if not run_dir.spec_path.is_file():
        sys.stderr.write(f"{folder} is no run folder\n")
        return 2
    _take_secrets()
    with lock.held(run_dir.folder) as ours:
        if ours:
            _carry(run_dir)
    return 0


def _carry(run_dir: RunDir) -> None:
    from bespoke_gui.launch.base import BACKENDS
    from bespoke_gui.launch.remote.backend import RemoteBackend
    from bespoke_gui.launch.remote.courier_run import carry
    from bespoke_gui.launch.remote.real_travel import RealTravel

    backend = BACKENDS[str((run_dir.read_job() or {}).get("backend", ""))]
    if isinstance(backend, RemoteBackend):
        with restarts.settling(run_dir.folder, waits := load_waits()):
            asyncio.run(carry(run_dir, backend.provider, RealTravel(), waits))


def _take_secrets() -> None:
    """Remember what the starting process handed over on standard input."""
    if sys.stdin is None or sys.stdin.isatty():
        return
    try:
        handed = json.loads(sys.stdin.readline() or "[]")
    except ValueError:
        return
    for service, account, value in handed:
        secrets.lend(service, value, account)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m bespoke_gui.launch.courier RUN_DIR\n")
        sys.exit(2)
    sys.exit(main(Path(sys.argv[1])))
