"""The load of the cards, from a program that prints what nvidia-smi prints."""

import time

import pytest

from bespoke_gui.engines.gpu_load import gpu_load
from tests.engines.runs import events, make_run

SMI = """#!/bin/sh
echo "$@" > "$0.called"
echo "0, 97, 21504, 24564"
echo "1, [N/A], 3, 4"
echo "Unable to determine the device handle"
echo "2, 5, 10, 24564"
exec sleep 60
"""


@pytest.fixture
def smi(tmp_path, monkeypatch):
    """A stand-in on the PATH that goes on by itself like the real one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "nvidia-smi"
    program.write_text(SMI)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return program


def test_the_load_is_told_while_the_engine_works(smi, tmp_path):
    run_dir = make_run(tmp_path / "r")
    with gpu_load(run_dir):
        end = time.monotonic() + 30
        while len(run_dir.tail()[0]) < 2:
            assert time.monotonic() < end
            time.sleep(0.01)
    found = [{k: v for k, v in e.items() if k != "time"} for e in events(run_dir, "metric")]
    assert found == [
        {"event": "metric", "name": "gpu", "value": 97, "memory": 21504, "memory_total": 24564,
         "gpu": 0},
        {"event": "metric", "name": "gpu", "value": 5, "memory": 10, "memory_total": 24564,
         "gpu": 2},
    ]  # fmt: skip
    assert "--loop=5" in smi.with_name("nvidia-smi.called").read_text()


def test_without_the_program_nothing_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    run_dir = make_run(tmp_path / "r")
    with gpu_load(run_dir):
        pass
    assert not run_dir.events_path.exists()


def test_a_program_that_cannot_be_run_is_passed_over(smi, tmp_path):
    smi.write_text("no program")
    smi.write_bytes(b"\x7fELF")
    run_dir = make_run(tmp_path / "r")
    with gpu_load(run_dir):
        pass
    assert not run_dir.events_path.exists()
