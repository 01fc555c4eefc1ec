"""The same over a real sshd: tools, code, images, smoke run, engines, an environment; links cut."""

import asyncio
import contextlib
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import DataFolder
from bespoke_gui.launch.remote import bootstrap
from bespoke_gui.launch.remote.connect import connect
from bespoke_gui.launch.remote.link import LinkLost
from bespoke_gui.launch.remote.start import remote_state, start_supervisor
from bespoke_gui.launch.remote.waits import Waits
from tests.engines.runs import make_run
from tests.launch.sshd import Sshd, needs_sshd
from tests.launch.supervised import QUICK
from tests.launch.test_machine_side import wanted, wheel
from tests.launch.test_remote_run import STANDIN, There, fake_run, read

pytestmark = needs_sshd


@pytest.fixture
def sshd(tmp_path):
    with Sshd(tmp_path) as server:
        yield server
        There(None, None, server.workdir).close()


@contextlib.asynccontextmanager
async def place(sshd, **changes):
    """The machine over a new connection."""
    machine = sshd.machine()
    for name, value in changes.items():
        setattr(machine, name, value)
    link = await connect(machine, Waits())
    try:
        yield There(link, machine, sshd.workdir)
    finally:
        await link.close()


def test_a_run_outlives_its_connection(sshd, tmp_path, images):
    async def first():
        async with place(sshd) as there:
            run_dir = fake_run(tmp_path, images, seconds_per_step=0.05, epochs=400)
            folder = await there.send(run_dir, tmp_path / "s")
            job = await start_supervisor(there.link, there.ready, run_dir.run, QUICK)
            assert sshd.cut()
            return folder, job

    async def second(folder):
        async with place(sshd) as there:
            state = await remote_state(there.link, folder)
            while not await there.link.size(f"{folder}/manifest.jsonl"):
                await asyncio.sleep(0.05)
            await there.link.write(f"{folder}/control/stop", b"")
            return state, await there.ended(folder)

    folder, job = asyncio.run(first())
    state, ended = asyncio.run(second(folder))
    assert state.running
    assert state.job["pid"] == job["pid"]
    assert ended["outcome"] == "cancelled"
    assert "saved" in ended["message"]


def test_kohya_with_its_smoke_run_and_a_key_that_nobody_sees(
    sshd,
    tmp_path,
    images,
    monkeypatch,
):
    checkout = tmp_path / "sd-scripts"
    checkout.mkdir()
    shutil.copyfile(STANDIN, checkout / "train_network.py")
    monkeypatch.setattr(bootstrap, "problems", lambda *_: [])
    config = {"output_name": "punks", "max_train_epochs": 3, "train_batch_size": 4,
              "training_comment": "slow"}  # fmt: skip
    run_dir = make_run(
        tmp_path / "k", "kohya", data=[DataFolder(str(images), 2, "lad")], base="some/base",
        config=config, options={"launcher": "python"},
    )  # fmt: skip
    canary = "hf_canaryCANARYcanary"

    async def run():
        async with place(sshd, sd_scripts=str(checkout)) as there:
            folder = await there.send(run_dir, tmp_path / "s")
            await start_supervisor(
                there.link, there.ready, run_dir.run, QUICK, {"HF_TOKEN": canary}
            )
            lines = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if p.exists()]
            assert [line for line in lines if str(folder).encode() in line]
            assert not [line for line in lines if canary.encode() in line]
            return folder, await there.ended(folder)

    folder, ended = asyncio.run(run())
    assert ended["outcome"] == "finished", read(folder, "log.txt")
    names = [json.loads(line)["name"] for line in read(folder, "manifest.jsonl").splitlines()]
    assert names[-1] == "outputs/punks.safetensors"
    files = [path for path in sshd.workdir.rglob("*") if path.is_file()]
    assert not [path for path in files if canary.encode() in path.read_bytes()]
    assert canary.encode() not in (sshd.folder / "sshd.log").read_bytes()


TWO_CARDS = """#!/bin/sh
case "$*" in
  *query*) echo "NVIDIA A40, 46068, 580.95.05, 8.6"; echo "NVIDIA A40, 46068, 580.95.05, 8.6" ;;
  *) echo "| NVIDIA-SMI 580.95.05   Driver Version: 580.95.05   CUDA Version: 13.0 |" ;;
esac
"""
RANKED = f"""import os, pathlib, runpy, sys
rank, world = os.environ["RANK"], os.environ["WORLD_SIZE"]
(pathlib.Path(__file__).parent / f"rank {{rank}} of {{world}}").write_text(sys.executable)
if rank == "0":
    runpy.run_path({str(STANDIN)!r}, run_name="__main__")
"""


