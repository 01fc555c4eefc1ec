"""Run desk: a stop that is under way never reaches the run that goes on in the same folder."""

import threading

import pytest

from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.qtmodels import run_desk, tasks
from bespoke_gui.qtmodels.run_desk import RunDesk
from bespoke_gui.qtmodels.run_starter import RunStarter

TIMEOUT = 10_000


class SlowBackend:
    """A backend whose stop takes as long as the test wants, and which tells what was done."""

    name, title = "slow", "Slow"

    def __init__(self):
        self.done: list[str] = []
        self.entered, self.go_on = threading.Event(), threading.Event()

    def state(self, run_dir):
        return "running"

    def stop(self, run_dir):
        self.done.append("stop begins")
        self.entered.set()
        assert self.go_on.wait(10)
        self.done.append("stop ends")
        return "asked"

    def start(self, run_dir):
        self.done.append("start")

    def attach(self, run_dir):
        pass


@pytest.fixture
def backend(monkeypatch):
    backend = SlowBackend()
    monkeypatch.setattr(run_desk, "backend_of", lambda run_dir: backend)
    monkeypatch.setitem(BACKENDS._items, "slow", backend)
    yield backend
    backend.go_on.set()


@pytest.fixture
def desk(qtbot, monkeypatch, backend, run_dir):
    """A desk whose work is really done beside the window; all of it has ended with the test."""
    undo = tasks.use(tasks.ThreadPool())
    monkeypatch.setattr(run_desk, "LADDER_MS", 10)
    desk = RunDesk()
    yield desk
    backend.go_on.set()
    desk.forget(run_dir)
    qtbot.waitUntil(lambda: not tasks.running(), timeout=TIMEOUT)
    undo()


@pytest.fixture
def run_dir(tmp_path):
    return RunDir(tmp_path / "run").create()


def test_a_run_that_goes_on_waits_for_the_stop_under_way(desk, session, backend, run_dir, qtbot):
    desk.stop(run_dir)
    assert backend.entered.wait(10)
    # It ends while the stop is on its way, and is continued at once.
    desk.forget(run_dir)
    starter = RunStarter(session, desk)
    starter.start("lora", lambda: run_dir, "again", backend="slow")
    qtbot.wait(50)
    assert backend.done == ["stop begins"]
    with qtbot.waitSignal(starter.started, timeout=TIMEOUT):
        backend.go_on.set()
    assert backend.done == ["stop begins", "stop ends", "start"]
    qtbot.wait(50)
    assert backend.done[-1] == "start", "nobody stops the run that goes on"


def test_a_climb_that_has_not_begun_is_left(desk, backend, run_dir, qtbot):
    backend.go_on.set()
    with run_desk.turn_of(run_dir):
        desk.stop(run_dir)
        qtbot.wait(30)
        desk.forget(run_dir)
    qtbot.waitUntil(lambda: not tasks.running(), timeout=TIMEOUT)
    assert backend.done == []


def test_a_ladder_of_another_window_does_not_stop_what_began_since(
    desk, backend, run_dir, qtbot, monkeypatch
):
    backend.go_on.set()
    asked, answer = threading.Event(), threading.Event()

    def slowly(_):
        asked.set()
        assert answer.wait(10)
        return "running"

    monkeypatch.setattr(run_desk, "state_of", slowly)
    run_dir.job_path.write_text('{"asked": 1}')
    desk.resume_ladder(run_dir)
    assert asked.wait(10)
    desk.forget(run_dir)
    answer.set()
    qtbot.waitUntil(lambda: not tasks.running(), timeout=TIMEOUT)
    assert not desk.is_stopping(run_dir)
    desk.resume_ladder(run_dir)
    qtbot.waitUntil(lambda: desk.is_stopping(run_dir), timeout=TIMEOUT)
