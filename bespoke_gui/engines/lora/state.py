"""State: everything a killed training needs to go on, as safetensors and JSON, never a pickle."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import read_json

KEPT = 2
WEIGHTS, MOMENTS, FACTS = "weights.safetensors", "optimizer.safetensors", "state.json"


def save_state(
    root: Path, facts: dict[str, Any], weights: dict[str, torch.Tensor],
    optimizer: torch.optim.Optimizer,
) -> Path:  # fmt: skip
    """Write root/step_N, whole or not at all, and remove all but the newest two.

    `facts` must hold "step". Raises OSError or AppError kind "disk_full" when it cannot be written.
    """
    root.mkdir(parents=True, exist_ok=True)
    target = root / f"step_{int(facts['step']):08d}"
    temporary = root / f".{target.name}.{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        save_file(weights, temporary / WEIGHTS)
        save_file(_moments(optimizer), temporary / MOMENTS)
        write_json(temporary / FACTS, facts)
        shutil.rmtree(target, ignore_errors=True)
        temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    prune(root)
    return target


def prune(root: Path) -> None:
    """Remove old states and half-written ones."""
    for path in _states(root)[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)
    for path in root.glob(".step_*"):
        shutil.rmtree(path, ignore_errors=True)


def latest(root: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor], Path] | None:
    """The newest readable state as (facts, weights, folder), or None."""
    for path in reversed(_states(root)):
        facts = read_json(path / FACTS)
        if facts is None or "step" not in facts:
            continue
        with contextlib.suppress(OSError, ValueError, RuntimeError, _safetensors_error()):
            return facts, load_file(path / WEIGHTS), path
    return None


def load_moments(folder: Path, optimizer: torch.optim.Optimizer) -> None:
    """Give the optimiser its memory back; AppError when the state is of another training."""
    try:
        moments = load_file(folder / MOMENTS)
        fused = bool(optimizer.param_groups[0].get("fused"))
        for index, weight in enumerate(_weights(optimizer)):
            optimizer.state[weight] = _entry(moments, index, weight, fused)
    except (OSError, KeyError, _safetensors_error()) as error:
        raise AppError(
            "does not belong to this training", file=folder, hint="start a new run",
            kind="bad_config",
        ) from error  # fmt: skip


def _entry(
    moments: dict[str, torch.Tensor], index: int, weight: torch.Tensor, fused: bool
) -> dict[str, torch.Tensor]:
    prefix = f"{index}."
    found = {k[len(prefix) :]: v for k, v in moments.items() if k.startswith(prefix)}
    if any(value.dim() and value.shape != weight.shape for value in found.values()):
        raise KeyError(f"weight {index} has another shape")
    # The step count stays on the CPU unless the optimiser is fused, as torch keeps it.
    return {k: v.to(weight.device) if v.dim() or fused else v for k, v in found.items()}


def _moments(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = {}
    for index, weight in enumerate(_weights(optimizer)):
        for name, value in optimizer.state.get(weight, {}).items():
            if isinstance(value, torch.Tensor):
                found[f"{index}.{name}"] = value.detach().cpu().contiguous().clone()
    return found


def _weights(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    return [weight for group in optimizer.param_groups for weight in group["params"]]


def _states(root: Path) -> list[Path]:
    return sorted(path for path in root.glob("step_*") if path.is_dir())


def _safetensors_error() -> type[Exception]:
    from safetensors import SafetensorError

    return SafetensorError
