"""A small project whose queue can be run, and a runner that kills itself at a chosen moment.

`python -m tests.queue_kit PROJECT KILL_AT` looks at the queue until it is idle; before or after the
KILL_AT-th thing that reaches the disk, or starts a process, it kills itself. 0: never.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from PIL import Image

from bespoke_gui.core.project import Project, create_project, open_project
from bespoke_gui.core.queue.entry import Entry
from bespoke_gui.core.queue.store import QueueFile
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch import process
from bespoke_gui.launch.queue_runner import QueueRunner
from tests.crash_kit import ROOT, Boundaries

CONFIG = 'output_name = "punk"\nmax_train_epochs = 1\nlearning_rate = 1e-4\nresolution = "64,64"\n'
QUICK = {"seconds_per_step": 0.0, "epochs": 1, "steps_per_epoch": 2}
SLOW = {"seconds_per_step": 0.05, "epochs": 400}


def project_in(folder: Path) -> Project:
    """A project with two images."""
    images = folder / "images"
    images.mkdir(parents=True)
    for name in ("a", "b"):
        Image.new("RGB", (64, 64), "red").save(images / f"{name}.png")
        (images / f"{name}.txt").write_text("pixel art, lad")
    return create_project(folder / "project", images).project


def add(project: Project, title: str = "punk", **changes) -> Entry:
    """Put a training by the fake engine in line."""
    wanted = {"text": CONFIG, "engine": "fake", "base": "embedded", "options": QUICK, **changes}
    return QueueFile(project).add(Entry(0, title, **wanted))


def run_until_idle(runner: QueueRunner, limit_s: float = 90) -> None:
    """Look at the queue until nothing runs and nothing will start."""
    end = time.monotonic() + limit_s
    while not runner.step().idle:
        if time.monotonic() > end:
            raise AssertionError(runner.file.read())
        time.sleep(0.02)


def kill_engine(run_dir: RunDir) -> None:
    """End a run by force, whatever is left of it."""
    job = run_dir.read_job() or {}
    if "pid" in job:
        process.kill(job["pid"], job["started"])


def killed_at(project: Project, number: int) -> int:
    """Run the queue in another process that kills itself at the `number`-th moment."""
    words = [sys.executable, "-m", "tests.queue_kit", str(project.folder), str(number)]
    return subprocess.run(words, cwd=ROOT, check=False, timeout=120).returncode


def main() -> None:
    boundaries = Boundaries(int(sys.argv[2]))
    boundaries.install()
    start = subprocess.Popen.__init__

    def popen(process, *args, **kwargs):
        boundaries.step()
        start(process, *args, **kwargs)
        boundaries.step()

    subprocess.Popen.__init__ = popen
    run_until_idle(QueueRunner(open_project(Path(sys.argv[1])), busy=set))


if __name__ == "__main__":
    main()
