"""The mirror: the remote events here exactly once, wherever it is cut, killed, or out of room."""

import asyncio
import json
import os
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.remote.local_run import LocalRun, as_line
from bespoke_gui.launch.remote.mirror import (
    LONGEST_LINE,
    EventMirror,
    LogMirror,
    cut_torn_line,
    last_offset,
)
from bespoke_gui.launch.remote.waits import Waits
from tests.launch.remote_kit import lines_of


@pytest.fixture
def local(tmp_path):
    """A local run folder."""
    return local_at(tmp_path / "r")


def local_at(folder):
    folder.mkdir(parents=True)
    return LocalRun(RunDir(folder), Waits(disk_full=0.01))


def steps(count, first=1):
    """Remote lines of progress events."""
    return b"".join(
        json.dumps({"event": "progress", "time": 1.0, "step": step}).encode() + b"\n"
        for step in range(first, first + count)
    )


def take(mirror, chunk):
    return asyncio.run(mirror.take(chunk))


def taken_steps(local):
    return [line["step"] for line in lines_of(local.dir) if line["event"] == "progress"]


class Killed(BaseException):
    """The courier was killed here."""


@given(st.data())
def test_every_line_is_here_once_over_any_cuts_and_kills(tmp_path_factory, data):
    local = local_at(tmp_path_factory.mktemp("m") / "r")
    remote = steps(12) + b"plain words\n" + steps(8, 13)
    mirror = EventMirror(local, "")
    place = 0
    for _ in range(data.draw(st.integers(0, 8), "interruptions")):
        end = data.draw(st.integers(place, len(remote)), "read up to")
        take(mirror, remote[place:end])
        place = end
        if data.draw(st.booleans(), "killed"):
            torn = data.draw(st.binary(max_size=30).filter(lambda b: b"\n" not in b), "torn line")
            with local.dir.events_path.open("ab") as file:
                file.write(torn)
            mirror = EventMirror(LocalRun(local.dir, Waits()), "")
            place = mirror.restart()
        elif data.draw(st.booleans(), "new connection"):
            place = mirror.restart()
        if data.draw(st.booleans(), "courier says something"):
            local.say("something of our own")
    take(mirror, remote[place:])
    assert taken_steps(local) == list(range(1, 21))
    assert sum(line.get("text") == "plain words" for line in lines_of(local.dir)) == 1
    assert last_offset(local.dir.events_path) == len(remote)


def test_a_line_without_end_takes_no_memory_and_the_rest_goes_on(local):
    mirror = EventMirror(local, "")
    take(mirror, steps(1))
    tracemalloc.start()
    for _ in range(400):
        take(mirror, b"x" * 256 * 1024)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * LONGEST_LINE
    take(mirror, b"x\n" + steps(1, 2))
    assert taken_steps(local) == [1, 2]
    assert any("kB was left out" in line.get("text", "") for line in lines_of(local.dir))
    assert last_offset(local.dir.events_path) == mirror.offset


def test_done_is_held_back_and_said_when_believed(local):
    mirror = EventMirror(local, "")
    done = b'{"event": "done", "time": 2.0, "outcome": "finished"}\n'
    take(mirror, steps(2) + done)
    assert [line["event"] for line in lines_of(local.dir)] == ["progress", "progress"]
    assert EventMirror(local, "").offset == len(steps(2)), "a killed courier reads it again"
    asyncio.run(mirror.settle(believe=True))
    assert lines_of(local.dir)[-1] == {
        "event": "done", "time": 2.0, "outcome": "finished", "at": len(steps(2) + done),
    }  # fmt: skip


def test_a_done_in_the_middle_keeps_its_place(local):
    mirror = EventMirror(local, "")
    take(mirror, steps(1) + b'{"event": "done"}\n')
    take(mirror, steps(1, 2))
    assert [line["event"] for line in lines_of(local.dir)] == ["progress", "done", "progress"]
    assert [line["at"] for line in lines_of(local.dir)] == sorted(
        line["at"] for line in lines_of(local.dir)
    )


def test_a_done_that_is_not_believed_is_never_said(local):
    mirror = EventMirror(local, "")
    take(mirror, b'{"event": "done", "outcome": "finished"}\n')
    asyncio.run(mirror.settle(believe=False))
    assert lines_of(local.dir) == []


