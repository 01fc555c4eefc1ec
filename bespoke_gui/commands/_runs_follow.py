"""Following a run on the terminal: progress and what matters, until it ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bespoke_gui.commands.output import progress, say

if TYPE_CHECKING:
    from bespoke_gui.core.events import Event
    from bespoke_gui.core.rundir import RunDir
    from bespoke_gui.launch.base import Backend

POLL_S = 0.2
ATTACH_EVERY_S = 5.0


def follow(backend: Backend, run_dir: RunDir, offset: int = 0) -> str:
    """Show a run's events until it ends; return its state.

    An interrupt from the keyboard leaves the run going, and says how to stop it.
    """
    attached = -ATTACH_EVERY_S
    try:
        while True:
            if time.monotonic() - attached >= ATTACH_EVERY_S:
                attached = time.monotonic()
                backend.attach(run_dir)
            state = backend.state(run_dir)
            events, offset = backend.read(run_dir, offset)
            for event in events:
                show(event)
            if state != "running":
                return state
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        say(f"\nthe run goes on; `bespoke runs stop {run_dir.folder}` ends it")
        raise


def show(event: Event) -> None:
    """Print one event for people."""
    if event.event == "progress":
        loss = event.get("loss")
        shown = f" loss {loss:.4f}" if isinstance(loss, float) else ""
        what = f"epoch {event.get('epoch')}/{event.get('epochs')}{shown} {_eta(event)}"
        progress(int(event.get("step", 0)), int(event.get("total", 0)), what)
    elif event.event == "stage":
        say(str(event.get("name")))
    elif event.event == "checkpoint":
        say(f"epoch {event.get('epoch')}: {event.get('path')}")
    elif event.event == "fetched":
        say(f"here and verified: {event.get('path')}")
    elif event.event == "log" and event.get("level") != "info":
        say(f"{event.get('level')}: {event.get('text')}")
    elif event.event == "failed":
        hint = event.get("hint")
        say(f"failed: {event.get('message')}" + (f" ({hint})" if hint else ""))
    elif event.event == "done":
        say(str(event.get("outcome")))


def _eta(event: Event) -> str:
    seconds = event.get("eta_s")
    if not isinstance(seconds, (int, float)):
        return ""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d} left"
