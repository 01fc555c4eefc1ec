"""Supervised runs for tests: the supervisor as what it is, a file that another Python runs."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bespoke_gui.core.rundir import RunDir, read_json
from bespoke_gui.launch.remote import supervisor
from tests.engines.runs import ROOT, make_run

FILE = Path(supervisor.__file__)
QUICK = {"poll_s": 0.03, "settle_s": 0.1, "asked_s": 20, "terminated_s": 5, "retry_s": 0.1}


def python_310() -> str:
    """A Python 3.10 where there is one, as on most rented machines; else this one."""
    kept = sorted((Path.home() / ".pyenv" / "versions").glob("3.10.*/bin/python3.10"))
    for python in [shutil.which("python3.10"), *map(str, kept)]:
        if python and not subprocess.run([python, "-c", ""], capture_output=True).returncode:
            return python
    return sys.executable


PYTHON = python_310()


class Supervised:
    """One run folder below `root` with its supervisor; `close` ends whatever is left of it."""

    def __init__(self, root: Path, name: str = "r", **options: Any) -> None:
        pace = {"seconds_per_step": 0.005, "epochs": 2, "steps_per_epoch": 4, **options}
        self.run_dir: RunDir = make_run(root / name, options=pace)
        self.folder = self.run_dir.folder
        self.env: dict[str, str] = {}

    def command(self, word: str, **given: Any) -> dict[str, Any]:
        """One command of the supervisor, as the other machine gets it."""
        done = subprocess.run(
            [PYTHON, "-I", str(FILE), word, str(self.folder)], input=json.dumps(given), text=True,
            capture_output=True, timeout=60, env={**os.environ, **self.env}, check=False,
        )  # fmt: skip
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def start(self, limits: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
        """Start the run; more of what the supervisor is given may be named."""
        whole = {"python": PYTHON, "code": str(ROOT), "limits": {**QUICK, **(limits or {})}}
        return self.command("start", **{**whole, **given})

    def state(self) -> dict[str, Any]:
        return supervisor.state(self.folder)

    @property
    def job(self) -> dict[str, Any]:
        return read_json(self.folder / "job.json") or {}

    def wait(self, what: Callable[[], Any], limit_s: float = 60) -> Any:
        """Wait until `what` is true and return it."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            found = what()
            if found:
                return found
            time.sleep(0.01)
        raise AssertionError(f"it never came: {self.state()}\n{self.log()}")

    def ended(self) -> dict[str, Any]:
        """Wait for exit.json and return it."""
        return self.wait(self.run_dir.read_exit)

    def steps(self) -> int:
        """The last step told."""
        return max([e.get("step") for e in self.events("progress")], default=0)

    def events(self, kind: str) -> list[Any]:
        return [event for event in self.run_dir.tail()[0] if event.event == kind]

    def log(self) -> str:
        texts = [p.read_text("utf-8", "replace") for p in self.folder.glob("*log*") if p.is_file()]
        return "\n".join(texts)

    def manifest(self) -> dict[str, dict[str, Any]]:
        """The last line of each name that is not gone."""
        path, found = self.folder / "manifest.jsonl", {}
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            item = json.loads(line)
            found[item["name"]] = item
        return {name: item for name, item in found.items() if not item.get("gone")}

    def check_manifest(self) -> list[str]:
        """Every file listed is there as listed; returns the names."""
        for name, item in self.manifest().items():
            raw = (self.folder / name).read_bytes()
            assert (item["size"], item["sha256"]) == (len(raw), hashlib.sha256(raw).hexdigest())
        return sorted(self.manifest())

    def close(self) -> None:
        job = self.job
        for process in (job, job.get("engine")):
            if isinstance(process, dict) and supervisor.alive(process):
                with contextlib.suppress(OSError):
                    os.kill(process["pid"], signal.SIGKILL)
        if job.get("token"):
            supervisor.signal_family(job["token"], signal.SIGKILL)


def stand_in(root: Path, body: str) -> str:
    """A code folder whose engine is `body`; returns its path."""
    package = root / "code" / "bespoke_gui" / "engines"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(f"import os, sys, time, json\n{body}\n")
    return str(root / "code")
