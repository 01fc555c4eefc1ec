"""What every launch backend must do; a backend's own tests call this with its fixture."""

from __future__ import annotations

import time

from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.base import RUNGS, STATES, Backend


def wait_state(backend: Backend, run_dir: RunDir, wanted: str, limit_s: float = 60) -> None:
    """Wait until a run is in a state."""
    end = time.monotonic() + limit_s
    state = ""
    while time.monotonic() < end:
        state = backend.state(run_dir)
        if state == wanted:
            return
        time.sleep(0.02)
    raise AssertionError(f"{state}, not {wanted}")


def check_a_run_from_start_to_end(backend: Backend, run_dir: RunDir) -> None:
    """Start, follow by offset, end, read again from the beginning."""
    backend.start(run_dir)
    assert backend.state(run_dir) in STATES
    events, offset = [], 0
    while True:
        state = backend.state(run_dir)
        new, offset = backend.read(run_dir, offset)
        events += new
        if state != "running":
            break
        time.sleep(0.02)
    assert state == "finished"
    assert events[0].event == "hello"
    assert events[-1].event == "done"
    again, end = backend.read(run_dir, 0)
    assert ([e.event for e in again], end) == ([e.event for e in events], offset)
    backend.fetch(run_dir)
    assert list(run_dir.outputs.glob("*.safetensors"))
    backend.release(run_dir)
    assert backend.stop(run_dir) == "ended"
    assert backend.state(run_dir) == "finished"


def check_stop(backend: Backend, run_dir: RunDir) -> None:
    """A willing engine ends at the first rung, with its work saved."""
    backend.start(run_dir)
    end = time.monotonic() + 60
    while not any(e.event == "progress" for e in backend.read(run_dir, 0)[0]):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert backend.stop(run_dir) == "asked"
    wait_state(backend, run_dir, "cancelled")
    rung = backend.stop(run_dir)
    assert rung in RUNGS
    assert rung == "ended"
