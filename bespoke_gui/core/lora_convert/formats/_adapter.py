"""Adapter settings of peft: alpha of one module, as LoraConfig's own rules give it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError

_PLAIN = re.compile(r"[\w.]+")


def alpha_in(config: Mapping[str, Any], path: str, rank: int, file: Path) -> float:
    """Return a module's alpha; the rank where the settings say none.

    Raises AppError for DoRA and for patterns that are more than a name: running somebody's
    regular expression could take for ever.
    """
    if config.get("use_dora"):
        raise AppError("is a DoRA: its magnitudes have no place in a LoRA", file=file)
    patterns = config.get("alpha_pattern") or {}
    alpha = next((v for key, v in patterns.items() if _fits(key, path, file)), None)
    alpha = config.get("lora_alpha") if alpha is None else alpha
    if alpha is None:
        return float(rank)
    if not isinstance(alpha, (int, float)) or not math.isfinite(alpha):
        raise AppError(f"names no number as alpha of {path}", file=file)
    # rsLoRA divides by the root of the rank instead of the rank.
    return float(alpha) * (math.sqrt(rank) if config.get("use_rslora") else 1.0)


def _fits(key: str, path: str, file: Path) -> bool:
    plain = key.removeprefix("^").replace("\\.", ".")
    if not _PLAIN.fullmatch(plain):
        raise AppError(f"has a pattern instead of a name in its settings: {key[:80]}", file=file)
    return path == plain or (path.endswith(f".{plain}") and not key.startswith("^"))
