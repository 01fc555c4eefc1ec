"""Runs elsewhere for tests: a run folder for a machine, and what has to hold at its end."""

import asyncio
import contextlib
import hashlib
import json

import psutil

from bespoke_gui.core.machines import Machine
from bespoke_gui.core.rundir import RunDir, read_json
from bespoke_gui.launch.remote.courier_run import carry
from bespoke_gui.launch.remote.own_machine import OwnMachine
from bespoke_gui.launch.remote.waits import Waits
from tests.engines.runs import make_run
from tests.launch.stand_in_travel import StandInTravel

QUICK_WAITS = Waits(
    connect=10, keepalive=0.5, keepalive_misses=3, back_off=0.1, back_off_most=0.5, controls=0.05,
    state=0.3, contact=0.5, heartbeat=0.5, asked=5, terminated=2, disk_full=0.1, give_up=20,
    money=0.5, release=1,
)  # fmt: skip


def remote_run(folder, machine: Machine, **options) -> RunDir:
    """A run of the fake engine for `machine`, as `start` leaves it."""
    options = {"seconds_per_step": 0.01, "epochs": 3, "steps_per_epoch": 4, **options}
    run_dir = make_run(folder, options=options)
    spec = read_json(run_dir.spec_path)
    spec["place"] = {"machine": machine.as_dict()}
    run_dir.spec_path.write_text(json.dumps(spec))
    run_dir.job_path.write_text(json.dumps({"backend": "ssh", "attempt": "a1", "rung": ""}))
    return run_dir


def remote_folder(machine: Machine, run_dir: RunDir) -> RunDir:
    """The run folder on the machine (which is this computer)."""
    return RunDir(f"{machine.workdir}/bespoke/runs/{run_dir.run}")


def carry_home(run_dir, provider=None, travel=None, waits=QUICK_WAITS, beside=None, limit_s=90):
    """Be the courier until the run has ended; `beside` is a coroutine that runs along."""

    async def go():
        courier = carry(run_dir, provider or OwnMachine(), travel or StandInTravel(), waits)
        tasks = [asyncio.ensure_future(one) for one in (courier, beside) if one is not None]
        try:
            await asyncio.wait_for(asyncio.gather(*tasks), limit_s)
        finally:
            for task in tasks:
                task.cancel()

    asyncio.run(go())
    return run_dir.read_exit() or {}


async def until(done, limit_s=60):
    """Wait until done() says so."""
    async with asyncio.timeout(limit_s):
        while not done():
            await asyncio.sleep(0.02)


def lines_of(run_dir):
    """The local events as objects."""
    with contextlib.suppress(OSError):
        return [json.loads(line) for line in run_dir.events_path.read_bytes().splitlines()]
    return []


def kinds(run_dir):
    """The names of the local events, in order."""
    return [line["event"] for line in lines_of(run_dir)]


def check_equal(local: RunDir, far: RunDir) -> None:
    """Everything of the remote run is here: events once each and in order, log, files verified."""
    there = far.events_path.read_bytes()
    ends = [place + 1 for place, byte in enumerate(there) if byte == 10]
    found = [line["at"] for line in lines_of(local) if "at" in line]
    assert found == ends, "events are missing, doubled or out of order"
    assert bytes_of(local.log_path) == bytes_of(far.log_path)
    for name, entry in manifest_of(far).items():
        assert hashlib.sha256((local.folder / name).read_bytes()).hexdigest() == entry["sha256"]
    assert not list(local.folder.rglob("*.part"))


def bytes_of(path) -> bytes:
    """The content of a file; an empty log may have none."""
    return path.read_bytes() if path.exists() else b""


def manifest_of(far: RunDir) -> dict:
    """The files the remote manifest names in the end."""
    found = {}
    for line in (far.folder / "manifest.jsonl").read_bytes().splitlines():
        entry = json.loads(line)
        found.pop(entry["name"], None)
        if "size" in entry:
            found[entry["name"]] = entry
    return found


def kill_far(far: RunDir) -> None:
    """End what a test left running on the machine."""
    for path in (far.job_path,):
        job = read_json(path) or {}
        for process in (job, job.get("engine") or {}):
            with contextlib.suppress(psutil.Error, KeyError):
                psutil.Process(process["pid"]).kill()
