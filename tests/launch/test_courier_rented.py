"""The courier with a machine that costs money: given back after everything is here, never silently
kept; caps, a machine that vanishes, and stops before anything began."""

import asyncio
import time
from dataclasses import replace

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.remote import local_run
from bespoke_gui.launch.remote.own_machine import OwnMachine
from tests.launch.remote_kit import (
    QUICK_WAITS,
    carry_home,
    check_equal,
    kill_far,
    kinds,
    lines_of,
    remote_folder,
    remote_run,
    until,
)
from tests.launch.sshd import Sshd, needs_sshd

pytestmark = needs_sshd
WAITS = replace(QUICK_WAITS, money=0.2, release=0.3, back_off=0.1)


class Rented(OwnMachine):
    """A machine of the spec that pretends to be rented. `refusals`: how often release fails."""

    rents = True

    def __init__(self, refusals=0, trouble=None):
        self.refusals = refusals
        self.trouble = trouble
        self.released = 0.0
        self.seen = {}

    async def check(self, run_dir, tell):
        tell("job", cost_usd=0.01, usd_per_hour=1.0)
        if self.trouble and "progress" in kinds(run_dir):
            raise self.trouble

    async def release(self, run_dir, tell):
        if self.refusals:
            self.refusals -= 1
            raise AppError("the API is down", kind="network")
        self.released = time.time()
        self.seen = {"kinds": kinds(run_dir), "exit": run_dir.read_exit()}


@pytest.fixture
def machine(tmp_path):
    with Sshd(tmp_path) as sshd:
        yield sshd.machine()


@pytest.fixture
def run_dir(tmp_path, machine):
    made = remote_run(tmp_path / "r", machine, epochs=3)
    yield made
    kill_far(remote_folder(machine, made))


def test_it_is_given_back_after_everything_is_here_and_before_the_end(run_dir, machine):
    rented = Rented()
    ended = carry_home(run_dir, rented, waits=WAITS)
    assert ended["outcome"] == "finished"
    assert rented.seen["kinds"].count("fetched") == 3
    assert rented.seen["exit"] is None, "exit.json comes last"
    assert [e["name"] for e in lines_of(run_dir) if e["event"] == "stage"][-1] == "releasing"
    assert run_dir.read_job()["released"] is True
    check_equal(run_dir, remote_folder(machine, run_dir))


def test_one_that_cannot_be_given_back_is_said_and_tried_until_it_is(run_dir):
    rented, seen = Rented(refusals=12), {}

    async def look():
        await until(lambda: run_dir.read_exit() is not None)
        seen.update(run_dir.read_job(), released_at=rented.released)

    ended = carry_home(run_dir, rented, waits=WAITS, beside=look())
    assert ended["outcome"] == "finished"
    assert seen["released_at"] == 0.0, "the run ends although the machine is still there"
    assert "may still cost money: the API is down" in seen["release_error"]
    assert seen.get("released") is not True
    job = run_dir.read_job()
    assert (job["released"], job["release_error"]) == (True, "")


class Killed(BaseException):
    """The courier dies here; nothing of ours may catch it."""


class DiesReleasing(Rented):
    """Ends the pod, then the courier is killed before it hears of that; later there is no pod."""

    async def machine(self, run_dir, tell):
        if self.released:
            raise AppError("the pod is gone", kind="lost")
        return await super().machine(run_dir, tell)

    async def release(self, run_dir, tell):
        first = not self.released
        await super().release(run_dir, tell)
        if first:
            raise Killed


def test_a_courier_killed_while_it_gives_back_leaves_a_finished_run(run_dir):
    rented = DiesReleasing()
    with pytest.raises(Killed):
        carry_home(run_dir, rented, waits=WAITS)
    assert run_dir.read_exit() is None
    assert carry_home(run_dir, rented, waits=WAITS)["outcome"] == "finished"
    assert kinds(run_dir).count("done") == 1
    assert run_dir.read_job()["released"] is True


def test_nothing_missing_is_given_away(run_dir):
    rented = Rented()
    run_dir.outputs.mkdir(exist_ok=True)
    # A folder in the way of a checkpoint: it can never get its name here.
    (run_dir.outputs / "last-000001.safetensors" / "x").mkdir(parents=True)
    with pytest.raises((TimeoutError, AppError)):
        carry_home(run_dir, rented, waits=WAITS, limit_s=15)
    assert rented.released == 0.0


def test_a_disk_that_is_full_for_a_moment_before_the_start_ends_nothing(run_dir, monkeypatch):
    """Also where the very write fails that says that the run was sent."""
    failed = []
    write = local_run.write_json

    def full_once(path, data):
        if (data.get("remote") or {}).get("folder") and len(failed) < 3:
            failed.append(path.name)
            raise AppError("the disk is full, nothing was written", file=path, kind="disk_full")
        write(path, data)

    monkeypatch.setattr(local_run, "write_json", full_once)
    rented = Rented()
    assert carry_home(run_dir, rented, waits=WAITS)["outcome"] == "finished"
    assert failed == ["job.json"] * 3
    assert rented.released


def test_a_passed_cap_stops_saving_and_ends_as_budget(tmp_path, machine):
    run_dir = remote_run(tmp_path / "long", machine, epochs=400, seconds_per_step=0.05)
    rented = Rented(trouble=AppError("the cap of 2 $ was reached", kind="budget"))
    try:
        ended = carry_home(run_dir, rented, waits=WAITS)
    finally:
        kill_far(remote_folder(machine, run_dir))
    assert (ended["outcome"], ended["kind"]) == ("failed", "budget")
    assert "cap of 2 $" in ended["message"]
    assert list(run_dir.outputs.glob("*.safetensors")), "what was trained was saved and is here"
    assert rented.released


def test_a_machine_that_vanishes_ends_the_run_with_words(tmp_path, machine):
    run_dir = remote_run(tmp_path / "long", machine, epochs=400, seconds_per_step=0.05)
    rented = Rented(trouble=AppError("the pod is gone", kind="lost"))
    try:
        ended = carry_home(run_dir, rented, waits=WAITS)
    finally:
        kill_far(remote_folder(machine, run_dir))
    assert (ended["outcome"], ended["kind"]) == ("failed", "lost")
    assert kinds(run_dir)[-1] == "failed" or "failed" in kinds(run_dir)
    assert rented.released, "that it is gone is made sure of"


def test_stop_while_it_boots_gives_it_back_and_trains_nothing(run_dir):
    class Booting(Rented):
        async def machine(self, run_dir, tell):
            tell("stage", name="booting")
            await asyncio.sleep(600)

    async def stop():
        await until(lambda: "booting" in str(lines_of(run_dir)))
        run_dir.request("stop")

    rented = Booting()
    ended = carry_home(run_dir, rented, waits=WAITS, beside=stop())
    assert (ended["outcome"], ended["kind"]) == ("cancelled", "cancelled")
    assert rented.released
    assert kinds(run_dir)[-1] in ("done", "stage")


def test_give_it_back_now_says_what_stays_there(tmp_path, machine):
    run_dir = remote_run(tmp_path / "long", machine, epochs=400, seconds_per_step=0.05)
    rented = Rented()

    async def give_back():
        await until(lambda: "fetched" in kinds(run_dir))
        run_dir.request("release")

    try:
        ended = carry_home(run_dir, rented, waits=WAITS, beside=give_back())
    finally:
        kill_far(remote_folder(machine, run_dir))
    assert (ended["outcome"], ended["message"]) == ("cancelled", "the machine was given back")
    assert rented.released
    assert not run_dir.requested("release")
