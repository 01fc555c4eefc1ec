"""Harness: runs the engine of one run folder and keeps the run protocol whatever happens."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib.metadata
import importlib.util
import os
import platform
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bespoke_gui import __version__
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import RunSpec, load_spec
from bespoke_gui.engines.catalogue import ENGINES, Engine
from bespoke_gui.engines.context import Cancelled, RunContext
from bespoke_gui.engines.failures import classify
from bespoke_gui.engines.gpu_load import gpu_load

PROTOCOL = 1
BEAT_S = 2.0
NAMED_PACKAGES = ("torch", "diffusers", "transformers", "peft", "accelerate", "safetensors")
EXIT_CODES = {"finished": 0, "failed": 1, "cancelled": 130}


def main(folder: Path) -> int:
    """Run the engine named in `folder`/spec.json to its end; return the exit code.

    Everything printed goes to log.txt, every event to events.jsonl; exit.json comes last. Under a
    supervisor it has another name ($BESPOKE_EXIT): there the supervisor has the last word.
    """
    run_dir = RunDir(folder, os.environ.get("BESPOKE_EXIT", "exit.json"))
    log_to(run_dir.log_path)
    run_dir.exit_path.unlink(missing_ok=True)
    with heartbeat(run_dir), gpu_load(run_dir):
        outcome, fields = execute(run_dir)
    run_dir.write_exit(outcome, **fields)
    return EXIT_CODES[outcome]


def execute(run_dir: RunDir) -> tuple[str, dict[str, Any]]:
    """Run the engine; return outcome and fields for exit.json. Never raises."""
    try:
        spec = load_spec(run_dir.spec_path)
        context = RunContext(run_dir, spec)
        with stop_on_signal(context):
            fields = _start(context)
    except Cancelled as ending:
        run_dir.emit("done", outcome="cancelled", message=str(ending))
        return "cancelled", {"kind": "cancelled", "message": str(ending)}
    except BaseException as error:  # noqa: BLE001 - the run must end with a reason, always
        return "failed", _failed(run_dir, error)
    run_dir.emit("done", outcome="finished")
    return "finished", fields


def _start(context: RunContext) -> dict[str, Any]:
    spec = context.spec
    context.emit(
        "hello", engine=spec.engine, protocol=PROTOCOL, pid=os.getpid(), versions=versions()
    )
    engine = find_engine(spec)
    require(engine)
    context.check("stopped before the work began")
    return engine.run(context)


def find_engine(spec: RunSpec) -> Engine:
    """Return the engine the spec names; raises AppError kind "bad_config" for an unknown one."""
    try:
        return ENGINES[spec.engine]
    except AppError as error:
        raise AppError(error.message, hint=error.hint, kind="bad_config") from error


def require(engine: Engine) -> None:
    """Raise AppError kind "missing_package" when a package of the engine is not installed."""
    missing = [name for name in engine.packages if importlib.util.find_spec(name) is None]
    if missing:
        raise AppError(
            f"the {engine.name} engine needs {', '.join(missing)}",
            hint="run `bespoke engine install`",
            kind="missing_package",
        )


def versions() -> dict[str, str]:
    """Versions of Python, Bespoke and the packages that matter, without importing them."""
    found = {"python": platform.python_version(), "bespoke": __version__}
    for name in NAMED_PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def _failed(run_dir: RunDir, error: BaseException) -> dict[str, Any]:
    traceback.print_exception(type(error), error, error.__traceback__)
    kind, message, hint = classify(error)
    # A full disk may refuse the event too; exit.json is still tried afterwards.
    with contextlib.suppress(OSError):
        run_dir.emit("failed", kind=kind, message=message, hint=hint)
    return {"kind": kind, "message": message, "hint": hint}


def log_to(path: Path) -> None:
    """Send everything this process prints, and crash reports, to the end of `path`."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)
    with contextlib.suppress(OSError, ValueError, AttributeError):
        faulthandler.enable(2)


@contextlib.contextmanager
def heartbeat(run_dir: RunDir) -> Iterator[None]:
    """Touch the heartbeat file every BEAT_S seconds."""
    ended = threading.Event()

    def beat() -> None:
        while True:
            with contextlib.suppress(OSError):
                run_dir.beat()
            if ended.wait(BEAT_S):
                return

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=5)


@contextlib.contextmanager
def stop_on_signal(context: RunContext) -> Iterator[None]:
    """SIGTERM and SIGINT mean the same as control/stop: save and end."""

    def ask(*_: object) -> None:
        context.terminated = True

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGTERM, signal.SIGINT)
    old = {number: signal.signal(number, ask) for number in signals}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
