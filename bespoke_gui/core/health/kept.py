"""What people settled about the images of a project: pairs both wanted, pixels off the grid."""

from __future__ import annotations

from pathlib import Path

from bespoke_gui.core import lint_ignored
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lint_ignored import Ignored, heed_place, ignore_place
from bespoke_gui.core.prepared import off_grid
from bespoke_gui.core.prepared.off_grid import read_decisions

CODE = "near_images"


def keep_pair(folder: Path, a: str, b: str, kept: bool = True) -> None:
    """Note in a project that two images are both wanted, or forget it. Raises AppError."""
    if kept:
        ignore_place(folder, CODE, b, a)
    else:
        heed_place(folder, CODE, b, a)
        heed_place(folder, CODE, a, b)


def settled_at(folder: Path) -> tuple[int, ...]:
    """Return when what people settled was last written; it changes when they settle more."""
    found = []
    for name in (lint_ignored.FILE_NAME, off_grid.FILE_NAME):
        try:
            found.append((Path(folder) / name).stat().st_mtime_ns)
        except OSError:
            found.append(0)
    return tuple(found)


def decided_files(folder: Path) -> frozenset[str]:
    """Return the SHA-256 of the files whose pixels off the grid were decided about in a project.

    A list of decisions that cannot be read counts as none: preparing tells about it.
    """
    try:
        return frozenset(decision.sha256 for decision in read_decisions(folder).values())
    except AppError:
        return frozenset()


def is_kept(ignored: Ignored, a: str, b: str) -> bool:
    """Return whether two images were said to be both wanted, in whatever order."""
    return ignored.hides(CODE, b, a) or ignored.hides(CODE, a, b)
