"""The queue: one training at a time on each machine, each started once, whatever is killed."""

import itertools
import json
import random
import threading
import time

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.queue import edit
from bespoke_gui.core.queue.store import QueueFile
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import list_runs
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.queue_runner import QueueRunner, busy_machines, was_begun
from tests.launch.contract import wait_state
from tests.queue_kit import (
    CONFIG,
    QUICK,
    SLOW,
    add,
    kill_engine,
    killed_at,
    project_in,
    run_until_idle,
)


@pytest.fixture
def project(tmp_path):
    project = project_in(tmp_path)
    yield project
    for info in list_runs(project):
        kill_engine(RunDir(info.folder))


class Machines:
    """A backend whose runs end when the test says so."""

    def __init__(self):
        self.started, self.states, self.refused, self.attached = [], {}, set(), set()

    def __getitem__(self, _name):
        return self

    def start(self, run_dir):
        title = json.loads(run_dir.spec_path.read_text())["config"]["output_name"]
        if title in self.refused:
            raise AppError("no GPU is free", kind="capacity")
        self.started.append(title)
        self.states[run_dir.run] = "running"

    def attach(self, run_dir, by_hand=False):
        self.attached.add(run_dir.run)

    def state(self, run_dir):
        return self.states[run_dir.run]

    def end(self, state="finished"):
        self.states = dict.fromkeys(self.states, state)


def config(name):
    return CONFIG.replace("punk", name)


@pytest.fixture
def machines(project):
    machines = Machines()
    machines.runner = QueueRunner(project, machines, busy=set)
    return machines


def states(project):
    return [entry.state for entry in QueueFile(project).read().entries]


def test_one_after_the_other_by_the_real_backend(project):
    for name in ("one", "two", "three"):
        add(project, name, text=config(name))
    run_until_idle(QueueRunner(project, busy=set))
    assert states(project) == ["done"] * 3
    entries = QueueFile(project).read().entries
    for before, after in itertools.pairwise(entries):
        assert before.ended <= after.started
    made = {run.run: run.checkpoints for run in list_runs(project)}
    assert {entry.run for entry in entries} == set(made)
    assert all(made.values())


def test_a_machine_gets_one_run_at_a_time_and_others_go_on(project, machines):
    for name, place in (("a", "x"), ("b", "x"), ("c", "y")):
        add(project, name, text=config(name), backend="ssh", place={"machine": {"name": place}})
    step = machines.runner.step()
    assert machines.started == ["a", "c"]
    assert (step.waiting, step.running, step.idle) == (1, 2, False)
    machines.runner.step()
    assert machines.started == ["a", "c"]
    assert machines.attached == set(machines.states)
    machines.end()
    assert [entry.title for entry in machines.runner.step().ended] == ["a", "c"]
    assert machines.started == ["a", "c", "b"]


def test_what_runs_outside_the_queue_keeps_the_machine(project):
    add(project, "slow", options=SLOW)
    runner = QueueRunner(project)
    runner.step()
    assert busy_machines(project) == {"local"}
    with QueueFile(project).edit() as queue:
        slow = queue.entries.pop()  # now a run that the queue knows nothing of
    add(project, "next")
    assert runner.step().started == []
    run_dir = RunDir(project.runs_dir / slow.run)
    kill_engine(run_dir)
    wait_state(BACKENDS["local"], run_dir, "lost")
    assert [entry.title for entry in runner.step().started] == ["next"]


def test_a_failed_one_does_not_stop_the_rest(project, machines):
    machines.refused = {"b"}
    for name in ("a", "b", "c"):
        add(project, name, text=config(name))
    add(project, "d", text="[broken")
    add(project, "e", text=config("e"), data=[["no such folder", 1]])
    add(project, "f", text=config("f"))
    for outcome in ("failed", *["finished"] * 6):
        machines.runner.step()
        machines.end(outcome)
    machines.runner.step()
    assert machines.started == ["a", "c", "f"]
    assert states(project) == ["failed", "failed", "done", "failed", "failed", "done"]
    notes = [entry.note for entry in QueueFile(project).read().entries]
    assert "no GPU is free" in notes[1]
    assert "TOML" in notes[3]
    assert all("\n" not in note for note in notes)


def test_a_backend_that_breaks_is_a_failure_of_its_entry_only(project, machines):
    add(project, "a")
    machines.start = lambda _run: 1 / 0
    assert machines.runner.step().ended[0].note == "unexpected ZeroDivisionError: division by zero"


def test_paused_entries_and_a_paused_queue_are_not_started(project, machines):
    one, two = add(project, "one", text=config("one")), add(project, "two", text=config("two"))
    with QueueFile(project).edit() as queue:
        edit.pause(queue, one.id)
        queue.paused = True
    step = machines.runner.step()
    assert (machines.started, step.idle) == ([], True)
    with QueueFile(project).edit() as queue:
        queue.paused = False
    machines.runner.step()
    assert machines.started == ["two"]
    machines.end()
    assert machines.runner.step().idle
    with QueueFile(project).edit() as queue:
        edit.resume(queue, one.id)
    machines.runner.step()
    assert machines.started == ["two", "one"]
    assert two.id != one.id


def test_the_config_of_the_moment_it_was_added_is_trained(project):
    path = project.configs_dir / "a.toml"
    path.write_text(CONFIG)
    add(project, "a", config="configs/a.toml")
    path.write_text(CONFIG.replace("1e-4", "5e-5"))
    runner = QueueRunner(project, busy=set)
    run_until_idle(runner)
    assert list_runs(project)[0].spec["config"]["learning_rate"] == 1e-4


