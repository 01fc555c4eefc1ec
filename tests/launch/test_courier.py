"""The courier on a real sshd with the real supervisor: everything home, once, whatever happens."""

import asyncio

import pytest

from bespoke_gui.core.runs import read_run
from tests.launch.remote_kit import (
    carry_home,
    check_equal,
    kill_far,
    kinds,
    lines_of,
    manifest_of,
    remote_folder,
    remote_run,
    until,
)
from tests.launch.sshd import Sshd, needs_sshd

pytestmark = needs_sshd


@pytest.fixture
def sshd(tmp_path):
    """One sshd; what its sessions started is ended afterwards."""
    with Sshd(tmp_path) as running:
        yield running
        for folder in (running.workdir / "bespoke" / "runs").glob("*"):
            from bespoke_gui.core.rundir import RunDir

            kill_far(RunDir(folder))


@pytest.fixture
def machine(sshd):
    return sshd.machine()


def test_a_run_comes_home(tmp_path, machine):
    run_dir = remote_run(tmp_path / "r", machine)
    ended = carry_home(run_dir)
    assert ended["outcome"] == "finished"
    far = remote_folder(machine, run_dir)
    check_equal(run_dir, far)
    assert len(manifest_of(far)) == 3
    said = kinds(run_dir)
    assert said[0] == "stage"
    assert said[-1] == "done"
    assert said.count("fetched") == 3
    info = read_run(run_dir.folder)
    assert (info.state, len(info.checkpoints), info.backend) == ("finished", 3, "ssh")
    job = run_dir.read_job()
    assert (job["link"], job["missing"], job["released"]) == ("ok", [], True)


def test_controls_are_passed_on_and_withdrawn(tmp_path, machine):
    run_dir = remote_run(tmp_path / "r", machine, epochs=400)
    far = remote_folder(machine, run_dir)

    async def press():
        await until(lambda: "progress" in kinds(run_dir))
        run_dir.request("pause")
        await until(lambda: last_stage(run_dir).get("name") == "paused")
        run_dir.withdraw("pause")
        await until(lambda: last_stage(run_dir).get("name") == "training")
        run_dir.request("save")
        run_dir.request("sample")
        await until(lambda: "sample" in kinds(run_dir) and not run_dir.requested("save"))
        assert not far.requested("pause")
        run_dir.request("stop")

    ended = carry_home(run_dir, beside=press())
    assert ended["outcome"] == "cancelled"
    check_equal(run_dir, far)
    assert list(run_dir.outputs.rglob("*.png"))
    assert (run_dir.read_job() or {})["rung"] == "asked"


def last_stage(run_dir):
    return ([line for line in lines_of(run_dir) if line["event"] == "stage"] or [{}])[-1]


@pytest.mark.parametrize("way", ["cut", "freeze", "restart"])
def test_a_lost_link_is_made_again_and_nothing_is_lost(tmp_path, sshd, machine, way):
    run_dir = remote_run(tmp_path / "r", machine, epochs=5, seconds_per_step=0.1)

    async def break_it():
        for wanted in (2, 8):
            await until(lambda wanted=wanted: kinds(run_dir).count("progress") >= wanted)
            await asyncio.to_thread(getattr(sshd, way))
            await until(lambda: (run_dir.read_job() or {}).get("link") != "ok")
            sshd.thaw()
            await until(lambda: (run_dir.read_job() or {}).get("link") == "ok")

    ended = carry_home(run_dir, beside=break_it())
    assert ended["outcome"] == "finished"
    check_equal(run_dir, remote_folder(machine, run_dir))
    said = [line["text"] for line in lines_of(run_dir) if line["event"] == "log"]
    assert any("no connection" in text for text in said)
    assert any("connected to the machine again" in text for text in said)