@pytest.mark.parametrize("size", [10, 300 * 1024, 1_200_000])
def test_the_place_to_go_on_is_found_from_the_end(tmp_path, size):
    path = tmp_path / "events.jsonl"
    own = b'{"event": "log", "text": "no place"}\n'
    path.write_bytes(as_line({"event": "log", "at": 77}) + own * (size // len(own)) + b'{"at": 9')
    cut_torn_line(path)
    assert path.read_bytes().endswith(own) or size < len(own)
    assert last_offset(path) == 77


def test_a_file_without_a_whole_line_is_emptied(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"x" * 700_000)
    cut_torn_line(path)
    assert path.read_bytes() == b""
    assert last_offset(path) == 0
    assert last_offset(tmp_path / "none") == 0


def test_the_log_is_the_same_bytes(local):
    mirror, data = LogMirror(local), os.urandom(100_000)
    asyncio.run(mirror.take(data[:40_000]))
    again = LogMirror(local)
    assert again.offset == 40_000
    asyncio.run(again.take(data[40_000:]))
    assert local.dir.log_path.read_bytes() == data


def test_a_full_disk_is_said_waited_out_and_nothing_is_lost(local, monkeypatch):
    local.hold_reserve()
    mirror, real, refusals = EventMirror(local, ""), os.write, [3]

    def write(handle, data):
        if b'"progress"' in data and refusals[0]:
            refusals[0] -= 1
            return real(handle, data[: len(data) // 2])
        return real(handle, data)

    monkeypatch.setattr("bespoke_gui.launch.remote.local_run.os.write", write)
    take(mirror, steps(5))
    assert refusals == [0]
    assert taken_steps(local) == [1, 2, 3, 4, 5]
    said = [line["text"] for line in lines_of(local.dir) if line["event"] == "log"]
    assert "the disk of this computer is full" in said[0]
    assert "can keep what the machine makes again" in said[-1]
    assert local.job["disk_full"] is False


def test_other_errors_of_the_disk_are_waited_out_too(local):
    """What is in the way may be taken away; meanwhile job.json says what it is."""
    local.dir.events_path.mkdir()

    async def mend():
        writing = asyncio.ensure_future(local.persist(lambda: local.say("x")))
        await asyncio.sleep(0.05)
        assert not writing.done()
        local.dir.events_path.rmdir()
        await writing

    asyncio.run(mend())
    assert next(line["text"] for line in lines_of(local.dir)) == "x"


def test_a_connection_lost_while_the_disk_is_full_loses_no_event(local, monkeypatch):
    """What waits for room is given up with its connection, and written with the next one."""
    mirror = EventMirror(local, "/far")
    real = local.append

    def full(*_):
        raise AppError("the disk is full", kind="disk_full")

    async def lose():
        monkeypatch.setattr(local, "append", full)
        task = asyncio.ensure_future(mirror.take(steps(3)))
        await asyncio.sleep(0.05)
        assert local.trouble_lasts > 0
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        monkeypatch.setattr(local, "append", real)
        assert mirror.restart() == len(steps(3))
        await mirror.take(steps(2, 4))

    asyncio.run(lose())
    assert taken_steps(local) == [1, 2, 3, 4, 5]


def test_what_waits_for_room_is_written_before_the_end(local, monkeypatch):
    mirror = EventMirror(local, "/far")
    mirror._unsaved = as_line({"event": "progress", "step": 1, "at": 9})
    asyncio.run(mirror.settle(believe=True))
    assert taken_steps(local) == [1]


def test_a_note_that_could_not_be_written_is_still_to_be_written(local, monkeypatch):
    from bespoke_gui.launch.remote import local_run

    def full(*_):
        raise AppError("the disk is full", kind="disk_full")

    with monkeypatch.context() as patch:
        patch.setattr(local_run, "write_json", full)
        with pytest.raises(AppError):
            local.note(missing=["a"])
    local.note(missing=["a"])
    assert local.dir.read_job()["missing"] == ["a"]


def test_trouble_of_this_computer_is_over_when_it_is_mended(local):
    tries = []

    def write():
        tries.append(local.trouble_lasts)
        if len(tries) < 4:
            raise AppError("cannot be written: permission denied", file="r")

    asyncio.run(local.persist(write))
    assert tries[3] > 0
    assert local.trouble_lasts == 0
    said = [line["text"] for line in lines_of(local.dir)]
    assert "cannot keep what the machine makes: r: cannot be written: permission denied" in said[0]
    assert "nothing was lost" in said[1]
    assert local.job["local_trouble"] == ""
