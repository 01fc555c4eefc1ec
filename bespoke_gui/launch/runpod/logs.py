"""Logs: what a pod's container says, over a stream that goes on where it broke."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bespoke_gui.launch.runpod.api import Api
from bespoke_gui.launch.runpod.words import ApiError

LONGEST = 2000
KEPT = 5000
"""Lines asked for and kept; the host keys stand at the beginning of a boot."""
SILENT_S = 60.0
PRINT = re.compile(r"\b(SHA256:[A-Za-z0-9+/]{43})\b")
HEADER = "ssh host keys:"
_ANSI = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x00-\x08\x0b-\x1f\x7f]"
)


@dataclass(frozen=True)
class LogLine:
    """One line. source: "container" or "system"; id: where a broken stream goes on."""

    source: str
    text: str
    at: str = ""
    id: str = ""


def lines(api: Api, pod_id: str, last: str = "", tail: int = KEPT) -> Iterator[LogLine]:
    """Yield a pod's lines as they come, after the one with the id `last`.

    Ends when the server ends it; raises ApiError when the stream breaks.
    """
    headers = {"Last-Event-ID": last} if last else {}
    stream = api.stream(f"/v2/pods/{pod_id}/logs", headers, SILENT_S, tail=str(tail))
    event, data = "", ""
    try:
        for line in stream:
            name, _, value = line.partition(":")
            if name == "id":
                event = value.strip()
            elif name == "data":
                data += value.removeprefix(" ")
            elif not line and data:
                yield _line(event, data)
                data = ""
    finally:
        stream.close()


def cleaned(text: str) -> str:
    """A line for screen and file: no escape sequences, not too long."""
    return _ANSI.sub("", text.replace("\t", " "))[:LONGEST].rstrip()


def fingerprints(seen: list[LogLine]) -> list[str]:
    """Return the host keys ("SHA256:...") that the container named at its last boot."""
    own = [line.text for line in seen if line.source == "container"]
    headers = [at for at, text in enumerate(own) if HEADER in text.casefold()]
    found = [PRINT.search(text) for text in own[headers[-1] if headers else len(own) :]]
    return [match[1] for match in found if match]


@dataclass
class Follower:
    """Collects a pod's lines in a thread of its own, over any number of broken streams.

    heard: called with every line. Use it as a context manager.
    """

    api: Api
    pod_id: str
    heard: Callable[[LogLine], object] = lambda _line: None
    seen: list[LogLine] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Follower:
        self._thread = threading.Thread(target=self._work, name="pod-log", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Under the lock: afterwards nothing is heard any more.
        with self._lock:
            self._stop.set()

    def last(self, count: int = 5) -> list[str]:
        """The last lines, as they are shown when something went wrong."""
        return [line.text for line in self.seen[-count:]]

    def _work(self) -> None:
        last = ""
        while not self._stop.is_set():
            try:
                for line in lines(self.api, self.pod_id, last):
                    last = line.id or last
                    self._take(line)
                    if self._stop.is_set():
                        return
            except ApiError as error:
                if not error.passes:
                    return
            self._stop.wait(self.api.waits.api_back_off)

    def _take(self, line: LogLine) -> None:
        with self._lock:
            if not self._stop.is_set():
                self.seen.append(line)
                del self.seen[:-KEPT]
                self.heard(line)


def _line(event: str, data: str) -> LogLine:
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return LogLine("system", cleaned(data), id=event)
    text = cleaned(str(found.get("line", "")))
    return LogLine(str(found.get("source", "")), text, str(found.get("ts", "")), event)
