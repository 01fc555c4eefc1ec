"""Figures of runs elsewhere, over a real sshd on loopback: latency, a checkpoint, re-attaching.

    python tests/bench/bench_remote.py

JSON lines: `event_latency` from the write there to the line in the file here (seconds);
`checkpoint_40MB` verified here against asyncssh's own `sftp.get`, in turns (`share` is ours over
theirs, 1.0 is the same speed); `reattach` from the start of a new courier process to the first
new event here, its own start and import included (`courier_cpu_s`: its processor time so far).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import asyncssh

from bespoke_gui.core.machines import Machine, pinned_keys
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.remote.connect import connect
from bespoke_gui.launch.remote.fetching import Fetcher
from bespoke_gui.launch.remote.local_run import LocalRun
from bespoke_gui.launch.remote.mirror import EventMirror
from bespoke_gui.launch.remote.waits import Waits
from tests.launch.remote_kit import asked_run, courier_of, end_all, lines_of, wait_for
from tests.launch.sshd import Sshd

EVENTS = 200
ROUNDS = 7
SIZE = 40_000_000


def say(name: str, **figures: object) -> None:
    """Print one line."""
    print(json.dumps({"bench": name, **figures}), flush=True)


async def event_latency(machine: Machine, folder: Path) -> None:
    """Write events there one by one; look for each in the file here."""
    there = Path(machine.workdir) / "events.jsonl"
    there.touch()
    local = LocalRun(RunDir(folder), Waits())
    mirror = EventMirror(local, machine.workdir)
    link = await connect(machine, Waits())

    async def follow() -> None:
        async for piece in link.follow(str(there), 0):
            await mirror.take(piece)

    task = asyncio.ensure_future(follow())
    await asyncio.sleep(0.5)
    found = []
    for step in range(EVENTS):
        before = mirror.offset
        line = json.dumps({"event": "progress", "step": step, "total": EVENTS}) + "\n"
        began = time.perf_counter()
        with there.open("a") as file:
            file.write(line)
        while mirror.offset == before:
            await asyncio.sleep(0)
        found.append(time.perf_counter() - began)
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await link.close()
    found.sort()
    late = round(found[int(EVENTS * 0.95)], 4)
    say("event_latency", median_s=round(statistics.median(found), 4), p95_s=late,
        most_s=round(found[-1], 4), bar_s=0.15)  # fmt: skip


async def checkpoint(machine: Machine, folder: Path) -> None:
    """Fetch the same file with and without us, in turns, over one connection each."""
    data = os.urandom(SIZE)
    name = "outputs/punk.safetensors"
    there = Path(machine.workdir) / name
    there.parent.mkdir(exist_ok=True)
    there.write_bytes(data)
    entry = {"name": name, "size": SIZE, "sha256": hashlib.sha256(data).hexdigest()}
    (Path(machine.workdir) / "manifest.jsonl").write_text(json.dumps(entry) + "\n")
    link = await connect(machine, Waits())
    key = asyncssh.import_public_key(pinned_keys(machine.host, machine.port)[0])
    plain = await asyncssh.connect(
        machine.host, machine.port, config=None, agent_path=None, username=machine.login,
        client_keys=[machine.key_file], known_hosts=([key], [], []),
    )  # fmt: skip
    ours, theirs = [], []
    async with plain, plain.start_sftp_client() as sftp:
        for number in range(ROUNDS):
            run = RunDir(folder / str(number)).create()
            fetcher = Fetcher(LocalRun(run, Waits()), machine.workdir)
            began = time.perf_counter()
            await fetcher.read_manifest(link)
            wanted = fetcher.next()
            assert wanted is not None
            assert await fetcher.fetch(link, wanted)
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            await sftp.get(str(there), str(folder / f"plain{number}"))
            theirs.append(time.perf_counter() - began)
    await link.close()
    mine, plainly = statistics.median(ours), statistics.median(theirs)
    say("checkpoint_40MB", ours_s=round(mine, 3), sftp_get_s=round(plainly, 3),
        share=round(plainly / mine, 2), bar=0.7)  # fmt: skip


def reattach(machine: Machine, folder: Path) -> None:
    """Kill the courier of a running run and start another one."""
    backend = BACKENDS["ssh"]
    run_dir = asked_run(folder / "long", machine, epochs=2000, seconds_per_step=0.02)
    found, work = [], []
    try:
        backend.start(run_dir)
        wait_for(lambda: any(line["event"] == "progress" for line in lines_of(run_dir)), 120)
        for _ in range(5):
            process = courier_of(run_dir)
            process.kill()
            process.wait()
            size = run_dir.events_path.stat().st_size
            began = time.perf_counter()
            backend.attach(run_dir)
            while run_dir.events_path.stat().st_size == size:
                time.sleep(0.002)
            found.append(time.perf_counter() - began)
            used = wait_for(lambda: courier_of(run_dir)).cpu_times()
            work.append(used.user + used.system)
    finally:
        end_all(run_dir, machine)
    say("reattach", median_s=round(statistics.median(found), 2), most_s=round(max(found), 2),
        courier_cpu_s=round(statistics.median(work), 2), bar_s=1.0)  # fmt: skip


def main() -> None:
    """Run all three."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        os.environ["BESPOKE_HOME"] = str(folder / "settings")
        with Sshd(folder) as sshd:
            machine = sshd.machine()
            for name, measure in (("latency", event_latency), ("fetch", checkpoint)):
                (folder / name).mkdir()
                asyncio.run(measure(machine, folder / name))
            reattach(machine, folder)


if __name__ == "__main__":
    main()
