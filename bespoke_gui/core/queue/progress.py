"""Progress of a running entry in a few words, from the end of its events."""

from __future__ import annotations

from typing import Any

from bespoke_gui.core.config.estimate import duration
from bespoke_gui.core.events import Event, decode
from bespoke_gui.core.rundir import RunDir

TAIL = 1 << 16
"""Bytes looked at: a stage may be told of long before, then the progress says enough."""


def progress_words(run_dir: RunDir) -> str:
    """Return "epoch 3 of 8, 12 min left", the stage it is in before that, or ""."""
    events = _last_events(run_dir)
    for event in reversed(events):
        if event.event == "progress":
            return _words(event.data)
        if event.event == "stage":
            return str(event.get("name", ""))[:60]
    return ""


def _words(data: dict[str, Any]) -> str:
    epoch, epochs, left = (data.get(key) for key in ("epoch", "epochs", "eta_s"))
    if isinstance(epoch, int) and isinstance(epochs, int):
        words = f"epoch {epoch} of {epochs}"
    else:
        words = f"step {data.get('step', '?')} of {data.get('total', '?')}"
    return f"{words}, {duration(left)} left" if isinstance(left, (int, float)) else words


def _last_events(run_dir: RunDir) -> list[Event]:
    try:
        with run_dir.events_path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL))
            lines = file.read().split(b"\n")
    except OSError:
        return []
    whole = lines[:-1] if size <= TAIL else lines[1:-1]
    return [decode(line.decode("utf-8", "replace")) for line in whole if line.strip()]
