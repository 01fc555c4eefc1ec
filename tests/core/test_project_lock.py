"""Two windows on one project: the second is told, the dead hold nobody up."""

import json
import os
import platform
import subprocess
import sys

import pytest

from bespoke_gui.core import processes
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.project_lock import ProjectLock

HOLD = """
import sys
from pathlib import Path
from bespoke_gui.core.project_lock import ProjectLock
lock = ProjectLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
for line in sys.stdin:
    print(lock.is_ours(), flush=True)
"""


@pytest.fixture
def other(tmp_path, root):
    """Another process that holds the lock of `tmp_path`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "None\n"
    yield process
    process.kill()
    process.communicate()


def asks(process):
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def test_a_living_window_is_named_and_keeps_its_lock(tmp_path, other):
    lock = ProjectLock(tmp_path)
    holder = lock.acquire()
    assert holder.pid == other.pid
    assert f"process {other.pid}" in holder.words()
    lock.release()
    assert asks(other) == "True"


def test_the_other_window_notices_that_it_lost_the_project(tmp_path, other):
    lock = ProjectLock(tmp_path)
    assert lock.acquire(take_over=True) is None
    assert lock.is_ours()
    assert asks(other) == "False"


def test_a_killed_window_holds_nobody_up(tmp_path, other):
    other.kill()
    other.wait()
    assert ProjectLock(tmp_path).acquire() is None


def write(path, **changes):
    data = {"pid": os.getppid(), "started": processes.start_time(os.getppid()),
            "host": platform.node(), "since": "2026-11-22T12:03:00", "token": "x"}  # fmt: skip
    data |= changes
    path.write_text(json.dumps(data))


def test_a_reused_number_holds_nobody_up(tmp_path):
    write(tmp_path / "lock", started=1.0)
    assert ProjectLock(tmp_path).acquire() is None


def test_a_window_on_another_computer_is_asked_about(tmp_path):
    write(tmp_path / "lock", host="studio", pid=2**22 + 1)
    lock = ProjectLock(tmp_path)
    assert lock.acquire().words() == f"open on studio since 12:03 (process {2**22 + 1})"
    assert lock.acquire(take_over=True) is None


@pytest.mark.parametrize("text", ["", "{ half", "[]", '{"pid": "x"}'])
def test_a_lock_that_makes_no_sense_is_taken(tmp_path, text):
    (tmp_path / "lock").write_text(text)
    os.utime(tmp_path / "lock", (1e9, 1e9))
    lock = ProjectLock(tmp_path)
    assert lock.acquire() is None
    assert lock.is_ours()


def test_opening_again_in_the_same_window_takes_it(tmp_path):
    first, second = ProjectLock(tmp_path), ProjectLock(tmp_path)
    assert first.acquire() is None
    assert second.acquire() is None
    assert not first.is_ours()
    first.release()
    assert second.is_ours()
    with pytest.raises(AppError, match="taken over"):
        acquired_then_lost(first, second).require()


def acquired_then_lost(first, second):
    first.acquire()
    second.acquire()
    return first


def test_release_and_a_deleted_folder(tmp_path):
    lock = ProjectLock(tmp_path / ".bespoke")
    assert lock.acquire() is None
    lock.path.unlink()
    assert lock.is_ours()
    assert lock.path.exists()
    lock.release()
    assert not lock.path.exists()
    lock.release()


def test_where_nothing_can_be_written_there_is_no_lock(tmp_path):
    (tmp_path / "file").write_text("x")
    lock = ProjectLock(tmp_path / "file")
    assert lock.acquire() is None
    assert lock.is_ours()
