"""What goes wrong at the stand-in: planned beforehand, each fault a number of times."""

import fnmatch
import threading
from dataclasses import dataclass, field


@dataclass
class Fault:
    """One planned trouble for requests "METHOD /path" that fit `match` (with * and ?).

    status: answer with this instead of doing it (429 and 5xx). after: the request is done, but
    its answer is `status`, or never comes (`lost`). delay: real seconds before anything else.
    lost: the connection is closed without an answer. body: send this text, whatever it is, with
    status 200. times: how many requests it hits; -1 for ever. retry_after: seconds, with 429.
    """

    match: str
    status: int = 0
    after: bool = False
    lost: bool = False
    delay: float = 0.0
    body: str = ""
    detail: str = ""
    retry_after: int = 1
    times: int = 1


@dataclass
class Faults:
    """The planned ones, in order; the first that fits and has times left is taken."""

    planned: list[Fault] = field(default_factory=list)
    hit: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, *faults: Fault) -> None:
        """Add faults behind those already planned."""
        with self._lock:
            self.planned.extend(faults)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self.planned.clear()

    def take(self, request: str) -> Fault | None:
        """The fault that hits this request, used up by one."""
        with self._lock:
            for fault in self.planned:
                if fault.times and fnmatch.fnmatchcase(request, fault.match):
                    fault.times -= 1 if fault.times > 0 else 0
                    self.hit.append(request)
                    return fault
        return None
