"""Runs for tests: a run folder with a spec, executed in this process or as one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import DataFolder, RunSpec
from bespoke_gui.engines.harness import execute

ROOT = Path(__file__).resolve().parents[2]


def make_run(folder: Path, engine: str = "fake", **fields: Any) -> RunDir:
    """A run folder with its spec; `data` may be a list of folders, plain or as DataFolder."""
    run_dir = RunDir(folder).create()
    given = fields.pop("data", [])
    data = [one if isinstance(one, DataFolder) else DataFolder(str(one)) for one in given]
    RunSpec(run=folder.name, engine=engine, data=data, **fields).save(run_dir.spec_path)
    return run_dir


def finish(run_dir: RunDir) -> tuple[str, dict[str, Any]]:
    """Run the engine here and write exit.json as the harness does."""
    outcome, fields = execute(run_dir)
    run_dir.write_exit(outcome, **fields)
    return outcome, fields


def events(run_dir: RunDir, kind: str = "") -> list[dict[str, Any]]:
    """The fields of all events, or of those of one kind."""
    found = [json.loads(line) for line in run_dir.events_path.read_text("utf-8").splitlines()]
    return [event for event in found if not kind or event["event"] == kind]


def start_engine(run_dir: RunDir) -> subprocess.Popen[bytes]:
    """The engine as a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "bespoke_gui.engines", str(run_dir.folder)]
    return subprocess.Popen(command, env=env, start_new_session=True)
