"""Lock: which window works on a project; a lock whose process is gone holds nobody up."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from bespoke_gui.core import atomic, processes
from bespoke_gui.core.errors import AppError

BEING_WRITTEN_S = 2.0


@dataclass(frozen=True)
class Holder:
    """Who holds a project: process and its start (a number is reused), computer, since when.

    `started` is in seconds since 1970, `since` an ISO local time, `token` names one opening.
    """

    pid: int
    started: float
    host: str
    since: str
    token: str

    @property
    def is_alive(self) -> bool:
        """Whether that process may still run; of another computer nobody can tell."""
        return self.host != platform.node() or processes.alive(self.pid, self.started)

    @property
    def is_this_process(self) -> bool:
        """Whether it is this very program."""
        return self.host == platform.node() and self.pid == os.getpid() and self.is_alive

    def words(self) -> str:
        """Return who it is, for a person."""
        place = "" if self.host == platform.node() else f" on {self.host}"
        return f"open{place} since {self.since[11:16]} (process {self.pid})"


class ProjectLock:
    """The file `.bespoke/lock` of one project.

    It keeps two windows from working on the same captions unawares; what protects the captions
    is that no save ever overwrites a file that changed. Where the file cannot be written the
    project is open without a lock.
    """

    def __init__(self, folder: Path) -> None:
        self.path = Path(folder) / "lock"
        self._own: Holder | None = None

    def acquire(self, take_over: bool = False) -> Holder | None:
        """Take the lock; return None when it is ours now, else who has it.

        A lock of a dead process, or of this one, is taken; another one only with `take_over`.
        """
        self._own = None
        mine = _this_process()
        with contextlib.suppress(OSError, AppError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self._create(mine):
                return None
            other = self._wait_for_holder()
            if other and other.is_alive and not other.is_this_process and not take_over:
                return other
            atomic.write_text(self.path, _text(mine))
            self._own = mine
        return None

    def is_ours(self) -> bool:
        """Whether nobody took the project over since; a lock that was deleted is made again."""
        if self._own is None:
            return True
        holder = self.holder()
        if holder is None and not self.path.exists():
            with contextlib.suppress(OSError):
                return self._create(self._own)
        return holder is None or holder.token == self._own.token

    def require(self) -> None:
        """Raise AppError (kind "conflict") when another window took the project over."""
        if not self.is_ours():
            raise AppError(
                "was taken over by another window; nothing was written",
                file=self.path.parent.parent,
                hint="go on in the other window",
                kind="taken_over",
            )

    def release(self) -> None:
        """Give the lock back, if it is still ours."""
        if self._own is not None and self.is_ours():
            with contextlib.suppress(OSError):
                self.path.unlink()
        self._own = None

    def holder(self) -> Holder | None:
        """Return who has the lock, None when nobody has or the file makes no sense."""
        try:
            data = json.loads(self.path.read_text("utf-8"))
            return Holder(
                int(data["pid"]),
                float(data["started"]),
                str(data["host"]),
                str(data["since"]),
                str(data["token"]),
            )
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None

    def _create(self, mine: Holder) -> bool:
        """Make the file unless there is one; of two that try at once only one succeeds."""
        try:
            with self.path.open("x", encoding="utf-8") as file:
                file.write(_text(mine))
        except FileExistsError:
            return False
        self._own = mine
        return True

    def _wait_for_holder(self) -> Holder | None:
        """Return who has the lock; a file just begun is given time to be finished."""
        while (holder := self.holder()) is None:
            age = time.time() - self.path.stat().st_mtime
            if not 0 <= age < BEING_WRITTEN_S:
                return None
            time.sleep(0.05)
        return holder


def _this_process() -> Holder:
    pid = os.getpid()
    since = datetime.now().isoformat(timespec="seconds")
    return Holder(pid, processes.start_time(pid) or 0.0, platform.node(), since, uuid.uuid4().hex)


def _text(holder: Holder) -> str:
    return json.dumps(asdict(holder), indent=1) + "\n"
