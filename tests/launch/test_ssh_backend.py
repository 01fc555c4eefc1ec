"""The ssh backend as people use it: a courier process, a real sshd, the real supervisor."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from bespoke_gui.core import secrets
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import read_run
from bespoke_gui.launch import courier
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.remote import lock
from tests.engines.runs import make_run
from tests.launch.contract import check_a_run_from_start_to_end, check_stop, wait_state
from tests.launch.remote_kit import (
    asked_run,
    check_equal,
    courier_of,
    end_all,
    kinds,
    lines_of,
    remote_folder,
    shorten_waits,
    wait_for,
)
from tests.launch.sshd import Sshd, needs_sshd

pytestmark = needs_sshd
LONG = {"epochs": 400, "seconds_per_step": 0.05}


@pytest.fixture
def sshd(tmp_path):
    with Sshd(tmp_path) as running:
        yield running


@pytest.fixture
def machine(sshd, monkeypatch):
    shorten_waits(monkeypatch)
    return sshd.machine()


@pytest.fixture
def backend():
    return BACKENDS["ssh"]


@pytest.fixture
def begin(tmp_path, machine):
    """Make runs for the machine; whatever they left running is ended."""
    made = []

    def make(name="r", **options):
        made.append(asked_run(tmp_path / "runs" / name, machine, **options))
        return made[-1]

    yield make
    for run_dir in made:
        end_all(run_dir, machine)


def test_the_contract(backend, begin, machine):
    run_dir = begin()
    check_a_run_from_start_to_end(backend_ignoring_stages(backend), run_dir)
    check_equal(run_dir, remote_folder(machine, run_dir))
    stages = [line["name"] for line in lines_of(run_dir) if line["event"] == "stage"]
    wanted = ["connecting", "checking the machine", "preparing the machine", "uploading"]
    assert stages[:4] == wanted
    assert "smoke run" in stages


@pytest.mark.full
@pytest.mark.engine
def test_the_contract_with_the_lora_engine_and_the_embedded_base(tmp_path, backend, machine):
    tiny = pytest.importorskip("tests.engines.tiny")
    images = tmp_path / "2_lad"
    images.mkdir()
    for number in range(4):
        Image.new("RGB", (64, 64), (number * 60, 9, 9)).save(images / f"p{number}.png")
        (images / f"p{number}.txt").write_text(f"lad {number}")
    config = {**tiny.config(), "max_train_epochs": 2, "resolution": "64,64"}
    place = {"machine": machine.as_dict()}
    run_dir = make_run(tmp_path / "l", "lora", data=[images], config=config, place=place)
    try:
        check_a_run_from_start_to_end(backend_ignoring_stages(backend), run_dir)
        check_equal(run_dir, remote_folder(machine, run_dir))
        names = [item.path.name for item in read_run(run_dir.folder).checkpoints]
        assert names == ["tiny-000001.safetensors", "tiny.safetensors"]
        images_there = list((Path(machine.workdir) / "bespoke").rglob("p0.png"))
        assert images_there, "the images were sent"
    finally:
        end_all(run_dir, machine)


class backend_ignoring_stages:
    """The contract begins with the engine's hello; the courier tells of the way there first."""

    def __init__(self, backend):
        self._backend = backend

    def __getattr__(self, name):
        return getattr(self._backend, name)

    def read(self, run_dir, offset=0):
        events, offset = self._backend.read(run_dir, offset)
        return [e for e in events if e.event not in ("stage", "log", "metric")], offset


def test_stop_asks_first(backend, begin):
    run_dir = begin(**LONG)
    check_stop(backend, run_dir)
    info = read_run(run_dir.folder)
    assert info.checkpoints, "what was saved at the stop is here"
    assert info.elsewhere["rung"] == "asked"


def test_a_stubborn_engine_is_terminated_and_killed_there(backend, begin):
    run_dir = begin(**LONG, stubborn=True)
    backend.start(run_dir)
    wait_for(lambda: "progress" in kinds(run_dir))
    rungs = wait_for(lambda: climbed(backend, run_dir, []))
    assert rungs[-1] == "ended"
    assert "killed" in rungs or "terminated" in rungs
    assert backend.state(run_dir) == "cancelled"


def climbed(backend, run_dir, rungs):
    while not rungs or rungs[-1] != "ended":
        rung = backend.stop(run_dir)
        if not rungs or rung != rungs[-1]:
            rungs.append(rung)
    return rungs


def test_two_starts_and_two_couriers_are_one(backend, begin):
    run_dir = begin(**LONG)
    backend.start(run_dir)
    first = wait_for(lambda: courier_of(run_dir))
    with pytest.raises(AppError, match="running already"):
        backend.start(run_dir)
    backend.attach(run_dir)
    words = courier.command(run_dir)
    done = subprocess.run(words, cwd=run_dir.folder, env=os.environ, timeout=60, check=False)
    assert done.returncode == 0
    assert courier_of(run_dir).pid == first.pid
    assert lock.is_held(run_dir.folder)