def test_a_failed_entry_goes_on_with_its_own_run(project):
    entry = add(project, "a", options={**QUICK, "fail": "oom", "fail_at": 1, "epochs": 2})
    runner = QueueRunner(project, busy=set)
    run_until_idle(runner)
    (failed,) = QueueFile(project).read().entries
    assert failed.state == "failed"
    spec = project.runs_dir / failed.run / "spec.json"
    told = json.loads(spec.read_text())
    spec.write_text(json.dumps({**told, "options": QUICK}))
    with QueueFile(project).edit() as queue:
        edit.resume(queue, entry.id)
    run_until_idle(runner)
    (done,) = QueueFile(project).read().entries
    assert (done.state, done.run) == ("done", failed.run)
    assert json.loads(spec.read_text())["resume"] is True
    assert len(list_runs(project)) == 1


def test_many_runners_at_once_start_everything_once(project):
    for number in range(4):
        add(project, f"r{number}", text=config(f"r{number}"))
    runners = [QueueRunner(project, busy=set) for _ in range(4)]
    threads = [threading.Thread(target=run_until_idle, args=(one,)) for one in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_each_ran_once(project, 4)


def assert_each_ran_once(project, count):
    """Every entry is done, by one run each, and no engine said hello twice."""
    entries = QueueFile(project).read().entries
    assert [entry.state for entry in entries] == ["done"] * count
    folders = [path.parent for path in project.runs_dir.glob("*/spec.json")]
    assert sorted(path.name for path in folders) == sorted(entry.run for entry in entries)
    for folder in folders:
        events, _ = RunDir(folder).tail()
        assert [event.event for event in events].count("hello") == 1
        assert [event.event for event in events].count("done") == 1


MOMENTS = 160


def moments():
    """Some moments to be killed at; all of them in the long campaign."""
    chosen = random.Random(6).sample(range(1, MOMENTS), 10)
    full = [pytest.param(n, marks=pytest.mark.full) for n in range(1, MOMENTS) if n not in chosen]
    return [*sorted(chosen), *full]


@pytest.mark.parametrize("moment", moments())
def test_killed_at_any_moment_nothing_is_started_twice_or_forgotten(project, moment):
    add(project, "one", text=config("one"))
    add(project, "two", text=config("two"))
    code = killed_at(project, moment)
    assert code in (0, -9)
    run_until_idle(QueueRunner(project, busy=set))
    assert_each_ran_once(project, 2)


def test_the_moments_cover_the_whole_of_a_start(project):
    """The last moments lie behind the end of the second entry."""
    add(project, "one", text=config("one"))
    add(project, "two", text=config("two"))
    assert killed_at(project, MOMENTS) == 0


@pytest.mark.parametrize(("age", "starts"), [(0.0, []), (3600.0, ["a"])])
def test_a_claim_of_another_computer_is_left_alone_for_a_while(project, machines, age, starts):
    add(project, "a", text=config("a"))
    claim = {**machines.runner.me(), "host": "elsewhere", "token": "x", "since": time.time() - age}
    with QueueFile(project).edit() as queue:
        queue.change(1, state="running", run="r-a", launcher=claim)
    machines.runner.step()
    assert machines.started == starts


def test_killed_twice_in_a_row(project):
    add(project, "one", text=config("one"))
    for moment in (9, 11, 3):
        killed_at(project, moment)
    run_until_idle(QueueRunner(project, busy=set))
    assert_each_ran_once(project, 1)


def test_an_engine_that_nobody_wrote_down_is_found_by_its_folder(project):
    """Killed between starting the engine and writing job.json."""
    add(project, "slow", options=SLOW)
    runner = QueueRunner(project, busy=set)
    runner.step()
    (entry,) = QueueFile(project).read().entries
    run_dir = RunDir(project.runs_dir / entry.run)
    job = run_dir.read_job()
    run_dir.job_path.unlink()
    assert was_begun(run_dir, 1e12)
    found = run_dir.read_job()
    assert (found["pid"], found["backend"]) == (job["pid"], "local")
    assert BACKENDS["local"].state(run_dir) == "running"


def test_a_run_that_somebody_else_began_is_not_failed(project, machines):
    """The backend refuses a second start, since the first one got through."""
    add(project, "a")

    def refuse(run_dir):
        run_dir.emit("hello")
        machines.states[run_dir.run] = "running"
        raise AppError("is running already")

    machines.start = refuse
    assert [entry.title for entry in machines.runner.step().started] == ["a"]
    assert states(project) == ["running"]


@pytest.mark.parametrize("job", [{"started": 100.0}, {"backend": "ssh", "since": 100.0}])
def test_a_run_is_begun_where_its_job_says_so(tmp_path, job):
    run_dir = RunDir(tmp_path / "r").create()
    run_dir.job_path.write_text(json.dumps(job))
    assert was_begun(run_dir, 99.0)
    assert not was_begun(run_dir, 200.0)


def test_a_queue_that_cannot_be_read_starts_nothing(project, machines):
    add(project, "a")
    path = project.bespoke_dir / "queue.json"
    for text in ("", "{", "[]", '{"schema":1,"next":2,"entries":[{"id":1}]}', '{"schema":9}'):
        path.write_text(text)
        with pytest.raises(AppError) as caught:
            machines.runner.step()
        assert "\n" not in str(caught.value)
        assert path.read_text() == text
    assert machines.started == []
