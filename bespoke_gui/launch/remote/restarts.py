"""Restarts: a courier that dies at once is started again after longer and longer waits, then not.

What is kept lies in the run folder, so that neither another window nor another day begins anew;
a courier that lives long enough, or ends in order, clears it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core import processes
from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir, read_json
from bespoke_gui.launch.remote import lock
from bespoke_gui.launch.remote.clean import clean_text
from bespoke_gui.launch.remote.local_run import LocalRun
from bespoke_gui.launch.remote.waits import Waits

NAME = "courier_starts.json"
LOG = "courier.log"
LAST_LINES = 3
TAIL = 4096


@dataclass(frozen=True)
class Starts:
    """Couriers that were started and did not settle. tries: how many; at: when the last one was,
    in epoch seconds; pid, started: its process."""

    tries: int = 0
    at: float = 0.0
    pid: int = 0
    started: float = 0.0

    @property
    def is_starting(self) -> bool:
        """Whether the last one is still on its way: it takes a while until it holds the lock."""
        return processes.alive(self.pid, self.started)

    def is_too_soon(self, waits: Waits) -> bool:
        """Whether the next one has to wait. A clock that was set back must not stop it for long."""
        if not self.tries:
            return False
        pause = min(waits.courier_back_off * 2 ** (self.tries - 1), waits.courier_back_off_most)
        return 0 <= time.time() - self.at < pause


_unwritten: dict[Path, Starts] = {}
"""Those of folders that cannot be written: a full disk must not start couriers without end."""


def starts_of(folder: Path) -> Starts:
    """Read what is known; nothing for a file that is missing or makes no sense."""
    if folder in _unwritten:
        return _unwritten[folder]
    data = read_json(folder / NAME) or {}
    numbers = {
        name: data[name] for name in asdict(Starts()) if isinstance(data.get(name), (int, float))
    }
    return Starts(**numbers)


def note_start(folder: Path, tries: int, pid: int, started: float) -> None:
    """Write down that a courier was started, or remember it where that is not possible."""
    starts = Starts(tries, time.time(), pid, started)
    try:
        write_json(folder / NAME, asdict(starts))
    except AppError:
        _unwritten[folder] = starts


def forget(folder: Path) -> None:
    """Begin anew: the courier works, or a person asks for another try."""
    _unwritten.pop(folder, None)
    with contextlib.suppress(OSError):
        (folder / NAME).unlink(missing_ok=True)


@contextlib.contextmanager
def settling(folder: Path, waits: Waits) -> Iterator[None]:
    """Forget the failed starts once the block lasts long enough, or when it ends in order."""
    timer = threading.Timer(waits.courier_settled, forget, [folder])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    forget(folder)


def give_up(run_dir: RunDir, waits: Waits) -> AppError:
    """Return what to say of a courier that is not started any more; it is written down once.

    Whoever holds the courier's lock is the only one to write what couriers write.
    """
    error = _words(run_dir, waits.courier_tries)
    with contextlib.suppress(AppError, OSError), lock.held(run_dir.folder) as ours:
        local = LocalRun(run_dir, waits)
        if ours and local.job.get("courier_trouble") != str(error):
            local.say(str(error), "error")
            local.note(courier_trouble=str(error), link="lost", link_since=round(time.time(), 3))
    return error


def _words(run_dir: RunDir, tries: int) -> AppError:
    last = _last_lines(run_dir.folder / LOG)
    said = f"; its last words: {last}" if last else ""
    message = (
        f"the program that follows this run died {tries} times right after its start and is not "
        f"started again by itself{said}{_cost(run_dir.read_job() or {})}"
    )
    again = f"`bespoke runs attach {run_dir.folder}`, or Follow it again in the window"
    hint = f"{again}, tries once more; {LOG} there says the rest"
    return AppError(message, hint=hint, kind="engine_crash")


def _cost(job: Mapping[str, Any]) -> str:
    """What goes on costing money meanwhile, "" where nothing does."""
    pod = job.get("pod")
    if not isinstance(pod, dict) or not pod.get("name") or job.get("released"):
        return ""
    rate, name = job.get("usd_per_hour"), pod.get("id") or pod["name"]
    costs = f"${rate:.2f} an hour" if isinstance(rate, (int, float)) and rate else "money"
    return (
        f". The rented machine {name} goes on costing {costs}: `bespoke billing` lists it, "
        f"`bespoke billing --stop {name}` ends it"
    )


def _last_lines(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [clean_text(line).strip() for line in text.splitlines()]
    return " | ".join([line for line in lines if line][-LAST_LINES:])[:400]
