"""Run keeper: ends are told once, runs elsewhere are followed again, nothing waits on the GUI."""

import json
import os

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.processes import start_time
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.qtmodels import run_keeper
from bespoke_gui.qtmodels.run_keeper import RunKeeper


class FarBackend:
    """A pretended machine elsewhere: running until exit.json is here."""

    name = title = "far"

    def __init__(self):
        self.attached = []
        self.problem = ""

    def attach(self, run_dir, by_hand=False):
        if self.problem:
            raise AppError(self.problem, hint="try later")
        self.attached.append(run_dir.folder)

    def state(self, run_dir):
        ended = run_dir.read_exit()
        return ended["outcome"] if ended else "running"


@pytest.fixture
def far(monkeypatch):
    list(BACKENDS)  # loaded before one is added
    backend = FarBackend()
    monkeypatch.setitem(BACKENDS._items, "far", backend)
    return backend


@pytest.fixture
def make_run(session):
    def make(name, job=None):
        run_dir = RunDir(session.project.runs_dir / name).create()
        run_dir.spec_path.write_text('{"engine": "fake"}')
        if job is not None:
            run_dir.job_path.write_text(json.dumps(job))
        return run_dir

    return make


@pytest.fixture
def keeper(session):
    made = []

    def make():
        keeper = RunKeeper(session)
        keeper.told = []
        keeper.ended.connect(keeper.told.append)
        made.append(keeper)
        return keeper

    yield make
    for one in made:
        one.deleteLater()


def here():
    return {"backend": "local", "pid": os.getpid(), "started": start_time(os.getpid())}


def test_an_end_is_told_once_with_its_reason(session, make_run, keeper):
    run_dir = make_run("20261126-170000-ab12-punks", here())
    one = keeper()
    assert one.running == {run_dir.folder}
    run_dir.write_exit("failed", message="out of memory")
    changed = []
    session.runs_changed.connect(lambda: changed.append(1))
    one.look()
    one.look()
    assert [(end.title, end.state, end.message) for end in one.told] == [
        ("punks", "failed", "out of memory")
    ]
    assert changed == [1]


def test_what_ended_while_nobody_looked_is_old_news(make_run, keeper):
    make_run("20261126-170000-ab12-old", here()).write_exit("finished")
    one = keeper()
    one.look()
    assert one.told == []
    assert one.running == set()


def test_a_dead_engine_is_told_as_lost(make_run, keeper):
    run_dir = make_run("20261126-170000-ab12-punks", here())
    one = keeper()
    run_dir.job_path.write_text('{"backend": "local", "pid": 1, "started": 0}')
    one.look()
    assert [end.state for end in one.told] == ["lost"]
    assert "without a word" in one.told[0].message


def test_a_run_elsewhere_is_followed_again_and_not_at_every_look(make_run, keeper, far):
    run_dir = make_run("20261126-170000-ab12-far", {"backend": "far", "courier": {"pid": 1}})
    one = keeper()
    one.look()
    assert far.attached == [run_dir.folder]


def test_a_run_whose_courier_lives_is_left_alone(make_run, keeper, far):
    courier = {"pid": os.getpid(), "started": start_time(os.getpid())}
    make_run("20261126-170000-ab12-far", {"backend": "far", "courier": courier})
    keeper()
    assert far.attached == []


def test_a_courier_that_died_is_started_again(make_run, keeper, far, monkeypatch):
    run_dir = make_run("20261126-170000-ab12-far", {"backend": "far"})
    one = keeper()
    monkeypatch.setattr(run_keeper, "ATTACH_EVERY_S", 0.0)
    one.look()
    assert far.attached == [run_dir.folder] * 2


def test_why_nobody_can_follow_is_said_once(session, make_run, keeper, far, monkeypatch):
    monkeypatch.setattr(run_keeper, "ATTACH_EVERY_S", 0.0)
    far.problem = "the key file is gone"
    make_run("20261126-170000-ab12-far", {"backend": "far"})
    one = keeper()
    one.look()
    one.look()
    said = [text for level, text, _ in session.told if level == "error"]
    assert len(said) == 1
    assert "the key file is gone" in said[0]


def test_another_project_has_other_runs(session, make_run, keeper, make_project):
    make_run("20261126-170000-ab12-punks", here())
    one = keeper()
    assert one.running
    session.open_project(make_project("others"))
    assert one.running == set()
    assert one.told == []


def test_a_generation_is_told_by_its_gallery(session, keeper):
    run_dir = RunDir(session.project.galleries_dir / "first" / ".run").create()
    run_dir.spec_path.write_text('{"loras": [{"path": "a"}]}')
    run_dir.job_path.write_text(json.dumps(here()))
    one = keeper()
    run_dir.write_exit("finished")
    one.look()
    assert [(end.title, end.generates) for end in one.told] == [("first", True)]
