"""Events: what an engine says while it works, one JSON object a line."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

KINDS = (
    "hello", "stage", "progress", "checkpoint", "sample", "fetched", "suggestion", "metric", "log",
    "failed", "done",
)  # fmt: skip
FAILURES = (
    "bad_config", "no_data", "missing_model", "missing_package", "oom", "nan_loss", "disk_full",
    "network", "auth", "capacity", "engine_crash", "lost", "budget", "cancelled",
)  # fmt: skip
HELD_OUT_LOSS = "held_out_loss"
"""Name of the metric of an epoch's loss on images that are not taught; 0 is before the training."""


@dataclass(frozen=True)
class Event:
    """One line of events.jsonl: `event` names the kind, `data` holds its fields.

    hello(engine, protocol, versions), stage(name), progress(step, total, epoch, epochs, loss, lr,
    images_per_s, eta_s), checkpoint(path, epoch, sha256, size), sample(path, prompt, epoch, seed),
    fetched(path, sha256, size) of a file that came from elsewhere and was verified,
    suggestion(name, key, text, note, problem), metric(name, value, epoch), log(level, text),
    failed(kind, message, hint), done(outcome).
    """

    event: str
    data: dict[str, Any] = field(default_factory=dict)
    time: float = 0.0

    def get(self, name: str, default: Any = None) -> Any:
        """Return one field of the event."""
        return self.data.get(name, default)


def encode(event: str, **fields: Any) -> str:
    """Return one line (without newline) for events.jsonl, stamped with the time."""
    return json.dumps({"event": event, "time": round(time.time(), 3), **fields}, ensure_ascii=False)


def decode(line: str) -> Event:
    """Read one line; what is no known event is a log event, never an error."""
    try:
        data = json.loads(line)
    except ValueError:
        return Event("log", {"level": "info", "text": line})
    if not isinstance(data, dict) or data.get("event") not in KINDS:
        return Event("log", {"level": "info", "text": line})
    stamp = data.pop("time", 0.0)
    return Event(data.pop("event"), data, float(stamp) if isinstance(stamp, (int, float)) else 0.0)
