"""dstack: one .dstack.yml; `dstack apply` runs it on the clouds or machines of its server."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from bespoke_gui.core.cloud_tasks.base import CLOUD_TASKS, CloudTask
from bespoke_gui.core.cloud_tasks.wish import TaskWish
from bespoke_gui.core.yaml_text import to_yaml

IMAGE = "runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404"
WORKSPACE = "/workspace"
CHECKPOINTS = "/checkpoints"
WAIT_S = 3600
MEMORY_GB = 12
# dstack gives up a machine whose cards do nothing for so long: a hung training costs no night.
IDLE = {"min_gpu_utilization": 1, "time_window": "1h"}


def files(wish: TaskWish) -> Mapping[str, str]:
    """Return the configuration with the commands that run it and fetch what it made."""
    return {f"{wish.name}.dstack.yml": _head(wish) + to_yaml(_task(wish))}


def card_name(gpu: str) -> str:
    """Return a card's name as dstack has it: without maker, memory and kind of socket."""
    words = re.sub(r"(?i)\b(nvidia|geforce|tesla|pcie|sxm\d?|hbm\d?e?|\d+ ?gb)\b", " ",
                   re.sub(r"[-_]+", " ", gpu))  # fmt: skip
    found = words.split()
    joined = "".join(found)
    # The workstation cards "RTX A6000" are plain A6000 there.
    return joined.removeprefix("RTX") if re.fullmatch(r"(?i)RTXA\d+", joined) else joined


def _task(wish: TaskWish) -> dict[str, Any]:
    names = list(dict.fromkeys(card_name(gpu) for gpu in wish.gpus))
    task: dict[str, Any] = {
        "type": "task",
        "name": wish.name,
        "image": IMAGE,
        "files": [f"{wish.package}:{WORKSPACE}/package.zip"],
        "commands": _commands(wish),
        "resources": {
            "gpu": {"name": names, "count": wish.count, "memory": f"{MEMORY_GB}GB.."},
            "disk": f"{wish.disk_gb}GB..",
        },
        "utilization_policy": dict(IDLE),
    }
    if wish.bucket:
        task["volumes"] = [{"name": wish.bucket, "path": CHECKPOINTS}]
    if wish.max_hours:
        task["max_duration"] = f"{max(1, round(wish.max_hours * 60))}m"
    if wish.usd_per_hour:
        task["max_price"] = float(wish.usd_per_hour)
    return task


def _commands(wish: TaskWish) -> list[str]:
    inside = shlex.quote(wish.inside)
    commands = [f"cd {WORKSPACE}", "python3 -m zipfile -e package.zip ."]
    if wish.bucket:
        place = f"{CHECKPOINTS}/{wish.name}"
        commands += [f"mkdir -p {place}", f"ln -sfn {place} {inside}/output"]
    commands.append(f"GPUS={wish.count} bash {inside}/run.sh")
    # Without a volume the checkpoints go with the container: it stays until they are fetched.
    wait = f"echo 'fetch the checkpoints, then dstack stop {wish.name}'; sleep {WAIT_S}"
    return commands if wish.bucket else [*commands, wait]


def _head(wish: TaskWish) -> str:
    where = f"{WORKSPACE}/{wish.inside}/output"
    kept = f"the volume {wish.bucket}" if wish.bucket else where
    fetch = [] if wish.bucket else [
        f"#   rsync -Pa {wish.name}:{where}/ ./output/    while `dstack attach` holds the tunnel",
    ]  # fmt: skip
    note = [] if wish.bucket else [
        f"# Without a volume they go with the machine, which waits {WAIT_S // 60} min after the "
        "training for you to fetch them.",
    ]  # fmt: skip
    return "\n".join([
        "# Trains a Bespoke package with dstack. Made by `bespoke package export-task`.",
        f"#   dstack apply -f {wish.name}.dstack.yml", *fetch,
        f"#   dstack stop {wish.name}",
        f"# Checkpoints come to lie in {kept}; the last one is {wish.checkpoint}.", *note, "",
    ])  # fmt: skip


CLOUD_TASKS.add("dstack", CloudTask("dstack", "dstack task", files, "dstack apply -f {file}"))
