"""How long work still takes, from how far it has come: steady, and silent until it knows."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

_ENOUGH = 1.0  # seconds of work before a guess
_WINDOW = 10.0  # seconds that count for the pace
_STEP = 0.2


class TimeLeft:
    """Guesses from the pace of the last ten seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def seconds(self, done: int, total: int) -> float | None:
        """Return the seconds that are left after `done` of `total`; None as long as unknown."""
        now = self._clock()
        if not self._seen or now - self._seen[-1][0] >= _STEP:
            self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        start, before = self._seen[0]
        if now - start < _ENOUGH or done <= before:
            return None
        return (total - done) * (now - start) / (done - before)


def words(seconds: float | None) -> str:
    """Return "12 s left" or "3 min left"; empty when unknown or over."""
    if seconds is None or seconds < 0.5:
        return ""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s left"
    minutes = round(seconds / 60)
    return f"{minutes} min left" if minutes < 90 else f"{seconds / 3600:.1f} h left"