@pytest.mark.full
@pytest.mark.engine
def test_kohya_on_two_cards_with_a_checkout_of_its_own(sshd, tmp_path, images):
    """accelerate itself spreads it, started by the Python of the checkout there."""
    pytest.importorskip("accelerate")
    tools, checkout = tmp_path / "tools", tmp_path / "sd-scripts"
    for path, text in (
        (tools / "nvidia-smi", TWO_CARDS),
        (checkout / "venv/bin/python", f'#!/bin/sh\nexec {sys.executable} "$@"\n'),
        (checkout / "train_network.py", RANKED),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    sshd.extra = f"SetEnv PATH={tools}:/usr/bin:/bin OMP_NUM_THREADS=1\n"
    sshd.restart()
    config = {"output_name": "punks", "max_train_epochs": 2, "train_batch_size": 4}
    data = [DataFolder(str(images), 2, "lad")]
    run_dir = make_run(tmp_path / "k", "kohya", data=data, base="some/base", config=config)

    async def run():
        async with place(sshd, sd_scripts=str(checkout), gpus=2, python="") as there:
            folder, ended = await there.run(run_dir, tmp_path / "s")
            return folder, ended, there.ready.probe

    folder, ended, probe = asyncio.run(run())
    assert ended["outcome"] == "finished", read(folder, "log.txt")[-3000:]
    assert (len(probe.gpus), probe.cuda) == (2, "13.0")
    assert sorted(path.name for path in checkout.glob("rank*")) == ["rank 0 of 2", "rank 1 of 2"]
    assert json.loads(read(folder, "spec.json"))["options"]["gpus"] == 2
    names = [json.loads(line)["name"] for line in read(folder, "manifest.jsonl").splitlines()]
    assert names[-1] == "outputs/punks.safetensors"


def test_an_environment_goes_on_being_made_when_the_link_is_cut(sshd, tmp_path):
    plan = {**wanted(wheel(tmp_path / "wheels")), "system_site": False}

    async def make(cut):
        async with place(sshd) as there:
            site = await bootstrap.find_site(there.link, there.machine)
            making = bootstrap.make_environment(there.link, site, plan, False, there.tell, 0.05)
            job = asyncio.create_task(making)
            while cut and not list(sshd.workdir.rglob("venv/pyvenv.cfg")):
                await asyncio.sleep(0.02)
            if cut:
                sshd.cut()
            return await job

    with pytest.raises(LinkLost):
        asyncio.run(make(True))
    python = asyncio.run(make(False))
    assert os.access(python, os.X_OK)
    assert len(list(sshd.workdir.rglob("pyvenv.cfg"))) == 1


def test_an_upload_goes_on_where_the_link_was_cut(sshd, tmp_path, images):
    from PIL import Image

    for number in range(8):
        noise = Image.frombytes("RGB", (700, 700), os.urandom(700 * 700 * 3))
        noise.save(images / f"noise{number}.png")

    async def cut():
        async with place(sshd) as there:
            tell = there.tell

            def cutting(event, **fields):
                tell(event, **fields)
                if fields.get("file") == "data.zip" and fields["value"] < 100:
                    sshd.cut()

            there.tell = cutting
            await there.send(fake_run(tmp_path, images), tmp_path / "s")

    async def again():
        async with place(sshd) as there:
            return await there.send(RunDir(tmp_path / "20261126-run"), tmp_path / "s")

    with pytest.raises(LinkLost):
        asyncio.run(cut())
    folder = asyncio.run(again())
    sent = {path.name: path.read_bytes() for path in (Path(folder) / "data").rglob("noise*")}
    assert sent == {path.name: path.read_bytes() for path in images.glob("noise*")}


def test_this_python_is_what_runs_there(sshd):
    async def look():
        async with place(sshd) as there:
            site = await bootstrap.find_site(there.link, there.machine)
            return await bootstrap.look_at(there.link, site, there.machine)

    probe = asyncio.run(look())
    assert probe.pythons[0].path == sys.executable
    assert probe.root == f"{sshd.workdir}/bespoke"
    assert abs(probe.clock) < 60
