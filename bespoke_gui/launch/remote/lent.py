"""Lent keys: what an engine on another machine needs of ours, for the time of its run."""

from __future__ import annotations

import os
from pathlib import Path

from bespoke_gui.core import secrets
from bespoke_gui.core.runspec import EMBEDDED, RunSpec

HUB, WANDB = "huggingface", "wandb"


def services(spec: RunSpec) -> dict[str, str]:
    """Services whose keys a run needs there, by the variable that reads each: of the hub for a
    base that is fetched, of wandb for its log."""
    needed = {}
    if spec.base != EMBEDDED and not Path(spec.base).expanduser().exists():
        needed["HF_TOKEN"] = HUB
    if spec.config.get("log_with") in ("wandb", "all"):
        needed["WANDB_API_KEY"] = WANDB
    return needed


def lent(spec: RunSpec) -> dict[str, str]:
    """Those keys by variable: kept here by Bespoke, else in that very variable."""
    found = {
        name: secrets.get(kept) or os.environ.get(name) for name, kept in services(spec).items()
    }
    return {name: key for name, key in found.items() if key}
