"""A window killed with SIGKILL leaves its training running, and a new window finds it again."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from bespoke_gui.core.project import create_project
from bespoke_gui.core.resources import resource
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import run_state
from tests.qt_fixtures import CAPTIONS, draw_portrait

WINDOW = """
import os, sys, traceback
from PySide6.QtCore import QTimer
from bespoke_gui.app import build

def fail(*error):
    # Nobody looks at this window: an error must end it, not become a notice.
    traceback.print_exception(*error)
    os._exit(3)

application, session, window = build()
window.show()
session.open_project(sys.argv[1])
state = {"started": False}


def look():
    if session.project is None:
        return
    window.show_panel("train")
    panel = window.panel("train")
    if sys.argv[2] == "start" and not state["started"] and panel.preflight.result is not None:
        state["started"] = True
        session.ask.choose = lambda *_: "start"
        panel.starting.engine = "fake"
        panel.starting.options = {"seconds_per_step": 0.05, "epochs": 40, "steps_per_epoch": 50}
        panel.starting.start()
    view = panel.view
    if view.run_dir is not None and view.state:
        print(view.run_dir.folder, view.state, view.story.step, flush=True)


sys.excepthook = fail
QTimer.singleShot(50_000, lambda: os._exit(4))
timer = QTimer()
timer.timeout.connect(look)
timer.start(100)
application.exec()
"""


@pytest.fixture
def project(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for number, (stem, text) in enumerate(CAPTIONS.items()):
        draw_portrait(number, 96).save(source / f"{stem}.png")
        (source / f"{stem}.txt").write_text(text, encoding="utf-8")
    made = create_project(tmp_path / "punks", source).project
    text = resource("demo/training_config.toml").read_text(encoding="utf-8")
    (made.configs_dir / "demo.toml").write_text(text, encoding="utf-8")
    yield made
    for run in made.runs_dir.glob("*"):
        job = RunDir(run).read_job()
        if job and run_state(RunDir(run)) == "running":
            os.kill(job["pid"], signal.SIGKILL)


def open_window(project, root, what):
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", WINDOW, str(project.folder), what]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def read_until(window, wanted):
    """Return the first line of the window for which `wanted` holds: (folder, state, step)."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        line = window.stdout.readline()
        assert line, f"the window ended with {window.wait()}"
        folder, state, step = line.rsplit(" ", 2)
        if wanted(state, int(step)):
            return folder, state, int(step)
    raise AssertionError("the window never said it")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_window_leaves_the_run_and_the_next_one_finds_it(project, root):
    first = open_window(project, root, "start")
    try:
        folder, _, step = read_until(first, lambda state, step: state == "running" and step > 5)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
        first.stdout.close()
    run_dir = RunDir(folder)
    engine = run_dir.read_job()["pid"]
    before = run_dir.events_path.stat().st_size
    time.sleep(0.5)
    assert run_state(run_dir) == "running"
    assert run_dir.events_path.stat().st_size > before
    second = open_window(project, root, "look")
    try:
        found = read_until(second, lambda state, now: state == "running" and now > step + 5)
        assert found[0] == folder
        assert json.loads(run_dir.job_path.read_text())["pid"] == engine
    finally:
        second.kill()
        second.wait()
        second.stdout.close()
