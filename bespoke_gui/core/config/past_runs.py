"""Past runs as a basis: how fast finished trainings of a project went, and on what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.config.speeds import Speed, shape_of
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.runs import list_runs

if TYPE_CHECKING:
    from bespoke_gui.core.project import Project
    from bespoke_gui.core.runs import RunInfo

LOCAL = ("", "local")
SHORTEST = 10


def past_speeds(project: Project | Path) -> list[Speed]:
    """Return the speed of every finished training of a project, newest first.

    Reads the run folders, so keep it off the GUI thread. Runs of the stand-in engine and runs of
    fewer than 10 steps say nothing about time, and are left out.
    """
    try:
        runs = list_runs(project)
    except AppError:
        return []
    found = (_speed(run) for run in runs)
    return [speed for speed in found if speed is not None]


def _speed(run: RunInfo) -> Speed | None:
    config, rate = run.spec.get("config"), _images_per_s(run.progress)
    if run.state != "finished" or run.spec.get("engine") == "fake" or rate is None:
        return None
    if not isinstance(config, dict) or not config:
        return None
    shape = shape_of({**config, "pretrained_model_name_or_path": run.spec.get("base")})
    return Speed(
        gpu=run.device,
        shape=shape,
        steps_per_s=rate / shape.images,
        kind="past_run",
        source=f"run {run.run}",
        date=str(run.spec.get("created", ""))[:10],
        engine=str(run.spec.get("engine", "")),
        here=run.backend in LOCAL,
    )


def _images_per_s(progress: dict[str, Any]) -> float | None:
    """Return the speed at a training's end, None where it says nothing."""
    rate, steps = progress.get("images_per_s"), progress.get("step")
    if not isinstance(rate, (int, float)) or not isinstance(steps, int) or steps < SHORTEST:
        return None
    return float(rate) if 0 < rate < float("inf") else None
