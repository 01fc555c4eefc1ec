"""The queue over a real sshd: one run at a time on the machine, followed by its own courier."""

import time

import psutil
import pytest

from bespoke_gui.core.queue.store import QueueFile
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import read_run
from bespoke_gui.launch.queue_runner import QueueRunner
from tests.launch.remote_kit import courier_of, end_all, shorten_waits, wait_for
from tests.launch.sshd import Sshd, needs_sshd
from tests.queue_kit import add, project_in, run_until_idle

pytestmark = needs_sshd
OPTIONS = {"seconds_per_step": 0.02, "epochs": 2, "steps_per_epoch": 4}


@pytest.fixture
def machine(tmp_path, monkeypatch):
    shorten_waits(monkeypatch)
    with Sshd(tmp_path) as running:
        yield running.machine()


@pytest.fixture
def project(tmp_path, machine):
    project = project_in(tmp_path / "p")
    for name in ("one", "two"):
        place = {"machine": machine.as_dict()}
        add(project, name, backend="ssh", place=place, options=OPTIONS)
    yield project
    for folder in project.runs_dir.iterdir():
        end_all(RunDir(folder), machine)


def running(project):
    return [entry for entry in QueueFile(project).read().entries if entry.state == "running"]


def test_one_after_the_other_also_where_a_courier_is_killed(project):
    runner = QueueRunner(project)
    runner.step()
    (first,) = running(project)
    run_dir = RunDir(project.runs_dir / first.run)
    courier = wait_for(lambda: courier_of(run_dir))
    runner.step()
    assert [entry.title for entry in running(project)] == ["one"]
    courier.kill()
    psutil.wait_procs([courier], timeout=10)
    run_until_idle(runner, limit_s=150)
    one, two = QueueFile(project).read().entries
    assert (one.state, two.state) == ("done", "done"), (one.note, two.note)
    assert one.ended <= two.started <= time.time()
    for entry in (one, two):
        info = read_run(project.runs_dir / entry.run)
        assert (info.state, info.backend) == ("finished", "ssh")
        assert [item.epoch for item in info.checkpoints] == [1, 2]
