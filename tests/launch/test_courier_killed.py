"""The courier killed at random moments and the SSH server restarted: everything is here in the end.

Seeded; one run in the usual tests, more of them in the full ones.
"""

import contextlib
import random
import time

import psutil
import pytest

from bespoke_gui.core.lorafile import complete
from bespoke_gui.launch.base import BACKENDS
from tests.launch.remote_kit import (
    asked_run,
    check_equal,
    courier_of,
    end_all,
    kinds,
    lines_of,
    manifest_of,
    remote_folder,
    shorten_waits,
    wait_for,
)
from tests.launch.sshd import Sshd, needs_sshd

pytestmark = needs_sshd
LONGEST_S = 240


def kill(sshd, run_dir, draw):
    """SIGKILL for the courier, as a crash or the system would do it."""
    process = courier_of(run_dir)
    if process is not None:
        with contextlib.suppress(psutil.Error):
            process.kill()
            process.wait(10)


def restart(sshd, run_dir, draw):
    sshd.stop()
    time.sleep(draw.uniform(0, 1))
    sshd.start()


def cut(sshd, run_dir, draw):
    sshd.cut()


def freeze(sshd, run_dir, draw):
    sshd.freeze()
    time.sleep(draw.uniform(0, 3))
    sshd.thaw()


FAULTS = (kill, kill, restart, cut, freeze)


@pytest.mark.parametrize(
    ("seed", "most"),
    [(1, 8), *(pytest.param(seed, 30, marks=pytest.mark.full) for seed in range(2, 9))],
)
def test_everything_is_here_whatever_was_killed_when(tmp_path, monkeypatch, seed, most):
    shorten_waits(monkeypatch)
    draw, backend, done = random.Random(seed), BACKENDS["ssh"], []
    with Sshd(tmp_path) as sshd:
        machine = sshd.machine()
        run_dir = asked_run(
            tmp_path / "r", machine, epochs=6, steps_per_epoch=5, seconds_per_step=0.25
        )
        try:
            backend.start(run_dir)
            end = time.monotonic() + LONGEST_S
            while backend.state(run_dir) == "running":
                assert time.monotonic() < end, (done, lines_of(run_dir)[-5:])
                # Short and long pauses alike: some faults hit the start of a courier.
                time.sleep(draw.choice((0.2, 1, 3)) * draw.random())
                fault = draw.choice(FAULTS)
                fault(sshd, run_dir, draw)
                done.append(fault.__name__)
                backend.attach(run_dir)
                if len(done) == most:
                    wait_for(lambda: backend.state(run_dir) != "running", LONGEST_S)
            ended = run_dir.read_exit()
            assert ended["outcome"] == "finished", (ended, done)
            far = remote_folder(machine, run_dir)
            check_equal(run_dir, far)
            checkpoints = [name for name in manifest_of(far) if name.endswith(".safetensors")]
            assert len(checkpoints) == 6
            for name in checkpoints:
                complete(run_dir.folder / name)
            steps = [line["step"] for line in lines_of(run_dir) if line["event"] == "progress"]
            assert steps == list(range(1, 31))
            assert kinds(run_dir)[-1] == "done"
            print(f"seed {seed}: {len(done)} faults: {', '.join(done)}")
        finally:
            end_all(run_dir, machine)
