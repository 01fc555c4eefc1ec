"""What is said of a run at a glance: its figures, its stage and why it failed, in words. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bespoke_gui.core.runs import LOST
from bespoke_gui.qtmodels import run_place, wording
from bespoke_gui.qtmodels.run_story import RunStory

LADDER = {
    "asked": "Stopping: the engine saves and ends; after 30 s it is ended by force",
    "terminated": "Stopping: the engine did not answer and is being ended",
    "killed": "Stopping: the engine was ended by force",
}


def figures(story: RunStory, state: str, generates: bool, short: bool) -> dict[str, str]:
    """Return the figures of a run by their names; `short` leaves out those the curve tells too.

    generates: it makes pictures, so that nothing is learned.
    """
    is_running = state == "running"
    values = {"step": f"{story.step} / {story.total}" if story.total else wording.DASH}
    if not short:
        values["left"] = wording.duration(story.remaining_s() if is_running else None)
    if not short and not generates:
        values |= _learning(story)
    if not generates:
        values["epoch"] = f"{story.epoch} / {story.epochs}" if story.epochs else wording.DASH
    if is_running and story.gpu is not None:
        values["gpu"] = run_place.gpu_words(story.gpu)
    return values


def _learning(story: RunStory) -> dict[str, str]:
    speed, loss = story.images_per_s, story.loss
    return {
        "speed": f"{speed:.1f}" if speed is not None else wording.DASH,
        "loss": f"{loss:.4f}" if loss is not None else wording.DASH,
        "rate": wording.rate(story.learning_rate),
    }


def stage_words(story: RunStory, state: str, rung: str) -> str:
    """Return what a run does now; rung: how far stopping it has come, "" for not at all."""
    if rung in LADDER:
        return LADDER[rung]
    if state == "starting":
        return "Starting the engine"
    if state == "running":
        stage = story.stage or "waiting for the engine"
        return stage[:1].upper() + stage[1:]
    spent = story.updated - story.started
    return f"Took {wording.duration(spent)}" if spent > 0 else ""


def failure_words(story: RunStory, state: str, written: Mapping[str, Any] | None) -> str:
    """Return why a run failed, "" where it did not; written: its exit.json."""
    if state == "lost":
        return _sentences(LOST["message"], LOST["hint"])
    told = story.failure or written
    if state != "failed" or not told:
        return ""
    return _sentences(str(told.get("message") or "it failed"), str(told.get("hint") or ""))


def _sentences(*parts: str) -> str:
    """Return the parts as sentences, each with a capital letter and a full stop."""
    whole = [part.strip().rstrip(".") for part in parts if part.strip()]
    return " ".join(f"{part[:1].upper()}{part[1:]}." for part in whole)
