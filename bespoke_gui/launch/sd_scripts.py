"""The sd-scripts checkout of this computer: where it is, and when it trains by default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bespoke_gui.core import settings
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.runspec import EMBEDDED

SCRIPT = "train_network.py"


def known_checkout() -> str:
    """The checkout of the settings, else of $BESPOKE_SD_SCRIPTS, else ""."""
    return settings.load().sd_scripts or os.environ.get("BESPOKE_SD_SCRIPTS", "")


def engine_for(base: str, given: str = "") -> str:
    """The engine that trains on `base` where nobody chose: kohya where there is a checkout.

    sd-scripts cannot train the embedded base, whose UNet is narrower than it allows.
    """
    return "kohya" if base != EMBEDDED and (given or known_checkout()) else "lora"


def engine_there(base: str, place: Mapping[str, Any]) -> str:
    """The engine that trains on `base` elsewhere where nobody chose: kohya on a machine of
    `place` that has a checkout, or on a rented one whose image has."""
    machine = place.get("machine") or place
    return "kohya" if base != EMBEDDED and machine.get("sd_scripts") else "lora"


def remembered_checkout(given: Path | None) -> Path:
    """The checkout to use, absolute; a given one is kept in the settings.

    Raises AppError kind "missing_package" when there is none, or it is no checkout.
    """
    folder = Path(given or known_checkout()).expanduser()
    if not (given or known_checkout()):
        hint = "give its folder with --sd-scripts, or use the engine lora"
        raise AppError("no sd-scripts checkout is known", hint=hint, kind="missing_package")
    if not (folder / SCRIPT).is_file():
        hint = "give the folder of a kohya-ss/sd-scripts checkout"
        raise AppError(f"holds no {SCRIPT}", file=folder, hint=hint, kind="missing_package")
    if given:
        kept = settings.load()
        kept.sd_scripts = str(folder.absolute())
        settings.save(kept)
    return folder.absolute()
