"""Checkpoints: names as sd-scripts gives them, and the event that announces one."""

from __future__ import annotations

from pathlib import Path

from bespoke_gui.core.lorafile import complete, file_hash
from bespoke_gui.engines.context import RunContext

DEFAULT_NAME = "last"


def epoch_name(output_name: str, epoch: int, epochs: int) -> str:
    """File name of an epoch; the last one has no number (sd-scripts train_util.py:90-99)."""
    stem = output_name if epoch >= epochs else f"{output_name}-{epoch:06d}"
    return f"{stem}.safetensors"


def step_name(output_name: str, step: int) -> str:
    """File name of a checkpoint saved in the middle of an epoch."""
    return f"{output_name}-step{step:08d}.safetensors"


def announce(context: RunContext, path: Path, epoch: int, step: int, final: bool = False) -> str:
    """Re-open a checkpoint, emit its event with a path relative to the run; return the hash."""
    complete(path)
    digest = file_hash(path)
    where = path.relative_to(context.folder).as_posix()
    context.emit(
        "checkpoint", path=where, epoch=epoch, step=step, sha256=digest,
        size=path.stat().st_size, final=final,
    )  # fmt: skip
    return digest
