"""Runs elsewhere for tests: a run folder for a machine, and what has to hold at its end."""

import asyncio
import contextlib
import hashlib
import json
import time
from dataclasses import asdict

from bespoke_gui.core.machines import Machine
from bespoke_gui.core.processes import find
from bespoke_gui.core.rundir import RunDir, read_json
from bespoke_gui.launch.remote.courier_run import carry
from bespoke_gui.launch.remote.own_machine import OwnMachine
from bespoke_gui.launch.remote.waits import VARIABLE, Waits
from tests.engines.runs import make_run
from tests.launch.stand_in_travel import StandInTravel

QUICK_WAITS = Waits(
    connect=30, keepalive=0.5, keepalive_misses=3, back_off=0.1, back_off_most=0.5, controls=0.05,
    state=0.3, contact=0.5, heartbeat=0.5, asked=5, terminated=2, disk_full=0.1, give_up=60,
    money=0.5, release=1, courier_tries=100, courier_back_off=0,
)  # fmt: skip


def asked_run(folder, machine: Machine, **options) -> RunDir:
    """A run of the fake engine that `machine` is asked for, not started yet."""
    options = {"seconds_per_step": 0.01, "epochs": 3, "steps_per_epoch": 4, **options}
    run_dir = make_run(folder, options=options)
    spec = read_json(run_dir.spec_path)
    spec["place"] = {"machine": machine.as_dict()}
    run_dir.spec_path.write_text(json.dumps(spec))
    return run_dir


def remote_run(folder, machine: Machine, **options) -> RunDir:
    """The same, as `start` leaves it: for a courier in this process."""
    run_dir = asked_run(folder, machine, **options)
    run_dir.job_path.write_text(json.dumps({"backend": "ssh", "attempt": "a1", "rung": ""}))
    return run_dir


def remote_folder(machine: Machine, run_dir: RunDir) -> RunDir:
    """The run folder on the machine (which is this computer)."""
    return RunDir(f"{machine.workdir}/bespoke/runs/{run_dir.run}")


def carry_home(run_dir, provider=None, travel=None, waits=QUICK_WAITS, beside=None, limit_s=180):
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


def shorten_waits(monkeypatch, waits: Waits = QUICK_WAITS) -> None:
    """Give the short waits to every courier that is started."""
    monkeypatch.setenv(VARIABLE, json.dumps(asdict(waits)))


def courier_of(run_dir):
    """The living courier of a run as a psutil process, None where there is none."""
    job = run_dir.read_job() or {}
    return find((job.get("courier") or {}).get("pid"), (job.get("courier") or {}).get("started"))


def wait_for(done, limit_s=60):
    """Wait until done() gives something, and return it."""
    end = time.monotonic() + limit_s
    while not (found := done()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def end_all(run_dir, machine) -> None:
    """End courier, supervisor and engine of a run, whatever the test came to."""
    courier = courier_of(run_dir)
    if courier is not None:
        courier.kill()
        courier.wait()
    kill_far(remote_folder(machine, run_dir))


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
    job = read_json(far.job_path) or {}
    for process in (job, job.get("engine") or {}):
        living = find(process.get("pid"), process.get("started"))
        if living is not None:
            living.kill()
