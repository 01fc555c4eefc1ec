"""A courier that dies at once: started again after waits, a limited number of times, then said.

Real processes; what kills them is a job.json that names a backend which is not there.
"""

import json
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.commands import _runs_follow
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch import courier
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.remote import restarts
from tests.engines.runs import make_run
from tests.launch.remote_kit import (
    QUICK_WAITS,
    asked_run,
    courier_of,
    end_all,
    kinds,
    lines_of,
    shorten_waits,
    wait_for,
)
from tests.launch.sshd import Sshd, needs_sshd

WAITS = replace(QUICK_WAITS, courier_tries=3, courier_back_off=0.05, courier_settled=30)
POD = {"id": "abc123", "name": "bespoke-r-1", "gpu": "NVIDIA A100 80GB PCIe"}


@pytest.fixture
def waits(monkeypatch):
    """Sets the waits of the couriers."""

    def shorten(**changes):
        shorten_waits(monkeypatch, replace(WAITS, **changes))

    shorten()
    return shorten


@pytest.fixture
def backend():
    return BACKENDS["runpod"]


@pytest.fixture
def run_dir(tmp_path, waits):
    """A run on a rented machine, whose courier cannot live."""
    made = make_run(tmp_path / "r", place={"gpus": ["A100"]})
    job = {"backend": "nonsense", "attempt": "a1", "rung": "", "usd_per_hour": 1.39, "pod": POD}
    made.job_path.write_text(json.dumps(job))
    yield made
    wait_for(lambda: not restarts.starts_of(made.folder).is_starting)


def deaths(run_dir):
    log = run_dir.folder / restarts.LOG
    return log.read_text().count("Traceback") if log.exists() else 0


def given_up(backend, run_dir):
    """Do what a window does, until it is told that this is in vain."""

    def tell():
        try:
            backend.attach(run_dir)
        except AppError as error:
            return error
        return None

    return wait_for(tell, 120)


def test_it_is_given_up_in_one_sentence_that_names_cause_cost_and_remedy(backend, run_dir):
    error = given_up(backend, run_dir)
    assert deaths(run_dir) == 3
    assert "died 3 times right after its start" in error.message
    assert "nonsense" in error.message, "its last words"
    assert "abc123 goes on costing $1.39 an hour" in error.message
    assert "`bespoke billing --stop abc123` ends it" in error.message
    assert f"`bespoke runs attach {run_dir.folder}`" in error.hint
    assert "\n" not in str(error)
    for _ in range(3):
        with pytest.raises(AppError):
            backend.attach(run_dir)
    assert deaths(run_dir) == 3
    (said,) = lines_of(run_dir)
    assert (said["level"], said["text"]) == ("error", str(error))
    assert (run_dir.read_job()["courier_trouble"], run_dir.read_job()["link"]) == (
        str(error), "lost",
    )  # fmt: skip


def test_another_window_does_not_begin_anew_but_a_person_does(backend, run_dir):
    given_up(backend, run_dir)
    code = (
        "import sys; from bespoke_gui.core.rundir import RunDir;"
        "from bespoke_gui.launch.base import BACKENDS;"
        "BACKENDS['runpod'].attach(RunDir(sys.argv[1]))"
    )
    words = [sys.executable, "-c", code, str(run_dir.folder)]
    window = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert "died 3 times" in window.stderr
    assert deaths(run_dir) == 3
    backend.attach(run_dir, by_hand=True)
    wait_for(lambda: deaths(run_dir) == 4, 60)
    given_up(backend, run_dir)
    assert kinds(run_dir) == ["log"], "it is not said twice"


def test_the_waits_between_the_tries_grow(backend, run_dir, waits):
    waits(courier_back_off=3600)
    backend.attach(run_dir)
    wait_for(lambda: deaths(run_dir) == 1, 60)
    wait_for(lambda: not restarts.starts_of(run_dir.folder).is_starting)
    backend.attach(run_dir)
    assert restarts.starts_of(run_dir.folder).tries == 1
    starts = restarts.Starts(3, time.time() - 10)
    assert not starts.is_too_soon(replace(WAITS, courier_back_off=2, courier_back_off_most=60))
    assert starts.is_too_soon(replace(WAITS, courier_back_off=3, courier_back_off_most=60))
    ahead = restarts.Starts(3, time.time() + 1e6)
    assert not ahead.is_too_soon(WAITS), "the clock was set back"


def test_a_folder_that_cannot_be_written_starts_no_couriers_without_end(backend, run_dir):
    (run_dir.folder / restarts.NAME / "in the way").mkdir(parents=True)
    error = given_up(backend, run_dir)
    assert deaths(run_dir) == 3
    assert "died 3 times" in error.message


def test_a_request_that_nobody_can_do_is_answered(backend, run_dir, waits):
    waits(give_up=600)
    run_dir.write_exit("finished")
    run_dir.job_path.write_text(json.dumps({**run_dir.read_job(), "missing": ["outputs/a"]}))
    for ask, control in ((backend.fetch, "fetch"), (backend.release, "release")):
        with pytest.raises(AppError, match="died 3 times"):
            ask(run_dir)
        assert not run_dir.requested(control)


def test_the_command_line_says_it_and_ends(run_dir, monkeypatch, capsys):
    monkeypatch.setattr(_runs_follow, "ATTACH_EVERY_S", 0.05)
    run_dir.job_path.write_text(json.dumps({**run_dir.read_job(), "backend": "runpod"}))
    words = [sys.executable, "-c", "raise SystemExit('a broken installation')"]
    monkeypatch.setattr(courier, "command", lambda _run_dir: words)
    assert console(["runs", "attach", str(run_dir.folder)]) == 1
    shown = capsys.readouterr().err
    assert "died 3 times" in shown
    assert "its last words: a broken installation" in shown
    assert console(["runs", "show", str(run_dir.folder)]) == 0
    assert "goes on costing $1.39 an hour" in capsys.readouterr().out


@needs_sshd
def test_one_that_lives_clears_the_count(tmp_path, waits):
    waits(courier_settled=0.2)
    with Sshd(tmp_path) as sshd:
        machine = sshd.machine()
        run_dir = asked_run(tmp_path / "r", machine, epochs=400)
        try:
            BACKENDS["ssh"].start(run_dir)
            wait_for(lambda: courier_of(run_dir))
            wait_for(lambda: not (run_dir.folder / restarts.NAME).exists())
            job = {**run_dir.read_job()}
            assert job["courier_trouble"] == ""
            BACKENDS["ssh"].stop(run_dir)
            wait_for(run_dir.read_exit, 90)
            assert not (run_dir.folder / restarts.NAME).exists()
        finally:
            end_all(run_dir, machine)


def test_what_makes_no_sense_counts_as_nothing(tmp_path):
    run_dir = RunDir(tmp_path / "r").create()
    for text in ("", "[]", '{"tries": "many"}', '{"tries": null, "pid": -1}'):
        (run_dir.folder / restarts.NAME).write_text(text)
        starts = restarts.starts_of(run_dir.folder)
        assert starts.tries == 0
        assert not starts.is_starting
