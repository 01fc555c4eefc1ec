"""Fetching over a link that lies, breaks off or grows: only verified files get their name."""

import asyncio
import hashlib
import json
import os
from collections import namedtuple

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.remote.fetching import ASIDE, Fetcher
from bespoke_gui.launch.remote.link import LinkLost
from bespoke_gui.launch.remote.local_run import LocalRun
from bespoke_gui.launch.remote.waits import Waits
from tests.launch.remote_kit import lines_of

NAME = "outputs/punk-000001.safetensors"
DATA = os.urandom(300_000)


class MemoryLink:
    """Files of a pretended machine. `damage` changes the bytes of a get, `cut` ends it early."""

    def __init__(self, **files):
        self.files = {"/r/manifest.jsonl": b"", **files}
        self.damage = lambda data: data
        self.cut = None
        self.offsets = []

    def lists(self, name, data, **more):
        self.files[f"/r/{name}"] = data
        entry = {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        self.files["/r/manifest.jsonl"] += json.dumps({**entry, **more}).encode() + b"\n"

    async def read(self, path, offset=0, limit=256 * 1024):
        return self.files.get(path, b"")[offset : offset + limit]

    async def get(self, remote, local, offset, told=None):
        self.offsets.append(offset)
        if remote not in self.files:
            raise AppError("is not on the machine", file=remote)
        data, stop = self.damage(self.files[remote]), self.cut
        local.touch()
        for start in range(offset, len(data), 10_000):
            if stop is not None and start >= stop:
                self.cut = None
                raise LinkLost("cut")
            with local.open("ab") as file:
                file.write(data[start : start + 10_000])
            if told:
                told(min(start + 10_000, len(data)), len(data))


@pytest.fixture
def local(tmp_path):
    (tmp_path / "r").mkdir()
    return LocalRun(RunDir(tmp_path / "r"), Waits(disk_full=0.01))


def fetch_all(fetcher, link):
    """Read the manifest and fetch what is due, connecting again after each lost link."""

    async def go():
        while True:
            try:
                await fetcher.read_manifest(link)
                while (entry := fetcher.next()) is not None:
                    await fetcher.fetch(link, entry)
                return
            except LinkLost:
                continue

    asyncio.run(go())


def said(local):
    return " / ".join(line["text"] for line in lines_of(local.dir) if line["event"] == "log")


def test_a_file_comes_verified_and_is_told_once(local):
    link = MemoryLink()
    link.lists(NAME, DATA)
    link.lists("outputs/samples/a.png", b"")
    fetcher = Fetcher(local, "/r")
    fetch_all(fetcher, link)
    assert (local.dir.folder / NAME).read_bytes() == DATA
    assert (local.dir.folder / "outputs/samples/a.png").read_bytes() == b""
    told = [line["path"] for line in lines_of(local.dir) if line["event"] == "fetched"]
    assert told == ["outputs/samples/a.png", NAME], "the smaller first"
    again = Fetcher(local, "/r")
    fetch_all(again, link)
    assert (again.missing(), len(link.offsets)) == ([], 2)


def test_a_cut_transfer_goes_on_where_it_was(local):
    link = MemoryLink()
    link.lists(NAME, DATA)
    link.cut = 150_000
    fetch_all(Fetcher(local, "/r"), link)
    assert link.offsets == [0, 150_000]
    assert (local.dir.folder / NAME).read_bytes() == DATA


def test_a_courier_killed_before_it_told_hashes_and_tells(local):
    link = MemoryLink()
    link.lists(NAME, DATA)
    local.dir.outputs.mkdir()
    (local.dir.folder / NAME).write_bytes(DATA)
    fetch_all(Fetcher(local, "/r"), link)
    assert link.offsets == []
    assert [line["event"] for line in lines_of(local.dir)] == ["fetched"]


def test_a_damaged_transfer_is_made_again(local):
    link, left = MemoryLink(), [2]

    def damage(data):
        left[0] -= 1
        return data[:-1] + bytes([data[-1] ^ 1]) if left[0] >= 0 else data

    link.damage = damage
    link.lists(NAME, DATA)
    fetch_all(Fetcher(local, "/r"), link)
    assert (local.dir.folder / NAME).read_bytes() == DATA
    assert link.offsets == [0, 0, 0]
    assert "came damaged (2 of 3 tries)" in said(local)


def test_what_stays_damaged_is_kept_aside_and_missing(local):
    link = MemoryLink()
    link.damage = lambda data: bytes(len(data))
    link.lists(NAME, DATA)
    fetcher = Fetcher(local, "/r")
    fetch_all(fetcher, link)
    assert not (local.dir.folder / NAME).exists()
    assert (local.dir.folder / ASIDE / NAME).read_bytes() == bytes(len(DATA))
    assert fetcher.missing() == [NAME]
    assert "3 of 3 tries" in said(local)
    link.damage = lambda data: data
    fetcher.forgive()
    fetch_all(fetcher, link)
    assert fetcher.missing() == []


def test_a_file_that_never_ends_is_stopped(local):
    link = MemoryLink()
    link.damage = lambda data: data + bytes(10_000_000)
    link.lists(NAME, DATA)
    fetcher = Fetcher(local, "/r")
    fetch_all(fetcher, link)
    assert fetcher.missing() == [NAME]
    assert "longer on the machine than it said" in said(local)
    assert sum(path.stat().st_size for path in local.dir.folder.rglob("*.part")) < 400_000


def test_a_longer_part_of_an_older_file_begins_anew(local):
    link = MemoryLink()
    link.lists(NAME, DATA)
    local.dir.outputs.mkdir()
    (local.dir.folder / f"{NAME}.part").write_bytes(bytes(400_000))
    fetch_all(Fetcher(local, "/r"), link)
    assert link.offsets == [0]
    assert (local.dir.folder / NAME).read_bytes() == DATA


def test_the_last_line_of_a_name_counts_and_what_is_gone_is_not_wanted(local):
    link = MemoryLink()
    link.lists(NAME, b"first")
    fetcher = Fetcher(local, "/r")
    fetch_all(fetcher, link)
    link.lists(NAME, b"the second version")
    link.lists("outputs/old.safetensors", b"x")
    link.files["/r/manifest.jsonl"] += b'{"name": "outputs/old.safetensors", "gone": true}\n'
    fetch_all(fetcher, link)
    assert (local.dir.folder / NAME).read_bytes() == b"the second version"
    assert fetcher.missing() == []
    assert not (local.dir.folder / "outputs/old.safetensors").exists()


def test_a_listed_file_that_is_not_there_is_said_and_missing(local):
    link = MemoryLink()
    link.lists(NAME, DATA)
    del link.files[f"/r/{NAME}"]
    fetcher = Fetcher(local, "/r")
    fetch_all(fetcher, link)
    assert fetcher.missing() == [NAME]
    assert "not fetched" in said(local)


def test_no_room_here_is_waited_out(local, monkeypatch):
    link, free = MemoryLink(), [0, 0, 10**12]
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(
        "bespoke_gui.launch.remote.fetching.shutil.disk_usage",
        lambda path: usage(1, 1, free.pop(0) if len(free) > 1 else free[0]),
    )
    link.lists(NAME, DATA)
    fetch_all(Fetcher(local, "/r"), link)
    assert (local.dir.folder / NAME).read_bytes() == DATA
    assert "the disk of this computer is full" in said(local)


def test_lines_of_a_malicious_manifest_write_nothing_outside(local, tmp_path):
    link = MemoryLink()
    evil = ("../evil", "outputs/../../evil", str(tmp_path / "evil"), "events.jsonl", "control/stop")
    for name in evil:
        link.lists(name, b"evil")
    link.lists(NAME, b"good")
    fetch_all(Fetcher(local, "/r"), link)
    there = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert there - {"r/heartbeat"} == {"r/events.jsonl", f"r/{NAME}"}
    assert "left out" in said(local)