def test_a_killed_courier_is_started_again_by_attach(backend, begin, machine):
    run_dir = begin(epochs=4, seconds_per_step=0.1)
    backend.start(run_dir)
    for wanted in ("hello", "checkpoint"):
        wait_for(lambda wanted=wanted: wanted in kinds(run_dir))
        process = courier_of(run_dir)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not lock.is_held(run_dir.folder)
        assert backend.state(run_dir) == "running"
        backend.attach(run_dir)
        wait_for(lambda: courier_of(run_dir))
    wait_state(backend, run_dir, "finished")
    check_equal(run_dir, remote_folder(machine, run_dir))


def test_a_starter_killed_by_force_leaves_the_courier_at_work(backend, begin, root):
    run_dir = begin()
    code = (
        "import sys, time; from pathlib import Path; from bespoke_gui.core.rundir import RunDir;"
        "from bespoke_gui.launch.base import BACKENDS;"
        "BACKENDS['ssh'].start(RunDir(Path(sys.argv[1]))); print('started', flush=True);"
        "time.sleep(60)"
    )
    words = [sys.executable, "-c", code, str(run_dir.folder)]
    with subprocess.Popen(words, cwd=root, stdout=subprocess.PIPE) as starter:
        assert starter.stdout.readline().strip() == b"started"
        starter.kill()
    wait_state(backend, RunDir(run_dir.folder), "finished")


def test_fetch_waits_for_what_is_finished(backend, begin):
    run_dir = begin(**LONG)
    backend.start(run_dir)
    wait_for(lambda: "checkpoint" in kinds(run_dir))
    backend.fetch(run_dir)
    assert not run_dir.requested("fetch")
    assert list(run_dir.outputs.glob("*.safetensors"))


def test_what_was_missing_at_the_end_is_fetched_later(backend, begin, machine):
    run_dir = begin()
    backend.start(run_dir)
    wait_state(backend, run_dir, "finished")
    path = next(run_dir.outputs.glob("*-000001.safetensors"))
    good = path.read_bytes()
    path.unlink()
    job = run_dir.read_job()
    run_dir.job_path.write_text(json.dumps({**job, "missing": [f"outputs/{path.name}"]}))
    run_dir.write_exit("failed", kind="network", message="not here yet")
    backend.fetch(run_dir)
    assert path.read_bytes() == good
    assert wait_for(lambda: backend.state(run_dir) == "finished")


def test_a_machine_that_refuses_the_key_fails_the_run_in_one_line(backend, begin, sshd):
    (sshd.folder / "authorized_keys").write_text("")
    run_dir = begin()
    backend.start(run_dir)
    wait_state(backend, run_dir, "failed")
    failure = read_run(run_dir.folder).failure
    assert failure["kind"] == "auth"
    assert "does not accept" in failure["message"]
    assert kinds(run_dir)[-1] == "failed"


def test_a_run_goes_on_from_its_state_on_the_same_machine(backend, begin, machine):
    run_dir = begin(epochs=4, seconds_per_step=0.1)
    backend.start(run_dir)
    wait_for(lambda: kinds(run_dir).count("progress") >= 6)
    wait_for(lambda: climbed(backend, run_dir, []))
    spec = json.loads(run_dir.spec_path.read_text())
    run_dir.spec_path.write_text(json.dumps({**spec, "resume": True}))
    backend.start(run_dir)
    wait_state(backend, run_dir, "finished")
    check_equal(run_dir, remote_folder(machine, run_dir))
    steps = [line["step"] for line in lines_of(run_dir) if line["event"] == "progress"]
    assert steps == list(range(1, 17)), "no step twice, none left out"


def test_secrets_in_memory_reach_the_courier_on_standard_input(monkeypatch, tmp_path):
    class Provider:
        secrets = (("runpod", ""), ("other", ""))

    secrets.lend("runpod", "a-secret-key")
    given = {}

    def spawn(*words):
        given.update(words=words[0], input=words[4])
        return 0, 0.0

    monkeypatch.setattr(courier.process, "spawn", spawn)
    (tmp_path / "spec.json").write_text("{}")
    try:
        courier.attach(RunDir(tmp_path), Provider())
    finally:
        secrets.forget("runpod")
    assert json.loads(given["input"]) == [["runpod", "", "a-secret-key"]]
    assert "a-secret-key" not in " ".join(given["words"])


def test_the_packed_app_is_its_own_courier(monkeypatch, tmp_path):
    from bespoke_gui import __main__

    monkeypatch.setattr(sys, "frozen", True, raising=False)
    words = courier.command(RunDir(tmp_path / "r"))
    assert words[1:] == ["--courier", str(tmp_path / "r")]
    monkeypatch.delattr(sys, "frozen")
    assert __main__.window(["--courier", str(tmp_path)]) == 2, "no run folder"
    assert __main__.console(["--courier"]) == 2
