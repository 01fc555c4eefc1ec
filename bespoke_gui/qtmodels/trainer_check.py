"""Trainer check: whether trainer, base model and disk are there for a training. No Qt."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.models.facts import facts_about, is_hub_id
from bespoke_gui.core.models.store import resolve_base
from bespoke_gui.core.runspec import EMBEDDED
from bespoke_gui.launch.sd_scripts import SCRIPT

KOHYA = "kohya"
BASE_KEY = "pretrained_model_name_or_path"


@dataclass(frozen=True)
class Trainer:
    """What trains. base: "" for what the config says; checkout: folder of sd-scripts on this
    computer; here: it trains on this computer; runs: the folder that runs are written to."""

    engine: str = "lora"
    base: str = ""
    checkout: str = ""
    here: bool = True
    runs: str = ""


def trainer_problems(config: TrainingConfig, trainer: Trainer, needed: int = 0) -> list[Problem]:
    """Return what stands in the way of this trainer; looks at files, and never raises.

    needed: bytes that the checkpoints and states of the training take, 0 where not known.
    """
    base = resolve_base(trainer.base or str(config.get(BASE_KEY) or EMBEDDED))
    found = [*_checkout(trainer, base), *_base(trainer, base)]
    return [*found, *_disk(trainer, needed)] if trainer.here else found


def _checkout(trainer: Trainer, base: str) -> Iterator[Problem]:
    if trainer.engine != KOHYA:
        return
    if base == EMBEDDED:
        hint = "choose the built-in trainer, or a Stable Diffusion 1.5"
        message = "sd-scripts cannot train the embedded base"
        yield Problem("embedded_kohya", "error", message, hint=hint)
    if trainer.here and not (Path(trainer.checkout) / SCRIPT).is_file():
        message = f"{Path(trainer.checkout).name or 'the checkout'} holds no {SCRIPT} any more"
        hint = "choose the folder of a kohya-ss/sd-scripts checkout"
        yield Problem("no_checkout", "error", message, hint=hint)


def _base(trainer: Trainer, base: str) -> Iterator[Problem]:
    if base == EMBEDDED or (not trainer.here and not Path(base).expanduser().exists()):
        # A path of another machine is looked for there.
        if base != EMBEDDED and is_hub_id(base):
            yield _fetched(base)
        return
    try:
        facts = facts_about(base)
    except AppError as error:
        yield Problem("missing_base", "error", f"{base} {error.message}", hint=error.hint)
        return
    if facts.layout == "hub" and any(one.code == "not_here" for one in facts.problems):
        yield _fetched(base)
    for one in facts.problems:
        if one.severity == "error":
            yield Problem("unfit_base", "error", f"{base} {one.message}", hint=one.hint)


def _fetched(base: str) -> Problem:
    message = f"{base} is fetched from the Hugging Face hub when the training begins"
    hint = "a gated model needs your token for the hub"
    return Problem("base_fetched", "info", message, hint=hint)


def _disk(trainer: Trainer, needed: int) -> Iterator[Problem]:
    try:
        free = shutil.disk_usage(trainer.runs).free if trainer.runs else needed
    except OSError:
        return
    if free < needed:
        message = (
            f"{free / 1e9:.1f} GB of disk are free here; checkpoints and states take "
            f"{needed / 1e9:.1f} GB"
        )
        hint = "free some, save fewer states, or train elsewhere"
        yield Problem("little_disk_here", "error", message, hint=hint)
