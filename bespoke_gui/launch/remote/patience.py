"""Patience: how long to wait before the next try to connect, and what is said of it meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.remote.local_run import LocalRun


class BackOff:
    """Doubling waits between tries; job.json says how the link stands, events when that changed."""

    def __init__(self, local: LocalRun) -> None:
        self.local = local
        self._since: float | None = None
        self._stands = 0.0
        self._delay = 0.0
        self._said = ""

    @property
    def lasts(self) -> float:
        """For how many seconds there has been no connection; 0 while there is one."""
        return time.monotonic() - self._since if self._since is not None else 0.0

    def connected(self) -> None:
        """The link stands (again)."""
        if self._said:
            self.local.say("connected to the machine again; nothing was lost")
        self._since, self._said = None, ""
        self._stands = time.monotonic()
        self._note("ok")

    def lost(self, why: str) -> None:
        """The link is gone, or another try failed."""
        if self._since is None:
            self._since = time.monotonic()
        if not self._said:
            self._said = why
            self.local.say(f"no connection to the machine, trying again: {why}", "warning")
        self._next()
        self._note("lost" if self._delay >= self.local.waits.back_off_most else "reconnecting")

    def refused(self, error: AppError) -> None:
        """The machine can be reached but does not let us in or work; said once per reason."""
        if self._since is None:
            self._since = time.monotonic()
        if self._said != str(error):
            self._said = str(error)
            self.local.say(f"the run goes on there, but {error}", "error")
        self._next()
        self._note("lost")

    async def wait(self, at_once: Callable[[], bool]) -> None:
        """Wait for the next try; `at_once` asks whether somebody is impatient."""
        end = time.monotonic() + self._delay
        while (left := end - time.monotonic()) > 0 and not at_once():
            self.local.beat()
            await asyncio.sleep(min(left, self.local.waits.controls))
        # Impatience must not become a busy loop either.
        await asyncio.sleep(min(self.local.waits.back_off, self._delay))

    def _next(self) -> None:
        waits = self.local.waits
        # A connection that is lost at once, again and again, is no reason to hurry.
        if self._stands and time.monotonic() - self._stands > 10 * waits.back_off:
            self._delay = 0.0
        self._stands = 0.0
        self._delay = min(max(waits.back_off, 2 * self._delay), waits.back_off_most)

    def _note(self, link: str) -> None:
        if self.local.job.get("link") != link:
            self.local.note(link=link, link_since=round(time.time(), 3))
