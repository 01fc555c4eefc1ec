"""What a command gives back: one JSON object or text on stdout, progress on stderr."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Result:
    """The answer of a command. code: 0 fine, 1 problems found or work failed, 130 cancelled."""

    data: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    code: int = 0


def as_json(data: dict[str, Any]) -> str:
    """Return one line that every JSON reader takes: dates as text, nan and infinity as text.

    A config may hold such values, which JSON has no word for.
    """
    try:
        return json.dumps(data, allow_nan=False, default=str)
    except ValueError:
        return json.dumps(_finite(data), allow_nan=False, default=str)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def say(text: str) -> None:
    """Print a message for people to standard error."""
    sys.stderr.write(text.rstrip("\n") + "\n")
    sys.stderr.flush()


def progress(done: int, total: int, what: str = "") -> None:
    """Show progress on standard error: one line rewritten on a terminal, silent elsewhere."""
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\r{done}/{total} {what}"[:100].ljust(100) + end)
        sys.stderr.flush()
