"""What a command gives back: one JSON object or text on stdout, progress on stderr."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Result:
    """The answer of a command. code: 0 fine, 1 problems found or work failed, 130 cancelled."""

    data: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    code: int = 0


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
