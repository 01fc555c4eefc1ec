"""The training images that a gallery is held against: those given, else its project's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.commands.output import say

if TYPE_CHECKING:
    import argparse

    from bespoke_gui.core.gallery import Gallery
    from bespoke_gui.core.look import Look
    from bespoke_gui.core.reference import Reference

WORDS = "training images, for limits and strays (the project's where the gallery lies in one)"


def add_reference(parser: argparse.ArgumentParser) -> None:
    """Declare --reference."""
    parser.add_argument("--reference", type=Path, metavar="DIR", help=WORDS)


def training_set(
    gallery: Gallery, given: Path | None, look: Look | None = None
) -> Reference | None:
    """Return the images of the folder given, else those of the project around the gallery, or None.

    Raises AppError where the folder given holds none that can be read; a project's that cannot be
    are said, and the rest goes on without.
    """
    from bespoke_gui.core.errors import AppError
    from bespoke_gui.core.project import find_project
    from bespoke_gui.core.reference import load_reference
    from bespoke_gui.core.score import look_of

    look = look or look_of(gallery)
    if given is not None:
        return load_reference(given, look)
    try:
        project = find_project(gallery.folder)
        return load_reference(project.folder, look) if project else None
    except AppError as error:
        say(f"warning: the project's training images are left out: {error.message}")
        return None


def look_at(gallery: Gallery) -> Look:
    """Return how to look at a gallery; colours that are locked are those of its training images.

    Raises AppError (kind "usage") where they are locked and there is no training set.
    """
    from bespoke_gui.core.downsample import DOWNSAMPLERS
    from bespoke_gui.core.reference import locked_to
    from bespoke_gui.core.score import look_of

    look = look_of(gallery)
    known = training_set(gallery, None) if DOWNSAMPLERS[look.downsampler].locks else None
    return locked_to(look, known)
