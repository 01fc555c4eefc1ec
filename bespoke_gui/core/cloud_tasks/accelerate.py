"""accelerate: configs and commands for several machines that train one package together.

Bespoke's tests read the configs with accelerate itself; no test has run a training over machines.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from bespoke_gui.core.cloud_tasks.base import CLOUD_TASKS, CloudTask
from bespoke_gui.core.cloud_tasks.wish import TaskWish
from bespoke_gui.core.yaml_text import to_yaml

PORT = 29500
PLACE = "/workspace"
COMMANDS = "COMMANDS.md"
NO_HOST = "MAIN_HOST"


def files(wish: TaskWish) -> Mapping[str, str]:
    """Return what to type on every machine, and accelerate's config of each."""
    nodes = {_file(rank): to_yaml(_config(wish, rank)) for rank in range(wish.nodes)}
    return {COMMANDS: _commands(wish), **nodes}


def _file(rank: int) -> str:
    return f"accelerate_node{rank}.yaml"


def _config(wish: TaskWish, rank: int) -> dict[str, Any]:
    several = wish.nodes * wish.count > 1
    return {
        "compute_environment": "LOCAL_MACHINE",
        "distributed_type": "MULTI_GPU" if several else "NO",
        "machine_rank": rank,
        "main_process_ip": wish.main_host or NO_HOST,
        "main_process_port": PORT,
        "main_training_function": "main",
        "mixed_precision": str(wish.config.get("mixed_precision") or "no"),
        "num_machines": wish.nodes,
        # All processes of all machines together.
        "num_processes": wish.nodes * wish.count,
        "rdzv_backend": "static",
        "same_network": True,
        "use_cpu": False,
    }


def _commands(wish: TaskWish) -> str:
    inside, host = f"{PLACE}/{wish.inside}", wish.main_host or NO_HOST
    batch = wish.config.get("train_batch_size") or 1
    processes = wish.nodes * wish.count
    lines = [
        f"# {wish.name} on {wish.nodes} machines, GPUs on each: {wish.count}", "",
        "**Untested:** accelerate reads these configs, but Bespoke's makers had no machines to try",
        "a training over several of them. Watch the first steps.", "",
        f"- Every machine has the same image, `{wish.package.name}` in `{PLACE}`, and reaches",
        f"  `{host}` on port {PORT}.",
        f"- One step now shows {processes} x {batch} images: an epoch has 1/{processes} of the "
        "steps, and the learning",
        "  rate that was right for one GPU may be too low.",
        "- Only machine 0 writes checkpoints; fetch them there, from",
        f"  `{inside}/output`. The last one is `{wish.checkpoint}`.", "",
    ]  # fmt: skip
    for rank in range(wish.nodes):
        here = " (the one the others reach)" if rank == 0 else ""
        lines += [f"## Machine {rank}{here}", "", "```bash", f"cd {PLACE}",
                  f"python3 -m zipfile -e {shlex.quote(wish.package.name)} .",
                  f"NODE_RANK={rank} ACCELERATE_CONFIG={PLACE}/{_file(rank)} \\",
                  f"  bash {shlex.quote(inside)}/run.sh", "```", ""]  # fmt: skip
    return "\n".join(lines)


CLOUD_TASKS.add(
    "accelerate",
    CloudTask("accelerate", "accelerate", files, "read {file}", tested=False),
)
