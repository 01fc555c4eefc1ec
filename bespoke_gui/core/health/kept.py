"""Near-duplicates that are both wanted: kept in the project's lint.toml, for people to edit."""

from __future__ import annotations

from pathlib import Path

from bespoke_gui.core.lint_ignored import Ignored, heed_place, ignore_place

CODE = "near_images"


def keep_pair(folder: Path, a: str, b: str, kept: bool = True) -> None:
    """Note in a project that two images are both wanted, or forget it. Raises AppError."""
    if kept:
        ignore_place(folder, CODE, b, a)
    else:
        heed_place(folder, CODE, b, a)
        heed_place(folder, CODE, a, b)


def is_kept(ignored: Ignored, a: str, b: str) -> bool:
    """Return whether two images were said to be both wanted, in whatever order."""
    return ignored.hides(CODE, b, a) or ignored.hides(CODE, a, b)
