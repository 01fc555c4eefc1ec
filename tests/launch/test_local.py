"""The local backend: detached, re-attached, and ended with everything it started."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from bespoke_gui.core import processes
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.local import LocalBackend
from tests.engines.runs import ROOT, make_run
from tests.launch.contract import check_a_run_from_start_to_end, check_stop, wait_state

QUICK = {"seconds_per_step": 0.0}
LONG = {"seconds_per_step": 0.05, "epochs": 400}


@pytest.fixture
def backend():
    return LocalBackend(asked_s=0.2, terminated_s=0.2)


@pytest.fixture
def long_run(tmp_path):
    """A run that would take minutes; killed after the test whatever happened."""
    run_dir = make_run(tmp_path / "r", options=LONG)
    yield run_dir
    kill_all(run_dir)


def kill_all(run_dir):
    job = run_dir.read_job() or {}
    if "pid" in job:
        for process in processes.tree(job["pid"], job["started"]):
            process.kill()


def test_it_is_registered():
    assert BACKENDS["local"].name == "local"


def test_the_contract(backend, tmp_path):
    check_a_run_from_start_to_end(backend, make_run(tmp_path / "r", options=QUICK))


def test_stop_asks_first(backend, long_run):
    check_stop(LocalBackend(), long_run)


def test_two_starts_of_one_run_are_refused(backend, long_run):
    backend.start(long_run)
    with pytest.raises(AppError, match="running already"):
        backend.start(long_run)


def test_a_starter_killed_by_force_leaves_the_engine_running(backend, long_run):
    code = (
        "import sys, time; from pathlib import Path; from bespoke_gui.core.rundir import RunDir;"
        "from bespoke_gui.launch.local import LocalBackend;"
        "LocalBackend().start(RunDir(Path(sys.argv[1]))); print('started', flush=True);"
        "time.sleep(60)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", code, str(long_run.folder)], env=env, stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline().strip() == b"started"
        starter.kill()
    again = RunDir(long_run.folder)
    assert backend.state(again) == "running"
    seen = steps(backend, again)
    end = time.monotonic() + 30
    while steps(backend, again) <= seen + 2:
        assert time.monotonic() < end, "no step after the starter died"
        time.sleep(0.05)
    assert backend.stop(again) == "asked"
    wait_state(backend, again, "cancelled")


def steps(backend, run_dir):
    """The last step announced."""
    found = [e.get("step") for e in backend.read(run_dir, 0)[0] if e.event == "progress"]
    return found[-1] if found else 0


def test_a_stubborn_engine_and_its_child_are_killed(backend, tmp_path):
    options = {**LONG, "stubborn": True, "child": True}
    run_dir = make_run(tmp_path / "r", options=options)
    backend.start(run_dir)
    try:
        while not (run_dir.folder / "child.json").exists():
            time.sleep(0.02)
        child = json.loads((run_dir.folder / "child.json").read_text())["pid"]
        assert psutil.pid_exists(child)
        rungs = climb(backend, run_dir)
        assert list(dict.fromkeys(rungs)) == ["asked", "terminated", "killed", "ended"]
        assert backend.state(run_dir) == "cancelled"
        assert not psutil.pid_exists(child) or gone(child)
    finally:
        kill_all(run_dir)


def climb(backend, run_dir):
    """Take the ladder to its end and list the rungs."""
    rungs, end = [], time.monotonic() + 30
    while not rungs or rungs[-1] != "ended":
        assert time.monotonic() < end
        rungs.append(backend.stop(run_dir))
        time.sleep(0.05)
    return rungs


def gone(pid):
    """Whether a process has ended; a zombie waits only to be collected."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True


@pytest.mark.skipif(os.name != "posix", reason="sessions")
def test_a_grandchild_that_outlives_the_engine_is_swept(backend, tmp_path):
    run_dir = make_run(tmp_path / "r", options={**LONG, "child": True})
    backend.start(run_dir)
    try:
        while not (run_dir.folder / "child.json").exists():
            time.sleep(0.02)
        child = json.loads((run_dir.folder / "child.json").read_text())["pid"]
        backend.stop(run_dir)
        wait_state(backend, run_dir, "cancelled")
        assert climb(backend, run_dir)[-1] == "ended"
        end = time.monotonic() + 10
        while not gone(child):
            assert time.monotonic() < end, "the child still runs"
            time.sleep(0.05)
    finally:
        kill_all(run_dir)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_an_engine_killed_from_outside_is_lost_and_can_be_resumed(backend, long_run):
    backend.start(long_run)
    while steps(backend, long_run) < 12:
        time.sleep(0.05)
    os.kill((long_run.read_job() or {})["pid"], signal.SIGKILL)
    wait_state(backend, long_run, "lost")


def test_a_reused_process_number_is_not_taken_for_the_engine(tmp_path):
    run_dir = make_run(tmp_path / "r")
    job = {"backend": "local", "pid": os.getpid(), "started": 12345.0}
    run_dir.job_path.write_text(json.dumps(job))
    assert LocalBackend().state(run_dir) == "lost"
    assert not processes.tree(os.getpid(), 12345.0)


def test_a_missing_python_is_one_line(backend, tmp_path, monkeypatch):
    monkeypatch.setattr("bespoke_gui.launch.engine_env.python_for", lambda engine: "/no/python")
    with pytest.raises(AppError, match="cannot be started") as caught:
        backend.start(make_run(tmp_path / "r"))
    assert caught.value.kind == "missing_package"


def test_an_engine_is_given_the_token_its_base_needs_and_nobody_else_sees_it(tmp_path, monkeypatch):
    token = "hf_canary0123456789"
    given = {}

    def spawn(command, folder, log, environment):
        given.update(command=command, environment=environment)
        return os.getpid(), 0.0

    monkeypatch.setattr("bespoke_gui.launch.local.process.spawn", spawn)
    monkeypatch.setenv("BESPOKE_HUGGINGFACE_KEY", token)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    for base, known in (("somebody/gated-model", token), ("embedded", None)):
        run_dir = RunDir(tmp_path / base.replace("/", "-")).create()
        RunSpec(run=run_dir.run, engine="fake", base=base).save(run_dir.spec_path)
        LocalBackend().start(run_dir)
        assert given["environment"].get("HF_TOKEN") == known
        assert token not in " ".join(given["command"])
        assert token not in run_dir.spec_path.read_text() + run_dir.job_path.read_text()
