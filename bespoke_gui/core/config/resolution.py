"""Resolution: the training size in a config, read as the trainer reads it."""

from __future__ import annotations

from typing import Any


def parse_resolution(value: Any) -> tuple[int, int] | None:
    """Read "512" or "512,384" as the trainer does; None when it cannot be read."""
    if not isinstance(value, str):
        return None
    parts = value.split(",")
    try:
        sizes = [int(part) for part in parts]
    except ValueError:
        return None
    sizes = sizes * 2 if len(sizes) == 1 else sizes
    return (sizes[0], sizes[1]) if len(sizes) == 2 and min(sizes) > 0 else None
