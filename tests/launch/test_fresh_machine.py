"""A machine that has nothing but a Python: its environment is made from the network, once.

Over a real sshd, with the real pip, the pinned packages and the processor's build of torch.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bespoke_gui.core.runs import read_run
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.remote.bootstrap import CPU_WHEELS, _lines
from tests.engines.runs import make_run
from tests.launch.contract import wait_state
from tests.launch.remote_kit import (
    check_equal,
    courier_of,
    end_all,
    lines_of,
    remote_folder,
    shorten_waits,
    wait_for,
)
from tests.launch.sshd import Sshd, needs_sshd
from tests.launch.test_machine_side import command_lines

pytestmark = [needs_sshd, pytest.mark.full, pytest.mark.engine]
LIMIT_S = 1500


def small_torch_is_to_be_had() -> str:
    """Why the test cannot be made, or "": pip must find the small build, not gigabytes of CUDA."""
    torch = next(line for line in _lines("engine_requirements.txt") if line.startswith("torch"))
    words = ["install", "-q", "--dry-run", "--ignore-installed", "--no-deps", "--report", "-"]
    command = [sys.executable, "-m", "pip", *words, "--extra-index-url", CPU_WHEELS, torch]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    try:
        found = json.loads(done.stdout)["install"][0]["metadata"]["version"]
    except (ValueError, LookupError):
        return "there is no network: pip finds no torch"
    return "" if "+cpu" in found else f"pip finds no small build of torch here, only {found}"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    if reason := small_torch_is_to_be_had():
        pytest.skip(reason)
    shorten_waits(monkeypatch)
    with Sshd(tmp_path) as sshd:
        yield replace(sshd.machine(), python="")


@pytest.fixture
def begin(tmp_path, machine, images):
    """Start runs of the embedded base there; whatever they left running is ended."""
    tiny = pytest.importorskip("tests.engines.tiny")
    made = []

    def start(name):
        config = {**tiny.config(), "max_train_epochs": 2, "resolution": "64,64"}
        place = {"machine": machine.as_dict()}
        made.append(make_run(tmp_path / name, "lora", data=[images], config=config, place=place))
        BACKENDS["ssh"].start(made[-1])
        return made[-1]

    yield start
    for run_dir in made:
        end_all(run_dir, machine)


def said(run_dir) -> list[str]:
    return [line.get("text", "") for line in lines_of(run_dir) if line["event"] == "log"]


def makers(machine) -> list[bytes]:
    """The pips that are at work for the environment there."""
    place = f"{machine.workdir}/bespoke/env/".encode()
    return [line for line in command_lines() if place in line and b"\x00pip\x00" in line]


def test_made_once_whatever_happens_and_used_by_every_run(machine, begin):
    first = begin("20261126-stopped")
    wait_for(lambda: makers(machine), LIMIT_S)
    BACKENDS["ssh"].stop(first)
    wait_state(BACKENDS["ssh"], first, "cancelled")
    wait_for(lambda: not makers(machine))
    (env,) = Path(machine.workdir).glob("bespoke/env/*")
    assert not (env / "venv").exists()

    second = begin("20261126-killed")
    wait_for(lambda: makers(machine), LIMIT_S)
    courier = courier_of(second)
    courier.kill()
    courier.wait()
    os.killpg(int((env / "lock").read_text()), signal.SIGKILL)
    BACKENDS["ssh"].attach(second)
    wait_state(BACKENDS["ssh"], second, "finished", LIMIT_S)
    assert [text for text in said(second) if text.startswith("Successfully installed")]
    check_equal(second, remote_folder(machine, second))
    names = [item.path.name for item in read_run(second.folder).checkpoints]
    assert names == ["tiny-000001.safetensors", "tiny.safetensors"]
    ready = json.loads((env / "ready.json").read_text())
    assert ready["torch"].endswith("+cpu")

    made = (env / "venv").stat().st_ino
    third = begin("20261126-again")
    wait_state(BACKENDS["ssh"], third, "finished", LIMIT_S)
    assert not [text for text in said(third) if "environment" in text or "nstall" in text]
    assert (env / "venv").stat().st_ino == made
    check_equal(third, remote_folder(machine, third))
    hello = next(line for line in lines_of(third) if line["event"] == "hello")
    assert hello["versions"]["torch"] == ready["torch"]
