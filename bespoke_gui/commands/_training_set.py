"""The training images that a gallery is held against: those given, else its project's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from bespoke_gui.core.gallery import Gallery
    from bespoke_gui.core.look import Look

WORDS = "training images, for limits and strays (the project's where the gallery lies in one)"


def add_reference(parser: argparse.ArgumentParser) -> None:
    """Declare --reference."""
    parser.add_argument("--reference", type=Path, metavar="DIR", help=WORDS)


def training_set(folder: Path, given: Path | None) -> Path | None:
    """Return the folder given, else the project around `folder` where it has images, else None."""
    from bespoke_gui.core.errors import AppError
    from bespoke_gui.core.project import find_project
    from bespoke_gui.core.project_data import scan_project

    if given is not None:
        return given
    try:
        project = find_project(Path(folder).absolute())
        return project.folder if project and scan_project(project).used else None
    except AppError:
        return None


def look_at(gallery: Gallery) -> Look:
    """Return how to look at a gallery; colours that are locked are those of its training images.

    Raises AppError (kind "usage") where they are locked and there is no training set.
    """
    from bespoke_gui.core.reference import locked_to
    from bespoke_gui.core.score import look_of

    return locked_to(look_of(gallery), training_set(gallery.folder, None))
