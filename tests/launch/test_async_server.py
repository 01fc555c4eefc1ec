"""The in-process SSH server is a machine like any other, for the link and for the courier."""

import asyncio

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.runs import read_run
from bespoke_gui.launch.remote.connect import connect
from bespoke_gui.launch.remote.waits import Waits
from tests.launch.async_server import AsyncServer
from tests.launch.remote_kit import carry_home, check_equal, kill_far, remote_folder, remote_run

WAITS = Waits(connect=10)


@pytest.fixture
def server(tmp_path):
    with AsyncServer(tmp_path) as running:
        yield running


def linked(machine, use):
    async def go():
        link = await connect(machine, WAITS)
        try:
            return await use(link)
        finally:
            await link.close()

    return asyncio.run(go())


def test_commands_run_with_input_output_and_code(server):
    async def use(link):
        return await link.run(["sh", "-c", "cat; echo err >&2; exit 3"], stdin=b"hello")

    ran = linked(server.machine(), use)
    assert (ran.code, ran.out, ran.err) == (3, b"hello", b"err\n")


def test_files_go_there_and_come_back(server, tmp_path):
    source, back = tmp_path / "source", tmp_path / "back"
    source.write_bytes(bytes(range(256)) * 5000)

    async def use(link):
        there = f"{server.workdir}/deep/file"
        await link.put(source, there)
        await link.get(there, back, 0)

    linked(server.machine(), use)
    assert back.read_bytes() == source.read_bytes()


def test_an_unknown_host_is_refused(server):
    async def use(link):
        return await link.run(["true"])

    with pytest.raises(AppError, match="is not known yet") as caught:
        linked(server.machine(pinned=False), use)
    assert server.fingerprint in caught.value.message


def test_a_run_comes_home(server, tmp_path):
    machine = server.machine()
    run_dir = remote_run(tmp_path / "r", machine)
    try:
        assert carry_home(run_dir)["outcome"] == "finished"
    finally:
        kill_far(remote_folder(machine, run_dir))
    check_equal(run_dir, remote_folder(machine, run_dir))
    assert len(read_run(run_dir.folder).checkpoints) == 3
