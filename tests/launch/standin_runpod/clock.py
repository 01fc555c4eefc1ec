"""The stand-in's clock: real time made faster, and moved ahead by hand."""

import threading
import time
from datetime import UTC, datetime
from email.utils import format_datetime


class Clock:
    """Seconds since 1970 as the stand-in sees them. rate: its seconds in a real one."""

    def __init__(self, rate: float = 1.0) -> None:
        self.rate = rate
        self._start = time.time()
        self._real = time.monotonic()
        self._ahead = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """The time of the account, in seconds since 1970."""
        with self._lock:
            return self._start + self._ahead + (time.monotonic() - self._real) * self.rate

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        with self._lock:
            self._ahead += seconds

    def real(self, seconds: float) -> float:
        """How long those seconds take in reality."""
        return seconds / self.rate


def stamp(seconds: float) -> str:
    """RFC 3339 in UTC, whole seconds, as the API writes times."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def exact(seconds: float) -> str:
    """RFC 3339 with nanoseconds: what identifies a line of a log."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


def parsed(text: str) -> float | None:
    """Seconds since 1970 of an RFC 3339 time, None for anything else."""
    head, dot, rest = text.strip().partition(".")
    fraction = f"0.{rest.rstrip('Z')}" if dot else "0"
    try:
        whole = datetime.fromisoformat(head.rstrip("Z") + "+00:00").timestamp()
        return whole + float(fraction)
    except ValueError:
        return None


def http_date(seconds: float) -> str:
    """The Date header."""
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)
