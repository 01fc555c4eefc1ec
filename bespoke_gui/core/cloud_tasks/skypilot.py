"""SkyPilot: one task.yaml; `sky launch` finds the cheapest machine of the clouds it knows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from bespoke_gui.core.cloud_tasks.base import CLOUD_TASKS, CloudTask
from bespoke_gui.core.cloud_tasks.wish import TaskWish
from bespoke_gui.core.yaml_text import to_yaml

HOME = "~/bespoke"
CHECKPOINTS = "/checkpoints"
# With a bucket there is nothing to wait for; without one the checkpoints are to be fetched first.
IDLE_MINUTES, FETCH_MINUTES = 10, 60
# Names that SkyPilot's catalogue gives to cards whose own name says it otherwise.
NAMES = {"A100": "A100-80GB", "A100 80GB": "A100-80GB", "A100 SXM4 80GB": "A100-80GB",
         "A100 80GB PCIE": "A100-80GB", "H100 80GB HBM3": "H100", "H100 PCIE": "H100",
         "TESLA T4": "T4", "TESLA V100 SXM2 16GB": "V100", "RTX A6000": "RTXA6000",
         "RTX A5000": "RTXA5000", "RTX A4000": "RTXA4000"}  # fmt: skip


def files(wish: TaskWish) -> Mapping[str, str]:
    """Return the task with the commands that start it, fetch what it made and end it."""
    return {f"{wish.name}.sky.yaml": _head(wish) + to_yaml(_task(wish))}


def card_name(gpu: str) -> str:
    """Return a card's name as SkyPilot's catalogue has it."""
    words = re.sub(r"[-_ ]+", " ", re.sub(r"(?i)\b(nvidia|geforce)\b", "", gpu)).strip()
    return NAMES.get(words.upper(), words.replace(" ", ""))


def _task(wish: TaskWish) -> dict[str, Any]:
    names = list(dict.fromkeys(card_name(gpu) for gpu in wish.gpus))
    cards = [f"{name}:{wish.count}" for name in names]
    resources: dict[str, Any] = {
        # In a list SkyPilot tries one after the other.
        "accelerators": cards[0] if len(cards) == 1 else cards,
        "disk_size": wish.disk_gb,
        "autostop": {"idle_minutes": _idle(wish), "down": True},
    }
    mounts: dict[str, Any] = {f"{HOME}/package.zip": str(wish.package)}
    if wish.bucket:
        mounts[CHECKPOINTS] = {"name": wish.bucket, "mode": "MOUNT_CACHED"}
    return {
        "name": wish.name,
        "resources": resources,
        "file_mounts": mounts,
        "setup": _setup(wish),
        "run": _run(wish),
    }


def _idle(wish: TaskWish) -> int:
    return IDLE_MINUTES if wish.bucket else FETCH_MINUTES


def _setup(wish: TaskWish) -> str:
    return "\n".join([
        "set -e", f"cd {HOME}", "python3 -m zipfile -e package.zip .",
        f"bash {shlex.quote(wish.inside)}/run.sh --check", "",
    ])  # fmt: skip


def _run(wish: TaskWish) -> str:
    inside = shlex.quote(wish.inside)
    lines = ["set -e", f"cd {HOME}"]
    if wish.bucket:
        place = f"{CHECKPOINTS}/{wish.name}"
        lines += [f"mkdir -p {place}", f"ln -sfn {place} {inside}/output"]
    limit = f"timeout --signal=TERM {round(wish.max_hours * 3600)} " if wish.max_hours else ""
    lines.append(f"GPUS={wish.count} {limit}bash {inside}/run.sh")
    return "\n".join([*lines, ""])


def _head(wish: TaskWish) -> str:
    where = f"{HOME}/{wish.inside}/output"
    kept = f"the bucket {wish.bucket}" if wish.bucket else where
    fetch = [] if wish.bucket else [f"#   rsync -Pa {wish.name}:{where}/ ./output/"]
    price = [f"# At most ${wish.usd_per_hour:g} an hour: SkyPilot has no such limit; look at "
             "`sky launch --dryrun` first."] if wish.usd_per_hour else []  # fmt: skip
    return "\n".join([
        "# Trains a Bespoke package with SkyPilot. Made by `bespoke package export-task`.",
        f"#   sky launch -c {wish.name} {wish.name}.sky.yaml", *fetch,
        f"#   sky down {wish.name}",
        f"# Checkpoints come to lie in {kept}; the last one is {wish.checkpoint}.",
        f"# The machine is taken down, its disk with it, after {_idle(wish)} idle minutes"
        + ("." if wish.bucket else ": fetch them before, or name a bucket."),
        *price, "",
    ])  # fmt: skip


CLOUD_TASKS.add(
    "skypilot", CloudTask("skypilot", "SkyPilot task", files, "sky launch {file}")
)  # fmt: skip
