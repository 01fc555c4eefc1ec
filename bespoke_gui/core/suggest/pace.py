"""Pace: how many questions a minute all workers together may ask, and waits that can be ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Stopped(Exception):
    """The work was cancelled while it waited."""


class Pace:
    """Spreads questions evenly over each minute; one object for all threads of a batch.

    per_minute: 0 is no limit. `clock` gives seconds, `sleep(seconds)` waits and says whether the
    work was cancelled meanwhile.
    """

    def __init__(
        self,
        per_minute: int = 0,
        cancelled: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], bool] | None = None,
    ) -> None:
        self.cancelled = cancelled or threading.Event()
        self._gap = 60 / per_minute if per_minute > 0 else 0.0
        self._clock = clock
        self._sleep = sleep or self.cancelled.wait
        self._lock = threading.Lock()
        self._next = 0.0

    def turn(self) -> None:
        """Wait until the next question may be asked. Raises Stopped when cancelled."""
        while True:
            with self._lock:
                now = self._clock()
                wait = self._next - now
                if wait <= 0:
                    self._next = now + self._gap
                    break
            self.rest(wait)
        self.check()

    def hold(self, seconds: float) -> None:
        """Let nobody ask for so many seconds: an endpoint asked for it."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)

    def rest(self, seconds: float) -> None:
        """Wait. Raises Stopped when cancelled."""
        if self._sleep(seconds):
            raise Stopped
        self.check()

    def check(self) -> None:
        """Raise Stopped when the work was cancelled."""
        if self.cancelled.is_set():
            raise Stopped
