"""The exported commands for several machines, with accelerate itself: two machines on loopback."""

import os
import re
import subprocess
import sys
import zipfile

import pytest

from bespoke_gui.core.cloud_tasks import accelerate as exporter
from bespoke_gui.core.cloud_tasks.base import CLOUD_TASKS
from bespoke_gui.core.cloud_tasks.wish import wish_for
from bespoke_gui.core.cloud_tasks.write import write_task
from tests.core.test_cloud_tasks import package  # noqa: F401 - a fixture
from tests.launch.sshd import free_port

pytestmark = [pytest.mark.full, pytest.mark.engine]

TRAINER = """import os, sys
import torch.distributed as group
import torch
group.init_process_group("gloo")
total = torch.ones(1) * (group.get_rank() + 1)
group.all_reduce(total)
print(f"rank {group.get_rank()} of {group.get_world_size()}, together {int(total)}", flush=True)
group.destroy_process_group()
"""


def test_both_machines_meet_and_work_as_one(package, tmp_path, monkeypatch):  # noqa: F811
    """The line of run.sh that starts the training, with the config of each machine."""
    pytest.importorskip("accelerate")
    monkeypatch.setattr(exporter, "PORT", free_port())
    wish = wish_for(package, ["A100"], count=2, nodes=2, main_host="127.0.0.1")
    paths = write_task(CLOUD_TASKS["accelerate"].files(wish), tmp_path / "task")
    (tmp_path / "train_network.py").write_text(TRAINER)
    with zipfile.ZipFile(package) as packed:
        script = packed.read(f"{wish.inside}/run.sh").decode()
    words = re.search(r"-m accelerate[^\n]*launch .*?train_network\.py [^)]*", script, re.DOTALL)
    line = f'"{sys.executable}" {words.group()}'
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo", "config": "c"}
    machines = [
        subprocess.Popen(
            ["bash", "-c", f'spread=(--config_file="{path}")\n{line}'],
            cwd=tmp_path,
            text=True,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for path in paths[1:]
    ]
    try:
        told = [machine.communicate(timeout=300) for machine in machines]
    finally:
        for machine in machines:
            machine.kill()
    assert [machine.returncode for machine in machines] == [0, 0], told
    lines = [sorted(out.split("\n")[:-1]) for out, _ in told]
    assert lines == [
        [f"rank {rank} of 4, together 10" for rank in ranks] for ranks in ((0, 1), (2, 3))
    ]
