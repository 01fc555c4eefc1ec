"""A rented machine whose run has ended and that only waits for this computer's disk is stopped,
everything kept on it; a later fetch starts it again and brings the run home."""

import json
import sys
from dataclasses import asdict

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core import secrets
from bespoke_gui.core.runs import read_run
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.remote.waits import VARIABLE
from bespoke_gui.launch.runpod import billing, ledger
from tests.engines.runs import make_run
from tests.faults.pods import SmallDisk
from tests.launch.remote_kit import QUICK_WAITS, courier_of, kinds, lines_of, wait_for
from tests.launch.rented import QUICK
from tests.launch.sshd import needs_sshd
from tests.launch.standin_runpod import Boot, StandIn, sshd_pods

pytestmark = needs_sshd


@pytest.fixture
def standin(tmp_path, monkeypatch):
    with StandIn(machine=sshd_pods(tmp_path / "pods")) as running:
        running.account.boot = Boot(0.2, 0.3)
        monkeypatch.setenv("BESPOKE_RUNPOD_URL", running.url)
        monkeypatch.setenv(secrets.variable("runpod"), running.key)
        waits = {**asdict(QUICK), **asdict(QUICK_WAITS), "money": 0.3, "boot": 60, "api": 10}
        waits |= {"local_grace": 2, "connect": 1, "state": 0.2}
        monkeypatch.setenv(VARIABLE, json.dumps(waits))
        yield running
        assert running.wrong == []


@pytest.fixture
def start(tmp_path):
    """Starts a run of the fake engine in a folder."""
    made = []

    def begin(folder, **options):
        options = {"seconds_per_step": 0.05, "epochs": 4, "steps_per_epoch": 5, **options}
        place = {"gpus": ["A100"], "python": sys.executable}
        place["workdir"] = str(tmp_path / "pods" / "work")
        run_dir = make_run(folder, options=options, place=place)
        made.append(run_dir)
        BACKENDS["runpod"].start(run_dir)
        return run_dir

    yield begin
    for run_dir in made:
        if courier := courier_of(run_dir):
            courier.kill()


@pytest.fixture
def disk(tmp_path):
    small = SmallDisk(tmp_path / "here")
    if not small.real:
        pytest.skip("no small disk can be mounted here")
    yield small
    small.free()
    small.close()


def pod_of(standin):
    (pod,) = standin.account.pods.values()
    return pod


def check_held(standin, run_dir):
    """The pod is stopped, not ended, and the list of what costs says why and what next."""
    assert pod_of(standin).status == "EXITED"
    (bill,) = billing.still_billing().bills
    assert "stopped, its disk costs $" in bill.words
    assert "this computer could not keep what the run made" in bill.words
    assert standin.account.billing() == []


def check_home(standin, run_dir, epochs=4):
    exit_ = run_dir.read_exit()
    assert exit_["outcome"] == "finished", exit_
    assert [one.epoch for one in read_run(run_dir.folder).checkpoints] == [*range(1, epochs + 1)]
    steps = [line["step"] for line in lines_of(run_dir) if line["event"] == "progress"]
    assert steps == sorted(set(steps)), "no event is doubled"
    assert len(steps) == 5 * epochs, "and none is lost"
    wait_for(lambda: (run_dir.read_job() or {}).get("released"), 60)
    assert standin.account.pods == {}
    assert billing.still_billing() == billing.Bills()


def test_a_disk_that_stays_full_stops_the_pod_and_fetch_goes_on(standin, start, disk, capsys):
    run_dir = start(disk.folder / "r")
    wait_for(lambda: "progress" in kinds(run_dir), 90)
    disk.fill()
    wait_for(lambda: pod_of(standin).status == "EXITED", 120)
    assert list((ledger.folder()).glob("*.json"))
    wait_for(lambda: courier_of(run_dir) is None, 60)
    check_held(standin, run_dir)
    disk.free()
    if run_dir.read_exit() is None:
        # Not one byte could be written: the run goes on by itself where it stood.
        BACKENDS["runpod"].attach(run_dir)
        wait_for(run_dir.read_exit, 120)
    else:
        assert console(["runs", "fetch", str(run_dir.folder)]) == 0, capsys.readouterr().err
    check_home(standin, run_dir)


def test_one_file_that_can_never_be_put_in_place_is_said_with_what_lies_where(
    standin, start, tmp_path, capsys
):
    folder = tmp_path / "r"
    (folder / "outputs" / "last-000002.safetensors" / "in the way").mkdir(parents=True)
    run_dir = start(folder)
    exit_ = wait_for(run_dir.read_exit, 150)
    assert (exit_["outcome"], exit_["kind"]) == ("failed", "disk_full")
    pod = pod_of(standin)
    assert f"the pod {pod.id} is stopped: its disk keeps everything and costs $" in exit_["message"]
    assert "last-000002.safetensors" in exit_["message"]
    assert f"`bespoke runs fetch {folder}` starts it again" in exit_["hint"]
    assert "outputs/last-000002.safetensors" in exit_["missing"]
    wait_for(lambda: courier_of(run_dir) is None, 60)
    check_held(standin, run_dir)
    for part in (folder / "outputs" / "last-000002.safetensors").iterdir():
        part.rmdir()
    (folder / "outputs" / "last-000002.safetensors").rmdir()
    assert console(["runs", "fetch", str(folder)]) == 0, capsys.readouterr().err
    check_home(standin, run_dir)


def test_a_training_that_goes_on_is_worth_its_money(standin, start, tmp_path):
    folder = tmp_path / "r"
    blocked = folder / "outputs" / "last-000001.safetensors"
    (blocked / "in the way").mkdir(parents=True)
    run_dir = start(folder, epochs=400)
    wait_for(lambda: (run_dir.read_job() or {}).get("local_trouble"), 120)
    began = len(standin.calls("GET /v2/pods/{id}"))
    wait_for(lambda: len(standin.calls("GET /v2/pods/{id}")) > began + 12, 60)
    assert pod_of(standin).status == "RUNNING", "longer than the grace, and still at work"
    assert blocked.is_dir()
    BACKENDS["runpod"].release(run_dir)
    assert standin.account.billing() == []
